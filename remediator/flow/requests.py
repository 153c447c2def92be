"""What is asked of the flow."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from remediator.errors import PlanFileError
from remediator.facts.settings import Settings
from remediator.guards.consent import Consent
from remediator.guards.limits import Limits
from remediator.inspect.locate import Scope
from remediator.patience import Patience
from remediator.plan.plan import Plan
from remediator.record.state import State
from remediator.retention import RETAIN_DAYS, retained

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

AT_A_TIME: Final = 4
"""VMs that one command changes at a time, unless it is told otherwise."""


def _retain_until() -> date:
    return retained(datetime.now(UTC).date(), RETAIN_DAYS)


@dataclass(frozen=True, slots=True)
class Given:
    """What a person stands for: the code, what may be done, and what Azure does not tell."""

    said_code: str | None = None
    """The code or number of the failure, instead of classifying the job."""
    consent: Consent = field(default_factory=Consent)
    backup_service: str | None = None
    """The object id of Azure Backup's own service in the tenant."""
    restore_point_limit: int | None = None
    """Instant restore points that one VM may have, where the error does not say it."""
    retain_until: date = field(default_factory=_retain_until)
    """The day at whose begin the recovery points of on-demand backups expire."""

    def settings(self, backup_app_id: str | None) -> Settings:
        """What the person tells because Azure does not.

        Raises:
            BadInputError: the object id is not a GUID, or is the application's id.
        """
        return Settings.told(
            self.backup_service, backup_app_id, self.restore_point_limit, self.retain_until
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a job is found and planned."""

    given: Given = field(default_factory=Given)
    scope: Scope = field(default_factory=Scope)
    playbooks: Path | None = None
    """A folder of playbooks that come before the built-in ones."""
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True)
class Times:
    """How long is waited, and how often it is looked."""

    timeout: float = 7200.0
    """Seconds for the plan, and again for the run, of one VM."""
    poll: float = 30.0
    """Seconds between two looks, unless Azure asks for another interval."""

    def begin(self) -> Patience:
        """The patience that begins now."""
        return Patience(poll=self.poll, timeout=self.timeout)


@dataclass(frozen=True, slots=True)
class Signatures:
    """Whose signatures count."""

    keys: "tuple[Ed25519PublicKey, ...]" = ()
    """With any, a plan must be signed by one of them."""
    required: bool = False

    def check(self, plan: Plan) -> str | None:
        """The id of the key that approved a plan; None where nobody asks for one.

        Raises:
            PlanFileError: it is not approved by such a key.
        """
        if not self.keys:
            if self.required:
                raise PlanFileError(
                    f"{plan.plan_id}: nothing is applied but what a key of --verify signed "
                    "(--require-signature): plan --sign, then apply --verify; nothing was changed"
                )
            return None
        from remediator.plan.signing import verified

        return verified(plan, self.keys)


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms plans are applied."""

    state: State
    """Where runs are remembered."""
    times: Times = field(default_factory=Times)
    playbooks: Path | None = None
    limits: Limits = field(default_factory=Limits)
    """Of the side that applies; a plan's own hold besides."""
    preflight: bool = True
    """Whether it is looked first whether this identity may do all that is planned."""
    signatures: Signatures = field(default_factory=Signatures)
    signed_by: str | None = None
    """The key whose signature was verified."""
    given: Given | None = None
    """What is given for plans that were saved; None where the same command has made them."""
    to_queue: bool = False
    """Whether the runs are left to workers."""
    at_a_time: int = AT_A_TIME
    """VMs that are changed at a time."""

    def signed(self, key: str | None) -> "Terms":
        """The same, for a plan that this key signed."""
        return replace(self, signed_by=key)
