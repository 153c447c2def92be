"""Lines chained by hash. Altering, moving or removing a line breaks the chain.

The chain alone cannot show that lines are missing at its end, or that the whole file was written
anew. To find that out, compare its head with a copy that is kept elsewhere.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Any, Final

from remediator.value import Value

START: Final = "0" * 64
"""What the first line is chained to."""


class Head(Value):
    """The last line of a chain. A copy kept elsewhere shows later whether the chain is whole."""

    seq: int
    chain: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.chain}"


class Checked(Value):
    """The result of checking a chain."""

    lines: int
    """How many lines are whole, counted from the first."""
    head: Head | None
    broken: str | None = None
    """What is wrong with the next line. None if the chain is whole."""


def canonical(line: dict[str, Any]) -> str:
    """The only allowed form of a line."""
    return json.dumps(line, sort_keys=True, separators=(",", ":"), allow_nan=False)


def linked(line: dict[str, Any], before: Head | None) -> tuple[str, Head]:
    """The line as it is written, with its place in the chain, and the new head."""
    placed = {**line, "seq": before.seq + 1 if before else 0}
    chain = _hash(before.chain if before else START, canonical(placed))
    return canonical({**placed, "chain": chain}), Head(seq=placed["seq"], chain=chain)


def head_of(text: str) -> Head:
    """The head that a line makes.

    Raises:
        ValueError: it is not a line of a chain.
    """
    match json.loads(text):
        case {"seq": int(seq), "chain": str(chain)}:
            return Head(seq=seq, chain=chain)
        case _:
            raise ValueError("neither seq nor chain")


def check(lines: Iterable[bytes], wanted: Head | None = None) -> Checked:
    """Check a chain, line by line.

    Args:
        lines: the lines of the file, with their line ends.
        wanted: a head that was kept elsewhere. The chain must contain it.
    """
    head: Head | None = None
    number = 0
    for number, raw in enumerate(lines, 1):
        found = _next(raw, head)
        if isinstance(found, str):
            return Checked(lines=number - 1, head=head, broken=found)
        head = found
        if wanted and head.seq == wanted.seq and head.chain != wanted.chain:
            text = f"its chain is {head.chain}, not the one that was kept: the file was rewritten"
            return Checked(lines=number - 1, head=head, broken=text)
    if head is None:
        return Checked(lines=0, head=None, broken="there is no line at all")
    if wanted and head.seq < wanted.seq:
        text = f"lines are missing at the end: the head that was kept is number {wanted.seq}"
        return Checked(lines=number, head=head, broken=text)
    return Checked(lines=number, head=head)


def _next(raw: bytes, before: Head | None) -> Head | str:
    """The head that the next line makes, or what is wrong with the line."""
    if not raw.endswith(b"\n"):
        return (
            "torn: a process ended while it wrote this line; the next process that writes goes on "
            "from here"
        )
    try:
        text = raw[:-1].decode("ascii")
        line = json.loads(text)
        if not isinstance(line, dict) or canonical(line) != text:
            return "not in the form in which lines are written"
    except ValueError:
        return "no JSON in ASCII"
    line.pop("chain", None)
    if line.get("seq") != (wanted := before.seq + 1 if before else 0):
        return f"number {line.get('seq')!r} instead of {wanted}"
    written, head = linked(line, before)
    return head if written == text else "altered, or not the line that followed the previous line"


def _hash(before: str, text: str) -> str:
    return hashlib.sha256(f"{before}{text}".encode()).hexdigest()
