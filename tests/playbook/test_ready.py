"""What is loaded while the first answer is on its way: all that the first job will need."""

import subprocess
import sys

_LOADED = """
import sys
from remediator.job.failure import classify
from remediator.plan import planning
from remediator.playbook.catalogue import read_catalogue
catalogue = read_catalogue()
before = set(sys.modules)
{ready}
had = set(sys.modules)
assert catalogue.find("UserErrorRpCollectionLimitReached")
print(len(had - before), *sorted(set(sys.modules) - had))
"""


def loaded(ready: str) -> list[str]:
    """How many modules the preparation loads, and those that the first playbook still loads."""
    program = _LOADED.format(ready=ready)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def test_the_first_playbook_loads_nothing_that_could_have_been_loaded_before() -> None:
    ahead, *late = loaded("catalogue.get_ready()")
    assert int(ahead) > 20
    # The YAML parser loads a small part of itself only when a file is read.
    assert set(late) <= {"ruamel.yaml.mergevalue"}
    assert len(loaded("pass")) > 20
