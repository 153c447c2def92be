"""The ``$filter`` of backup lists: ``name eq 'value' and ...``, and nothing more."""

import re

from remediator.simulator.reply import ArmError

_TERM = re.compile(r"\s*(\w+)\s+eq\s+'([^']*)'\s*")


def parse(text: str, allowed: set[str]) -> dict[str, str]:
    """Parse a filter into lower-case names and their values."""
    terms: dict[str, str] = {}
    known = {name.lower() for name in allowed}
    for part in re.split(r"\s+and\s+", text.strip(), flags=re.IGNORECASE) if text.strip() else ():
        match = _TERM.fullmatch(part)
        if match is None or match.group(1).lower() not in known:
            raise bad_filter()
        terms[match.group(1).lower()] = match.group(2)
    return terms


def bad_filter() -> ArmError:
    """The error for a filter. No recording has its status or code: unverified."""
    return ArmError(
        400,
        "BMSUserErrorInvalidInput",
        "Input provided for the call is invalid.",
        envelope="recovery",
    )
