"""The command that was typed, for those that tell a person what to type next."""

from collections.abc import Iterable
from shlex import join

from remediator.redaction import redacted


class _Typed:
    """Holds what was typed. The command line sets it once at its start."""

    arguments: tuple[str, ...] = ()


def remember(arguments: Iterable[str]) -> None:
    """Note the arguments of this command."""
    _Typed.arguments = tuple(arguments)


def again(*more: str, without: str | None = None) -> str:
    """The same command, to be copied into a shell. A password in it is masked.

    Args:
        more: what to add, as it is typed.
        without: a flag to leave out.
    """
    kept = [each for each in _Typed.arguments if each != without]
    return redacted(" ".join((join(("remediate", *kept)), *more)))
