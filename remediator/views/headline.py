"""The numbers of a summary in one sentence, for those who read no further."""

from dataclasses import asdict
from typing import Final

from remediator.language import _, marked
from remediator.report.summary import Counts

_SENTENCE: Final = marked(
    "{failed} failed: {fixable} can be fixed, {needs_consent} need consent, {needs_human} need a "
    "human, {not_fixed} not fixed, {refused} left alone by a limit, {not_read} could not be read; "
    "{recovered} recovered"
)


def headline(counts: Counts) -> str:
    """The sentence, in the chosen language."""
    return _(_SENTENCE).format_map(asdict(counts))


def english_headline(counts: Counts) -> str:
    """The sentence in English, for forms that programs read."""
    return _SENTENCE.format_map(asdict(counts))
