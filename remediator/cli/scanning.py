"""The work of `remediate scan`: options to the flow, its result to a view and an exit code."""

import re
from dataclasses import replace
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from remediator.cli import Exit
from remediator.cli.askers import asker
from remediator.cli.codes import code_of_batch, code_of_estate
from remediator.cli.connect import with_session
from remediator.cli.forms import forms_of
from remediator.cli.masking import masked, masked_path
from remediator.cli.options.applying import ApplyOptions
from remediator.cli.options.azure import AzureOptions
from remediator.cli.options.job import ConsentOptions
from remediator.cli.options.limits import GateOptions
from remediator.cli.options.scan import DeedOptions, ScanOutputOptions, ScopeOptions
from remediator.cli.output import note, say, start_output, write
from remediator.cli.screen import Screen
from remediator.cli.terms import back, check_codes, given, terms
from remediator.errors import BadInputError
from remediator.flow.events import Event, Scanned
from remediator.flow.requests import Wanted
from remediator.flow.scan import ScanScope
from remediator.json_text import json_line, json_text
from remediator.language import _
from remediator.ordinary_file import read_ordinary
from remediator.plan.signing import read_private, signed
from remediator.report.estate import Estate, applied, compared, head_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from remediator.azure.session import Session
    from remediator.flow.ports import Means
    from remediator.flow.requests import Terms
    from remediator.flow.scan import Scan
    from remediator.guards.limits import Limits
    from remediator.plan.plan import Plan
    from remediator.report.details import Details

_LARGEST: Final = 256 * 1024 * 1024
"""The largest earlier scan that is read, in bytes."""

_NAME: Final = re.compile(r"[^A-Za-z0-9_.-]+")


def scan(
    azure: AzureOptions,
    where: ScopeOptions,
    consent: ConsentOptions,
    deed: DeedOptions,
    how: ApplyOptions,
    within: GateOptions,
    show: ScanOutputOptions,
) -> int:
    """Find and plan every failed backup in scope. With --apply, fix them as the guards allow.

    Raises:
        BadInputError: an option, a name or a file cannot be used.
    """
    from remediator.flow.keeping import keep
    from remediator.flow.owing import tell_forgotten
    from remediator.flow.scan import scan as scanned

    check_codes(where.codes, how.playbooks)
    asked = _asked(where, azure, deed, show)
    on, consented = terms(how, within), given(consent, how.playbooks)
    wanted = Wanted(given=consented, playbooks=how.playbooks, limits=within.limits())
    before, save = _earlier(deed.since_scan), _saving(deed)
    start_output(show)
    screen = Screen(show, plans=False, several=True)
    if deed.apply:
        tell_forgotten(screen, on.state)

    async def go(session: "Session") -> int:
        found = await scanned(session, _Teller(screen, show), asked, wanted, on.times)
        screen.read()
        try:
            estate = save(found) if save else found.estate
        except BadInputError:
            _put(screen, found.estate, found.details, show)
            raise
        code: int | None = None
        details = found.details
        if deed.apply and not estate.interrupted:
            limits = _limits(on.limits, deed.max_percent, estate.protected)
            estate, details, code = await _applied(
                _means(session, screen, how, show),
                found,
                estate,
                replace(on, limits=limits),
                replace(wanted, limits=limits),
            )
        keep(screen, on.state, estate)
        if before is not None:
            estate = compared(estate, before)
        _put(screen, estate, details, show)
        if code is None:
            code = code_of_estate(estate, applying=deed.apply, detailed=show.detailed_exitcode)
        return code or (Exit.ERROR if screen.lost else Exit.OK)

    with screen:
        screen.reading(_("reading the subscriptions and their vaults"))
        return with_session(azure, go)


def _put(
    screen: Screen, estate: Estate, details: "dict[str, Details]", show: ScanOutputOptions
) -> None:
    """Put out the result of the scan in each wanted form."""
    from remediator.report.summary import of_estate
    from remediator.views.estate_text import show_estate

    estate = masked(estate)
    details = masked(details)
    screen.put(
        lambda console: show_estate(console, estate, details if show.details else None),
        {
            "json": lambda: json_text(estate),
            "ndjson": lambda: json_line(estate.model_copy(update={"targets": ()})),
            **forms_of(lambda: of_estate(estate, details)),
        },
    )


class _Teller:
    """Passes events on to the screen. For a pipeline it prints each VM when it is known."""

    def __init__(self, screen: Screen, show: ScanOutputOptions) -> None:
        self._screen = screen
        self._show = show

    def hear(self, event: Event) -> None:
        """Tell an event."""
        if (
            self._show.has("ndjson")
            and isinstance(event, Scanned)
            and (target := event.target) is not None
        ):
            self._screen.put(None, {"ndjson": lambda: json_line(masked(target))})
        self._screen.hear(event)


