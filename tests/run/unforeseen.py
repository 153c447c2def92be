"""`python -m tests.run.unforeseen SOURCE FIRST LAST ARGUMENTS...`: a command with a planted fault.

Its reads of a source raise an error that nobody foresaw. FIRST and LAST are the numbers of the
first and the last of these reads.
"""

import itertools
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from remediator import inspect
from remediator.cli import main
from remediator.facts import Facts, Source


def plant(source: Source, first: int, last: int) -> None:
    """Let some reads of a source raise an error. A look that knows only the job is not counted."""
    looks = inspect._LOOKS  # noqa: SLF001 - the fault must come where the code expects none
    real: Callable[..., Awaitable[Any]] = looks[source]
    numbers = itertools.count(1)

    async def look(reader: Any, about: Any, ask: Any) -> Any:
        if isinstance(about, Facts) and first <= next(numbers) <= last:
            raise LookupError(f"planted in {source}\nand a second line")
        return await real(reader, about, ask)

    looks[source] = look


if __name__ == "__main__":
    plant(Source(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
    main(sys.argv[4:])
