"""`remediate permissions` and `remediate doctor`: the permissions needed, and those held."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from remediator.change.operations import SHAPES
from remediator.change.step import Change, Held, Impact
from remediator.cli import Exit, lists
from remediator.cli.connect import with_session
from remediator.cli.jobs import job_of
from remediator.cli.masking import masked
from remediator.cli.options.azure import AzureOptions
from remediator.cli.options.output import ListOutputOptions, OutputOptions
from remediator.cli.options.rights import DoctorOptions, RoleOptions
from remediator.cli.output import put, start_output
from remediator.errors import BadInputError
from remediator.facts.settings import Settings
from remediator.guards.consent import Consent
from remediator.guards.preflight import Need, Right, needs_of, rights
from remediator.inspect.permissions import read_grants
from remediator.json_text import json_of, json_text
from remediator.plan.plan import Plan, read_plan
from remediator.playbook import permissions
from remediator.playbook.catalogue import Catalogue, read_catalogue

if TYPE_CHECKING:
    from remediator.azure.session import Session

_ON_THE_VM = "microsoft.compute/virtualmachines/"


def role(wanted: RoleOptions, show: OutputOptions) -> int:
    """Print the custom role.

    Raises:
        BadInputError: not exactly one of playbook, plan and all is given, or there is no such
            playbook.
    """
    if sum((wanted.playbook is not None, wanted.plan is not None, wanted.every)) != 1:
        raise BadInputError("give one of --playbook CODE, --plan FILE and --all")
    catalogue = read_catalogue(wanted.playbooks)
    if wanted.plan is not None:
        saved = read_plan(wanted.plan)
        name, actions = f"remediate {saved.plan_id}", _of_plan(saved, catalogue)
        job = saved.job
        both = (job.vault.subscription, job.subject.subscription)
        subscriptions = wanted.subscriptions or tuple(dict.fromkeys(both))
    else:
        name, actions = _of_playbooks(catalogue, wanted.playbook)
        subscriptions = wanted.subscriptions
    start_output(show)
    role = permissions.role(name, actions, subscriptions)
    put(show, None, {"json": lambda: json_text(role)})
    return Exit.OK


def _of_playbooks(catalogue: Catalogue, code: str | None) -> tuple[str, frozenset[str]]:
    if code is None:
        return "remediate", permissions.of_playbooks(catalogue.playbooks)
    found = catalogue.find(catalogue.known(code).name)
    assert found is not None  # noqa: S101 - every row has its playbook
    return f"remediate {found.name}", permissions.of_playbooks((found,))


def _of_plan(saved: Plan, catalogue: Catalogue) -> frozenset[str]:
    names = (str(recipe["action"]) for recipe in saved.recipe)
    playbook = catalogue.find(saved.failure.code)
    sources = playbook.may_read() if playbook else ()
    return permissions.of_changes(_all_changes(saved), names, sources)


def _all_changes(plan: Plan) -> tuple[Change, ...]:
    """The changes of a plan, including the held ones."""
    held = (step.change if isinstance(step, Held) else step for step in plan.steps)
    return tuple(step for step in held if isinstance(step, Change))


def doctor(azure: AzureOptions, wanted: DoctorOptions, show: ListOutputOptions) -> int:
    """Show for each permission whether this identity holds it.

    Raises:
        BadInputError: not exactly one of job and VM is given, or the job cannot be read.
    """
    if (wanted.job_id is None) == (wanted.vm is None):
        raise BadInputError("give one of --job-id ID and --vm VM")
    if wanted.job_id is not None:
        wanted = replace(wanted, job_id=job_of(wanted.job_id))
    start_output(show)

    async def go(session: "Session") -> int:
        needs = await _needs(session, wanted)
        grants = await read_grants(session.reader, (need.scope for need in needs))
        found = tuple(rights(needs, grants))
        _print(found, show)
        return Exit.OK if all(right.state == "held" for right in found) else Exit.UNFIXED

    return with_session(azure, go)


async def _needs(session: "Session", wanted: DoctorOptions) -> tuple[Need, ...]:
    if wanted.vm is not None:
        from remediator.inspect.locate_vm import locate_vm

        vm = await locate_vm(session.reader, wanted.vm, wanted.scope)
        return _for_any(str(vm), f"/subscriptions/{vm.subscription}")
    from remediator.inspect.locate import locate
    from remediator.plan.planning import plan_job

    made = await plan_job(
        session.reader,
        await locate(session.reader, wanted.job_id or "", wanted.scope, session.cloud.endpoint),
        read_catalogue(wanted.playbooks),
        said_code=None,
        consent=Consent(impacts=frozenset(Impact), data_loss=True),
        settings=Settings.told(None, session.cloud.backup_app_id, None),
        endpoint=session.cloud.endpoint,
        addressed=session.addressed,
        now=datetime.now(UTC),
    )
    return needs_of(_all_changes(made))


def _for_any(vm: str, subscription: str) -> tuple[Need, ...]:
    """All that any playbook may need: on the VM itself, and around it in its subscription."""
    every = sorted({shape.permission for shape in SHAPES.values()})
    return tuple(
        Need(each, vm if each.lower().startswith(_ON_THE_VM) else subscription) for each in every
    )


def _print(found: tuple[Right, ...], show: ListOutputOptions) -> None:
    from remediator.views.rights_text import show_rights

    found = masked(found)

    def told() -> str:
        return json_of({"schema_version": "1", "rights": [right.model_dump() for right in found]})

    put(
        show,
        lambda console: show_rights(console, found),
        {"json": told, "tsv": lambda: lists.tsv(lists.rights(found))},
    )