def _asked(
    where: ScopeOptions, azure: AzureOptions, deed: DeedOptions, show: ScanOutputOptions
) -> ScanScope:
    endpoint = ("--arm-endpoint", quote(azure.arm_endpoint)) if azure.arm_endpoint else ()
    cloud = ("--cloud", azure.cloud) if azure.cloud else ()
    return ScanScope(
        subscriptions=where.subscriptions,
        management_groups=where.management_groups,
        since=back(where.since, "--since"),
        vaults=where.vaults,
        groups=where.groups,
        vms=where.vms,
        codes=where.codes,
        keep=deed.apply or deed.out_plans is not None,
        details=show.details or show.has("md") or show.has("html"),
        options=(*endpoint, *cloud),
    )


def _limits(limits: "Limits", percent: int | None, protected: int) -> "Limits":
    """The limits, with the number of VMs that the share allows."""
    if percent is None:
        return limits
    most = protected * percent // 100
    if limits.max_targets is not None:
        most = min(most, limits.max_targets)
    return limits.model_copy(update={"max_targets": most})


async def _applied(
    means: "Means", found: "Scan", estate: Estate, on: "Terms", wanted: Wanted
) -> "tuple[Estate, dict[str, Details], int | None]":
    """The estate and the details after the plans were applied.

    The third value is the exit code. It is None if another VM can make it worse.
    """
    from remediator.flow.several import Planned, apply_several
    from remediator.report.batch import one_for_each_vm, within
    from remediator.report.details import details_of

    plans, others = one_for_each_vm(found.plans)
    planned = Planned(estate.started, tuple(within(plans, on.limits)), tuple(others))
    if not planned.wanting:
        return estate, found.details, None
    if not means.asker.there:
        say("not applied: no terminal to ask on, and no --yes")
        return estate, found.details, Exit.REFUSED
    batch = await apply_several(means, planned, on, wanted)
    if batch is None:
        say("not approved; nothing was changed")
        return estate, found.details, Exit.REFUSED
    results = {target.job: target for target in batch.targets}
    targets = tuple(
        applied(target, results[target.job]) if target.job in results else target
        for target in estate.targets
    )
    ended = estate.model_copy(
        update={
            "targets": targets,
            "head": head_of(targets, len(estate.not_scanned)),
            "ended": batch.ended,
            "interrupted": batch.interrupted,
        }
    )
    # The VMs that have no change to make count too, and may be worse than a refusal.
    code = code_of_batch(batch)
    made = {each.plan.plan_id: details_of(each.plan, each) for each in batch.reports}
    return ended, found.details | made, None if code in (Exit.OK, Exit.REFUSED) else code


def _saving(deed: DeedOptions) -> "Callable[[Scan], Estate] | None":
    """What saves the plans, and signs them if the person asks for it. None if nothing is saved."""
    key = read_private(deed.sign) if deed.sign else None
    folder = deed.out_plans
    if folder is None:
        if key:
            raise BadInputError("--sign signs plans that are saved: give --out-plans too")
        return None
    _make_folder(folder)

    def save(found: "Scan") -> Estate:
        plans = [signed(plan, key) if key else plan for plan in found.plans]
        return _saved(found.estate, plans, folder)

    return save


def _saved(estate: Estate, plans: "list[Plan]", folder: Path) -> Estate:
    """Save the plans. The targets then tell where."""
    files: dict[str, str] = {}
    for plan in plans:
        name = _NAME.sub("-", plan.job.vm_name)[:60].strip(".-") or "vm"
        path = folder / f"{name}-{plan.plan_id.removeprefix('plan-')[:12]}.json"
        write(path, json_text(plan))
        files[plan.job.id] = str(path)
    place = quote(masked_path(str(folder)))
    note(f"{len(plans)} plans saved; to apply them: remediate apply {place}/*.json")
    targets = tuple(
        target.changed(plan_file=files.get(target.job or "")) for target in estate.targets
    )
    return estate.model_copy(update={"targets": targets})


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInputError(f"--out-plans {folder}: {error.strerror}") from None
    if any(folder.glob("*.json")):
        raise BadInputError(
            f"--out-plans {folder} holds plans already: an old plan must not be applied with the "
            "new ones; give an empty folder"
        )


def _earlier(path: Path | None) -> Estate | None:
    """The earlier scan that was saved as JSON."""
    if path is None:
        return None
    try:
        return Estate.model_validate_json(read_ordinary(path, _LARGEST))
    except OSError as error:
        raise BadInputError(f"--since-scan {path}: {error.strerror or error}") from None
    except ValidationError as error:
        at = ".".join(map(str, error.errors(include_url=False, include_input=False)[0]["loc"]))
        raise BadInputError(
            f"--since-scan {path}: not the JSON of a scan ({at or 'the file'}); "
            "`remediate scan --format json --output FILE` writes it"
        ) from None


def _means(
    session: "Session", screen: Screen, how: ApplyOptions, show: ScanOutputOptions
) -> "Means":
    from remediator.engine.engines import DbosEngines
    from remediator.flow.ports import Means

    return Means(session, DbosEngines(), asker(show, yes=how.yes), screen)
