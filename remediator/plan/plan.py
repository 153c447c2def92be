"""Plan: versioned data. It can be saved, shown, approved, applied exactly, refused when stale."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import AwareDatetime, ValidationError

from remediator.change.step import Change, Held, Manual, Step, Unchanged
from remediator.checks import Finding
from remediator.errors import PlanFileError
from remediator.facts.settings import NOTHING_TOLD, Settings
from remediator.guards.consent import Consent
from remediator.guards.limits import NO_LIMITS, Limits
from remediator.job.failure import Failure
from remediator.job.job import Job
from remediator.ordinary_file import read_ordinary
from remediator.value import Value
from remediator.version import __version__

SCHEMA_VERSION: Final = "1"
LIFETIME: Final = timedelta(hours=24)
LARGEST: Final = 64 * 1024 * 1024
"""The most bytes of a plan file. A plan with thousands of restore points has a few million."""


class PlaybookRef(Value):
    """The playbook that a plan was made from."""

    name: str
    title: str
    origin: str
    digest: str
    sources: tuple[str, ...]


class Ladder(Value):
    """The VM's place on the playbook's ladder."""

    rung: str
    title: str
    number: int
    of: int


class Said(Value):
    """A condition at the time when the plan was made."""

    fact: str
    value: str
    """`unknown` when it could not be read. Then `because` gives the reason."""
    because: str


class Summary(Value):
    """The numbers of the plan. A pipeline can decide from the file alone."""

    changes: int
    unchanged: int
    held: int
    manual: int
    has_changes: bool
    data_loss: int
    """The number of restore points that the changes would lose for ever."""


class Signature(Value):
    """The approval of a plan. It covers the whole plan, with its id."""

    key_id: str
    value: str
    """Ed25519, in base64."""


class Plan(Value):
    """The exact steps for one job."""

    schema_version: Literal["1"] = SCHEMA_VERSION
    plan_id: str
    """A digest of everything except the signature. An edited plan no longer fits its id."""
    created: AwareDatetime
    expires: AwareDatetime
    tool_version: str
    endpoint: str
    job: Job
    failure: Failure
    playbook: PlaybookRef | None
    ladder: Ladder | None
    facts: tuple[Said, ...]
    findings: tuple[Finding, ...] = ()
    """The findings of the health checks that the playbook asks for."""
    steps: tuple[Step, ...]
    recipe: tuple[dict[str, Any], ...]
    """The rung's actions, as the playbook gives them. They are planned again before they are
    applied."""
    consent: Consent
    opt_ins: tuple[str, ...] = ()
    """The missing flags of consent to everything that is held. Empty when something else holds a
    step."""
    settings: Settings = NOTHING_TOLD
    limits: Limits = NO_LIMITS
    """The limits of the plan. They apply to every person who applies it, in addition to that
    person's own limits."""
    later: tuple[str, ...]
    """Titles of the rungs that come next, one after the other, if each one before does not help.
    Only rungs whose conditions can hold then."""
    notes: tuple[str, ...]
    summary: Summary
    signature: Signature | None = None
    """The signature of the person who approved the plan with a key. `apply --verify` checks it."""

    @property
    def changes(self) -> tuple[Change, ...]:
        """The changes that would be made, in order."""
        return tuple(step for step in self.steps if isinstance(step, Change))

    @property
    def refused(self) -> bool:
        """Whether a guard holds a change that could be made otherwise."""
        return any(isinstance(step, Held) and step.guard for step in self.steps)

    @property
    def pending(self) -> bool:
        """Whether a remedy is left that may be applied, or that only consent or a guard holds.

        A remedy is not pending while something else holds one of its steps, such as an unknown fact
        or a running job. No flag and no waiting for a guard would release it.
        """
        return bool(self.changes) or self.refused or bool(self.opt_ins)

    @property
    def settled(self) -> bool:
        """Whether nothing is left to do for this job, and no person is needed."""
        return bool(self.steps) and all(isinstance(step, Unchanged) for step in self.steps)


def sealed(**parts: Any) -> Plan:
    """A plan with its summary counted and its id computed."""
    steps: tuple[Step, ...] = tuple(parts["steps"])
    parts["summary"] = counted(steps)
    draft = Plan(plan_id="", tool_version=__version__, **parts)
    return draft.model_copy(update={"plan_id": _digest(draft)})


