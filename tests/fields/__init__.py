"""The fields of Azure's answers that the tool needs, their readers, and the evidence for each.

`python -m tests.fields` writes `docs/fields.md` from `tests/data/fields.json`.
`python -m tests.fields --observe` renews that file: it plays every case of every playbook.
"""
