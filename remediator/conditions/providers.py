"""The condition about the registration of the VM's subscription with Azure Backup's provider."""

from typing import Final

from remediator.conditions.condition import Condition, State
from remediator.facts import Facts, Source, Unknown
from remediator.ids import same_name

BACKUP: Final = "Microsoft.RecoveryServices"


def registration(facts: Facts) -> tuple[str, str] | Unknown:
    """The state of the registration, such as `NotRegistered`, and the request that told it."""
    if isinstance(facts.providers, Unknown):
        return facts.providers
    named = (each for each in facts.providers.value if same_name(each.namespace, BACKUP))
    found = next(named, None)
    if found is None:
        return Unknown(f"{BACKUP} is not among the answers ({facts.providers.source})")
    return found.state, facts.providers.source


def _provider(facts: Facts) -> State:
    found = registration(facts)
    if isinstance(found, Unknown):
        return State("unclear", found.reason)
    state, source = found
    word = {"registered": "registered", "notregistered": "unregistered"}.get(state.lower())
    return State(word or "unclear", f"{BACKUP} is {state} ({source})")


CONDITIONS: Final = (
    Condition(
        "backup_provider",
        ("registered", "unregistered", "unclear"),
        "Whether the VM's subscription is registered with Microsoft.RecoveryServices; `unclear` "
        "while it is being registered, or if it cannot be read.",
        frozenset({Source.PROVIDERS}),
        _provider,
    ),
)
