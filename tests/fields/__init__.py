"""Which fields of Azure's answers the tool rests on, who reads them, and what says that they exist.

`python -m tests.fields` writes `docs/fields.md` from `tests/data/fields.json`, which
`python -m tests.fields --observe` renews by playing every case of every playbook.
"""
