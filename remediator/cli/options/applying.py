"""How a plan is applied, and whose signature it takes."""

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
    """How a run is carried out, by whomever it was approved."""

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
    """Whose signatures count."""

    keys: tuple[Path, ...] = ()
    """Public keys; with any, a plan must be signed by one of them."""
    required: Annotated[
        bool,
        typer.Option(
            "--require-signature",
            help="Apply nothing but a saved plan whose signature --verify confirms.",
            rich_help_panel=CONSENT,
        ),
    ] = False

    def read(self) -> "list[Ed25519PublicKey]":
        """The keys.

        Raises:
            BadInputError: one of them cannot be read.
        """
        if not self.keys:
            return []
        from remediator.plan.signing import read_public

        return [read_public(path) for path in self.keys]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class VerifyOptions(SignatureOptions):
    """Whose signatures count for a plan that was saved, and so can be signed."""

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
    """How a plan is approved here and carried out."""

    yes: Yes = False
    signatures: SignatureOptions = SignatureOptions()
    given: "GivenOptions | None" = None
    """What is given for plans that were saved; None where they are made by the same command."""
    enqueue: bool = False
    """Whether the run is left to a worker."""
    at_a_time: int = 4
    """VMs that are changed at a time."""
