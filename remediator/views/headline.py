"""The numbers of a summary in a few words, for those who read no further."""

from collections.abc import Callable, Iterator
from typing import Final

from remediator.language import _, _n, counted
from remediator.report.summary import Counts

Say = Callable[[str, str, int], str]
"""Chooses the form of a text for a count."""

_FAILED: Final = counted("{count} failed", "{count} failed")
_PLACES: Final = counted(
    "{count} subscription or vault could not be read",
    "{count} subscriptions or vaults could not be read",
)
_WITHOUT_JOB: Final = counted(
    "{count} of them has no failed job, but is late or not protected",
    "{count} of them have no failed job, but are late or not protected",
)


def headline(counts: Counts) -> str:
    """The numbers, in the chosen language."""
    return _told(counts, _n, (_(", "), _(": "), _("; ")))


def english_headline(counts: Counts) -> str:
    """The numbers in English, for forms that programs read."""
    return _told(counts, lambda one, many, count: one if count == 1 else many, (", ", ": ", "; "))


def _told(counts: Counts, say: Say, joints: tuple[str, str, str]) -> str:
    comma, colon, semicolon = joints

    def put(forms: tuple[str, str], count: int) -> str:
        return say(*forms, count).format(count=count)

    parts = comma.join(put(forms, count) for count, forms in _parts(counts) if count)
    first = put(_FAILED, counts.failed + counts.recovered) + (colon + parts if parts else "")
    others = ((counts.without_job, _WITHOUT_JOB), (counts.places, _PLACES))
    return semicolon.join([first, *(put(forms, count) for count, forms in others if count)])


def _parts(counts: Counts) -> Iterator[tuple[int, tuple[str, str]]]:
    """Each number with the two forms of its text. Each VM is in exactly one number."""
    yield counts.fixed, counted("{count} fixed", "{count} fixed")
    yield counts.fixable, counted("{count} will be fixed", "{count} will be fixed")
    yield counts.not_fixed, counted("{count} not fixed", "{count} not fixed")
    yield counts.needs_consent, counted("{count} needs consent", "{count} need consent")
    yield counts.needs_human, counted("{count} needs a human", "{count} need a human")
    refused = counted(
        "{count} refused by a guard or a limit", "{count} refused by a guard or a limit"
    )
    yield counts.refused, refused
    since = counts.recovered - counts.fixed
    yield since, counted("{count} recovered since", "{count} recovered since")
    unread = counts.not_read - counts.places
    yield unread, counted("{count} could not be read", "{count} could not be read")
