"""The kinds of rows and of results: the numbers of the head, and the colours of their meaning."""

from typing import Final

from remediator.language import marked
from remediator.report.batch import Standing
from remediator.run.run import Result
from remediator.views.html.page import Tone

KIND: Final = {
    Standing.PENDING: "fixable",
    Standing.QUEUED: "fixable",
    Standing.CONSENT: "needs_consent",
    Standing.HUMAN: "needs_human",
    Standing.NOT_REMEDIABLE: "needs_human",
    Standing.NOT_FIXED: "not_fixed",
    Standing.LOCK_OFF: "not_fixed",
    Standing.REFUSED: "refused",
    Standing.NOT_REACHED: "refused",
    Standing.NOT_CHECKED: "not_read",
    Standing.FIXED: "fixed",
    Standing.NOTHING_TO_DO: "recovered",
    Standing.SAME_VM: "same_vm",
}
"""The number of the head in which a row is counted. `same_vm` is in none."""

TONE: Final[dict[str, Tone]] = {
    "not_fixed": "bad",
    "needs_human": "human",
    "needs_consent": "ask",
    "not_read": "unread",
    "refused": "quiet",
    "fixable": "act",
    "fixed": "good",
    "recovered": "good",
    "same_vm": "quiet",
}
"""The colour of each kind, the most urgent first."""

LABEL: Final = {
    "failed": marked("failed"),
    "fixable": marked("will be fixed"),
    "needs_consent": marked("need consent"),
    "needs_human": marked("need a human"),
    "not_fixed": marked("not fixed"),
    "refused": marked("refused by a guard or a limit"),
    "not_read": marked("could not be read"),
    "fixed": marked("fixed"),
    "recovered": marked("recovered since"),
    "same_vm": marked("same VM"),
}
"""What the head calls each kind."""

ALWAYS: Final = ("fixable", "needs_consent", "needs_human", "not_read", "recovered")
"""The kinds that the head shows even if there is none. The others it shows only if there are."""

RESULT_TONE: Final[dict[Result, Tone]] = {
    Result.APPLIED: "good",
    Result.UNNEEDED: "quiet",
    Result.UNSETTLED: "ask",
    Result.NOT_REACHED: "quiet",
    Result.FAILED: "bad",
    Result.UNCERTAIN: "bad",
    Result.STALE: "bad",
}
"""The colour of what became of a change."""
