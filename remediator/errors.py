"""What can go wrong, as types. Every message is one line: what, where, and what to do.

A caller decides by type, never by reading the text.
"""

UNREADABLE = "UnreadableAnswer"
"""The code of an error that came of an answer which nobody can make sense of."""


class RemediateError(Exception):
    """Base of every failure that `remediate` foresees and explains in one line."""


class BadInputError(RemediateError):
    """The person gave something that cannot be used: a malformed id, an unknown option value."""


class JobNotRemediableError(RemediateError):
    """The job exists, but is not a failed one of an Azure VM."""


class PlaybookError(RemediateError):
    """A playbook file cannot be used. The message carries every problem, one per line."""


class PlanFileError(RemediateError):
    """A saved plan cannot be read, was altered, or has expired."""


class StateError(RemediateError):
    """The state of runs cannot be used: busy, too old, or not written by this tool."""


class UnwrittenError(StateError):
    """What a run does cannot be written down, so it does nothing more; it can be resumed."""


class LockOffError(RemediateError):
    """A run has ended without its report, and has left a lock off, or a VM's power changed."""


class VmBusyError(RemediateError):
    """Another run is at work on the VM; nothing was changed."""


class StalePlanError(RemediateError):
    """The subscription is no longer as the plan saw it; nothing was changed."""


class AzureError(RemediateError):
    """Azure refused, or could not be asked.

    Attributes:
        code: the ARM error code, such as ``ScopeLocked``; for a failure below HTTP, a word of ours
            such as ``ConnectionFailed``.
        status: the HTTP status, or None when no answer came.
        correlation_id: what Microsoft Support asks for; None when no answer came.
        arrived: False when the request certainly had no effect, True when it was taken on and its
            operation then failed, None when that is not known.
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
        """The code, and how long Azure asks to wait where that is longer than a minute."""
        if self.retry_after is None or self.retry_after <= 60:
            return self.code
        return f"{self.code}, Azure asks to wait {self.retry_after:.0f} seconds"

    @property
    def transient(self) -> bool:
        """Whether asking again later can help: throttled, unavailable, or no answer to be read."""
        unanswered = self.code in ("ConnectionFailed", UNREADABLE)
        return unanswered or self.status in (408, 429, 500, 502, 503, 504)


def first_line(error: BaseException) -> str:
    """The first line of what an error says."""
    return str(error).partition("\n")[0]
