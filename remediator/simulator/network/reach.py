"""Whether a machine can reach the services that its backup needs."""

from remediator.simulator.network.state import Attachment

_NEEDED = ("AzureBackup", "Storage", "AzureActiveDirectory")
"""The documented service tags.

A rule for the whole cloud (AzureCloud) or for the internet covers them.
"""
_COVERING = {"*", "internet", "azurecloud", "0.0.0.0/0"}


def shut_in(attachment: Attachment) -> bool:
    """Tell whether some needed service is denied. The first rule that matches it decides."""
    return any(_denied(attachment, tag) for tag in _NEEDED)


def _denied(attachment: Attachment, tag: str) -> bool:
    for rule in sorted(attachment.rules, key=lambda each: each.priority):
        destination = rule.destination.lower()
        if destination in _COVERING or destination.partition(".")[0] == tag.lower():
            return not rule.allows
    return False
