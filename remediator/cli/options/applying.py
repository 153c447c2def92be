"""Options for applying a plan, and for its signature."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from remediator.cli.options import CONSENT, Playbooks, PollInterval, State, Timeout, Yes

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from remediator.cli.options.job import GivenOptions


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RunOptions:
    """How a run is carried out, no matter who approved it."""

    timeout: Timeout = "2h"
    poll_interval: PollInterval = 30.0
    state: State = None
    playbooks: Playbooks = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RestoreOptions:
    """How locks are put back."""

    timeout: Timeout = "10m"
    poll_interval: PollInterval = 10.0
    state: State = None
    yes: Yes = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SignatureOptions:
    """The keys whose signatures count."""

    keys: tuple[Path, ...] = ()
    """Public keys. If there are any, one of them must have signed the plan."""
    required: Annotated[
        bool,
        typer.Option(
            "--require-signature",
            help="Apply only a saved plan whose signature --verify confirms.",
            rich_help_panel=CONSENT,
        ),
    ] = False

    def read(self) -> "list[Ed25519PublicKey]":
        """Read the keys.

        Raises:
            BadInputError: one of them cannot be read.
        """
        if not self.keys:
            return []
        from remediator.plan.signing import read_public

        return [read_public(path) for path in self.keys]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class VerifyOptions(SignatureOptions):
    """The keys whose signatures count for a saved plan. Only a saved plan can be signed."""

    keys: Annotated[
        tuple[Path, ...],
        typer.Option(
            "--verify",
            help="Apply only what this public key signed. Repeatable: any of them.",
            rich_help_panel=CONSENT,
        ),
    ] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ApplyOptions(RunOptions):
    """How a plan is approved here, and how it is carried out."""

    yes: Yes = False
    signatures: SignatureOptions = SignatureOptions()
    given: "GivenOptions | None" = None
    """What a person gives for saved plans. None if the same command makes the plans."""
    enqueue: bool = False
    """Whether a worker carries out the run."""
    at_a_time: int = 4
    """How many VMs are changed at the same time."""
