"""The `az` commands with which a person changes a VM's protection, or undoes a change of it."""

import shlex

from remediator import ids


def az_protection(verb: str, item_id: str, *more: str) -> str:
    """An `az backup protection` command for a protected item."""
    at = ids.ResourceId.parse(item_id)
    vault, _, container, item = at.names
    words = ["az", "backup", "protection", verb, "--subscription", at.subscription]
    words += ["--resource-group", at.group, "--vault-name", vault]
    words += ["--container-name", container, "--item-name", item, *more]
    if verb != "update-for-vm":  # that command is only for VMs, and refuses this option
        words += ["--backup-management-type", "AzureIaasVM"]
    return shlex.join(words)


def az_resume(item_id: str, policy_id: str | None) -> str:
    """The command that resumes a stopped protection."""
    name = policy_id.rsplit("/", 1)[-1] if policy_id else "POLICY"
    return az_protection("resume", item_id, "--policy-name", name)


def az_stop(item_id: str) -> str:
    """The command that stops a protection and keeps its data."""
    return az_protection("disable", item_id, "--yes")


def az_set_policy(item_id: str, policy_id: str) -> str:
    """The command that gives a protected item another policy."""
    at = ids.ResourceId.parse(item_id)
    vault, _, container, item = at.names
    words = ["az", "backup", "item", "set-policy", "--subscription", at.subscription]
    words += ["--resource-group", at.group, "--vault-name", vault]
    words += ["--container-name", container, "--name", item]
    words += ["--policy-name", policy_id.rsplit("/", 1)[-1]]
    return shlex.join([*words, "--backup-management-type", "AzureIaasVM"])
