"""`python -m tests.chaos.tool ARGUMENTS`: the command, with guards that look ten times a second.

And with a clock of its own that may be wrong by hours or days, as the environment says.
"""

import os
import sys
from datetime import UTC, datetime, timedelta

from remediator.cli import main
from remediator.engine.durable import Engine
from remediator.flow import carrying
from tests.chaos.calendar import OFFSET

LOOKS = 0.1
"""Seconds between a guard's looks."""


def prepare() -> None:
    """Let guards look often, and let this process believe its own date."""
    wrong = timedelta(seconds=float(os.environ.get(OFFSET, "0")))
    defaults = Engine.__init__.__kwdefaults__ or {}
    defaults["guard_looks"] = LOOKS
    carrying._now = lambda: datetime.now(UTC) + wrong  # noqa: SLF001 - a clock is what is planted


if __name__ == "__main__":
    prepare()
    main(sys.argv[1:])
