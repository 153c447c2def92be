"""The complaints of a command that cannot do its task: one clear line per problem."""

from tests.command import Ended


def complaints(ended: Ended, code: int) -> list[str]:
    """The problems on stderr, without their prefix. Stderr must hold nothing else.

    That is: no traceback, no stray warning, no control character, no internal error.
    """
    said = ended.check(code).err
    assert said.endswith("\n"), said
    lines = said.removesuffix("\n").split("\n")
    assert all(line.startswith("remediate: ") for line in lines), said
    assert "internal error" not in said, said
    assert all(c.isprintable() for line in lines for c in line), repr(said)
    return [line.removeprefix("remediate: ") for line in lines]


def complaint(ended: Ended, code: int) -> str:
    """The only problem on stderr."""
    found = complaints(ended, code)
    assert len(found) == 1, found
    assert ended.out == "", ended.out
    return found[0]
