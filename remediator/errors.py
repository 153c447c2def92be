"""The errors of this tool, as types. Each message is one line: what failed, where, what to do.

A caller decides by the type and never reads the text.
"""

from collections.abc import Iterable

UNREADABLE = "UnreadableAnswer"
"""The code of the error when Azure gave an answer that cannot be understood."""

SCRIPT_FAILED = "GuestScriptFailed"
"""The code of the error when a script in a guest ended with an error, and its answer is lost."""

LONGEST_WORD = 200
"""So many characters of an unknown word are compared with the known ones."""


class RemediateError(Exception):
    """The base of every failure that `remediate` foresees and explains in one line."""


class BadInputError(RemediateError):
    """The person gave a value that cannot be used: a malformed id, an unknown option value."""


class JobNotRemediableError(RemediateError):
    """The job exists, but it is not a failed job of an Azure VM."""


class PlaybookError(RemediateError):
    """A playbook file cannot be used. The message names every problem, one per line."""


class PlanFileError(RemediateError):
    """A saved plan cannot be read, was altered, or has expired."""


class StateError(RemediateError):
    """The state of runs cannot be used: busy, too old, or not written by this tool."""


class UnwrittenError(StateError):
    """A run cannot write down what it does, so it does nothing more. The run can be resumed."""


class LockOffError(RemediateError):
    """A run ended without its report. A lock is still off, or the VM's power is still changed."""


class VmBusyError(RemediateError):
    """Another run is at work on the VM; nothing was changed."""


class StalePlanError(RemediateError):
    """The subscription is no longer as the plan saw it. Nothing was changed."""


class AzureError(RemediateError):
    """Azure refused, or could not be asked.

    Attributes:
        code: the ARM error code, such as ``ScopeLocked``. A failure below HTTP has a code of this
            tool, such as ``ConnectionFailed``.
        status: the HTTP status, or None when no answer came.
        correlation_id: the id that Microsoft Support asks for; None when no answer came.
        arrived: False when the request certainly had no effect. True when Azure accepted the
            request and its operation failed later. None when neither is known.
        retry_after: seconds that Azure asked to wait, or None.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str,
        status: int | None = None,
        correlation_id: str | None = None,
        arrived: bool | None = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.correlation_id = correlation_id
        self.arrived = arrived
        self.retry_after = retry_after

    @property
    def brief(self) -> str:
        """The code. If Azure asks to wait longer than a minute, the number of seconds too."""
        if self.retry_after is None or self.retry_after <= 60:
            return self.code
        return f"{self.code}, Azure asks to wait {self.retry_after:.0f} seconds"

    @property
    def transient(self) -> bool:
        """Whether asking again later can help: throttled, unavailable, or no readable answer."""
        unanswered = self.code in ("ConnectionFailed", UNREADABLE)
        return unanswered or self.status in (408, 429, 500, 502, 503, 504)


def first_line(error: BaseException) -> str:
    """The first line of what an error says."""
    return str(error).partition("\n")[0]


def closest(said: str, known: Iterable[str], most: int = 1, like: float = 0.6) -> list[str]:
    """The known words that are spelt most like a word, in any casing, the most similar first.

    Args:
        said: the word that nobody knows.
        known: the known words.
        most: how many words are returned at most.
        like: how similar a word must be. 1 means equal.
    """
    from difflib import get_close_matches

    by_spelling = {each.lower(): each for each in known}
    found = get_close_matches(said[:LONGEST_WORD].lower(), by_spelling, most, like)
    return [by_spelling[each] for each in found]


def did_you_mean(said: str, known: Iterable[str], listed: str = "") -> str:
    """The end of an error about an unknown word: the closest known word, if one is close.

    Args:
        said: the unknown word.
        known: the known words.
        listed: the command that lists them all. The end names it too.
    """
    near = "".join(f"; did you mean {each}?" for each in closest(said, known))
    if not listed:
        return near
    return f"{near} See {listed}" if near else f"; see {listed}"