def counted(steps: tuple[Step, ...]) -> Summary:
    """The numbers of the steps."""
    kinds = [type(step) for step in steps]
    changes = [step for step in steps if isinstance(step, Change)]
    return Summary(
        changes=len(changes),
        unchanged=kinds.count(Unchanged),
        held=kinds.count(Held),
        manual=kinds.count(Manual),
        has_changes=bool(changes),
        data_loss=sum(len(change.loses) for change in changes),
    )


def resealed(plan: Plan, steps: tuple[Step, ...]) -> Plan:
    """The same plan with other steps. It has another id and no signature."""
    computed = ("schema_version", "plan_id", "tool_version", "summary", "signature")
    parts = {name: getattr(plan, name) for name in Plan.model_fields if name not in computed}
    return sealed(**(parts | {"steps": steps}))


def _digest(plan: Plan) -> str:
    draft = plan.model_copy(update={"plan_id": ""})
    content = draft.model_dump_json(exclude={"signature"})
    return f"plan-{hashlib.sha256(content.encode()).hexdigest()[:24]}"


def to_be_signed(plan: Plan) -> bytes:
    """The bytes that a signature covers: the whole plan in one fixed form, with its own prefix."""
    content = plan.model_dump(mode="json", exclude={"signature"})
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return f"remediate plan\n{plan.plan_id}\n{text}".encode()


def read_plan(path: Path) -> Plan:
    """Read a saved plan.

    Raises:
        PlanFileError: the file does not exist, is no plan, has another version, or was altered.
    """
    try:
        text = read_ordinary(path, LARGEST).decode("utf-8")
    except OSError as error:
        raise PlanFileError(f"{path}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise PlanFileError(f"{path}: cannot be read: it is no text in UTF-8") from None
    return parse_plan(text, str(path))


def parse_plan(text: str, where: str) -> Plan:
    """The plan that a text holds.

    Raises:
        PlanFileError: as for `read_plan`.
    """
    try:
        plan = Plan.model_validate_json(text)
    except ValidationError as error:
        raise PlanFileError(
            f"{where}: not a plan that this version can read: {_first_problem(error)}"
        ) from None
    check_seal(plan, where)
    return plan


def check_seal(plan: Plan, where: str) -> None:
    """Refuse a plan whose id is not that of its content.

    Raises:
        PlanFileError: it was altered.
    """
    if plan.plan_id != _digest(plan) or plan.summary != counted(plan.steps):
        raise PlanFileError(
            f"{where}: the plan was altered after it was made: its content does not match its id; "
            "make a new plan"
        )


def _first_problem(error: ValidationError) -> str:
    """The place and the kind of problem, without quoting the file: it may be an unexpected file."""
    first = error.errors(include_url=False, include_input=False)[0]
    match first["type"]:
        case "extra_forbidden":
            at, told = first["loc"][:-1], "a key that a plan cannot have there"
        case "json_invalid":
            at, told = (), "it is no JSON"
        case kind if kind.startswith(("union_tag", "value_error")):
            at, told = first["loc"], "a value that a plan cannot have there"
        case _:
            at, told = first["loc"], first["msg"]
    return f"{'.'.join(map(str, at)) or 'the file'}: {told}"


def check_expiry(plan: Plan, now: datetime) -> None:
    """Refuse a plan that is too old.

    Raises:
        PlanFileError: it has expired, or claims a longer lifetime than any plan has.
    """
    if now > plan.expires:
        raise PlanFileError(f"{plan.plan_id} expired at {plan.expires:%F %R}Z; make a new plan")
    if plan.expires - plan.created > LIFETIME:
        raise PlanFileError(
            f"{plan.plan_id} claims to be valid for longer than a plan may be; nothing was "
            "changed; make a new plan"
        )


def fingerprint(steps: tuple[Step, ...]) -> list[Mapping[str, Any]]:
    """The comparable form of a planning: everything except the wording of the reasons.

    The playbook's own guidance for a person is left out. No action plans it, and it depends on no
    fact.
    """
    return [
        step.model_dump(mode="json", exclude={"why": True, "change": {"why"}})
        for step in steps
        if not (isinstance(step, Manual) and step.action == "none")
    ]
