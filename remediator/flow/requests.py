"""What a caller asks the flow for."""

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
"""How many VMs one command changes at a time, unless the caller gives another number."""


def _retain_until() -> date:
    return retained(datetime.now(UTC).date(), RETAIN_DAYS)


@dataclass(frozen=True, slots=True)
class Given:
    """What a person vouches for: the code, the consent, and values that Azure does not tell."""

    said_code: str | None = None
    """The failure's code or number. If given, the job is not classified."""
    consent: Consent = field(default_factory=Consent)
    backup_service: str | None = None
    """The object id of Azure Backup's own service in the tenant."""
    restore_point_limit: int | None = None
    """How many instant restore points one VM may have, if the error does not say it."""
    retain_until: date = field(default_factory=_retain_until)
    """The recovery points of on-demand backups expire at the beginning of this day."""

    def settings(self, backup_app_id: str | None) -> Settings:
        """The values that a person gives because Azure does not tell them.

        Raises:
            BadInputError: the object id is not a GUID, or it is the application's id.
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
    """How long to wait, and how often to look."""

    timeout: float = 7200.0
    """Seconds for the plan of one VM, and again for its run."""
    poll: float = 30.0
    """Seconds between two looks, unless Azure asks for another interval."""

    def begin(self) -> Patience:
        """A new patience. Its time begins now."""
        return Patience(poll=self.poll, timeout=self.timeout)


@dataclass(frozen=True, slots=True)
class Signatures:
    """The keys whose signatures count."""

    keys: "tuple[Ed25519PublicKey, ...]" = ()
    """If there are keys, one of them must have signed the plan."""
    required: bool = False

    def check(self, plan: Plan) -> str | None:
        """The id of the key that signed a plan. None if no signature is required.

        Raises:
            PlanFileError: none of these keys has signed the plan.
        """
        if not self.keys:
            if self.required:
                raise PlanFileError(
                    f"{plan.plan_id} is not signed with a key of --verify, and "
                    "--require-signature demands that: use plan --sign, then apply --verify; "
                    "nothing was changed"
                )
            return None
        from remediator.plan.signing import verified

        return verified(plan, self.keys)


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms on which plans are applied."""

    state: State
    """Where runs are remembered."""
    times: Times = field(default_factory=Times)
    playbooks: Path | None = None
    limits: Limits = field(default_factory=Limits)
    """The limits of the command that applies. The plan's own limits hold too."""
    preflight: bool = True
    """Whether to check first that this identity may make all planned changes."""
    signatures: Signatures = field(default_factory=Signatures)
    signed_by: str | None = None
    """The key whose signature was verified."""
    given: Given | None = None
    """What a person gave for saved plans. None if the same command has made the plans."""
    to_queue: bool = False
    """Whether workers carry out the runs."""
    at_a_time: int = AT_A_TIME
    """How many VMs are changed at the same time."""

    def signed(self, key: str | None) -> "Terms":
        """The same terms, for a plan that this key signed."""
        return replace(self, signed_by=key)
