"""Options about a job, and about what may be done for it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from remediator.cli.completing import IMPACTS, codes, words
from remediator.cli.options import (
    AZURE,
    CONSENT,
    BackupService,
    Playbooks,
    ResourceGroup,
    Subscriptions,
    Vault,
)
from remediator.errors import BadInputError, did_you_mean
from remediator.retention import LONGEST, RETAIN_DAYS, retained

if TYPE_CHECKING:
    from remediator.guards.consent import Consent

_BEGUN = datetime.now(UTC).date()
"""The day on which this command began.

The command may run past midnight with the plan that was approved.
"""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ConsentOptions:
    """The consent, and values that Azure does not tell."""

    allow: Annotated[
        tuple[str, ...],
        typer.Option(
            "--allow",
            help="Apply changes of this impact too: downtime, cost, protection, security, guest, "
            "destructive. Repeatable.",
            autocompletion=words(*IMPACTS),
            rich_help_panel=CONSENT,
        ),
    ] = ()
    allow_data_loss: Annotated[
        bool,
        typer.Option(
            "--allow-data-loss",
            help="Allow the loss of restore points that exist nowhere else.",
            rich_help_panel=CONSENT,
        ),
    ] = False
    backup_service: BackupService = None
    restore_point_limit: Annotated[
        int | None,
        typer.Option(
            "--restore-point-limit",
            help="How many instant restore points a VM may have, if the error does not say it.",
            min=2,
            rich_help_panel=AZURE,
        ),
    ] = None
    retain_days: Annotated[
        int,
        typer.Option(
            "--retain-days",
            help="Days for which the recovery point of an on-demand backup is kept.",
            min=1,
            max=LONGEST,
            rich_help_panel=AZURE,
        ),
    ] = RETAIN_DAYS

    @property
    def retain_until(self) -> date:
        """The recovery points of this command's backups expire at the beginning of this day."""
        return retained(_BEGUN, self.retain_days)

    def consent(self) -> "Consent":
        """The consent that the person gave with flags.

        Raises:
            BadInputError: an impact class does not exist.
        """
        from remediator.change.step import Impact
        from remediator.guards.consent import Consent

        known = {impact.value: impact for impact in Impact}
        unknown = [name for name in self.allow if name not in known]
        if unknown:
            near = did_you_mean(unknown[0], known)
            raise BadInputError(f"--allow {unknown[0]!r} is not one of {', '.join(known)}{near}")
        impacts = frozenset(known[name] for name in self.allow)
        return Consent(impacts=impacts, data_loss=self.allow_data_loss)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class GivenOptions(ConsentOptions):
    """What the person vouches for: the code, the consent, and values that Azure does not tell."""

    error_code: Annotated[
        str | None,
        typer.Option(
            "--error-code",
            help="Take this code instead of classifying the job.",
            autocompletion=codes,
        ),
    ] = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class JobOptions(GivenOptions):
    """What is known of a job besides its id, and what may be done about it."""

    vault: Vault = None
    resource_group: ResourceGroup = None
    subscriptions: Subscriptions = ()
    playbooks: Playbooks = None
