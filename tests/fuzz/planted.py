"""`python -m tests.fuzz.planted FAULT ARGUMENTS`: `remediate` with a planted fault."""

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

from remediator.cli import main
from tests.fuzz.tool import prepare


def says_recovered() -> None:
    """Call every end of a run a recovery."""
    from remediator.run.verdict import Ending

    carry_out: Any = import_module("remediator.report.carry_out")
    judge = carry_out.judge

    def faulty(*about: Any) -> Any:
        return judge(*about).model_copy(update={"ending": Ending.RECOVERED})

    carry_out.judge = faulty


def tells_the_token() -> None:
    """Print the token."""
    import os

    print(os.environ["AZURE_ACCESS_TOKEN"], file=sys.stderr)


FAULTS: dict[str, Callable[[], None]] = {
    each.__name__: each for each in (says_recovered, tells_the_token)
}

if __name__ == "__main__":
    FAULTS[sys.argv.pop(1)]()
    prepare()
    main(sys.argv[1:])
