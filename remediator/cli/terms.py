"""From the options of a command to the requests of the flow."""

import re
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from remediator.cli.options.applying import ApplyOptions, RestoreOptions, RunOptions
from remediator.cli.options.job import ConsentOptions, GivenOptions, JobOptions
from remediator.cli.options.limits import GateOptions
from remediator.cli.state import state_of
from remediator.errors import BadInputError
from remediator.flow.requests import Given, Signatures, Terms, Times, Wanted
from remediator.inspect.locate import Scope
from remediator.playbook.catalogue import read_catalogue

if TYPE_CHECKING:
    from remediator.guards.limits import Limits

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|h|d|)")
_FARTHEST = timedelta(days=36_525)
"""A hundred years."""
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def check_codes(codes: Iterable[str], playbooks: Path | None) -> None:
    """Check the codes of failures that a person wants to see.

    Raises:
        BadInputError: one is unknown, and looks like a known one.
    """
    for code in codes:
        read_catalogue(playbooks).not_misspelt(code)


def _said_code(options: ConsentOptions, playbooks: Path | None) -> str | None:
    """The code that the person names.

    Raises:
        BadInputError: no playbook has it.
    """
    if not isinstance(options, GivenOptions) or options.error_code is None:
        return None
    read_catalogue(playbooks).known(options.error_code)
    return options.error_code


def given(options: ConsentOptions, playbooks: Path | None) -> Given:
    """What the person vouches for.

    Raises:
        BadInputError: an impact class or a code does not exist.
    """
    return Given(
        said_code=_said_code(options, playbooks),
        consent=options.consent(),
        backup_service=options.backup_service,
        restore_point_limit=options.restore_point_limit,
        retain_until=options.retain_until,
    )


def wanted(options: JobOptions, limits: "Limits") -> Wanted:
    """How a job is found and planned.

    Raises:
        BadInputError: as for `given`.
    """
    scope = Scope(
        subscriptions=options.subscriptions,
        resource_group=options.resource_group,
        vault=options.vault,
    )
    return Wanted(
        given=given(options, options.playbooks),
        scope=scope,
        playbooks=options.playbooks,
        limits=limits,
    )


def times(how: RunOptions | RestoreOptions) -> Times:
    """How long to wait, and how often to look.

    Raises:
        BadInputError: --timeout is not a duration.
    """
    return Times(timeout=seconds(how.timeout), poll=how.poll_interval)


def terms(how: ApplyOptions, within: GateOptions) -> Terms:
    """The terms on which plans are applied.

    Raises:
        BadInputError: an option cannot be understood, or a key cannot be read.
    """
    return Terms(
        state=state_of(how.state),
        times=times(how),
        playbooks=how.playbooks,
        limits=within.limits(),
        preflight=not within.no_preflight,
        signatures=Signatures(tuple(how.signatures.read()), how.signatures.required),
        given=given(how.given, how.playbooks) if how.given is not None else None,
        to_queue=how.enqueue,
        at_a_time=how.at_a_time,
    )


def back(text: str, option: str) -> timedelta:
    """How far back to look.

    Raises:
        BadInputError: the text is not a duration, it is 0, or it is too long.
    """
    return past(seconds(text, option), f"{option} {text!r}")


def past(length: float, said: str) -> timedelta:
    """So many seconds, as a time to look back.

    Raises:
        BadInputError: it is longer than records can be old. Python's calendar would not hold it.
    """
    if length > _FARTHEST.total_seconds():
        raise BadInputError(f"{said} reaches back too far")
    return timedelta(seconds=length)


def seconds(text: str, option: str = "--timeout") -> float:
    """The seconds of a duration such as 90s, 45m, 3h.

    Raises:
        BadInputError: the text is not a duration, or it is 0.
    """
    match = _DURATION.fullmatch(text.strip().lower())
    if not match:
        raise BadInputError(f"{option} {text!r} is not a duration such as 90s, 45m, 3h or 7d")
    found = float(match[1]) * _SECONDS[match[2]]
    if not found:
        raise BadInputError(f"{option} 0 leaves no time")
    return found
