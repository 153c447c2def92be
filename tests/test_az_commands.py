"""The `az` commands that people are told exist, with the flags that are told.

`data/az-flags.json` holds the flags of each command, from the parser of azure-cli 2.91. The flags
of the extensions `graph` and `serial-console`, of `network lb rule create` and of `group create`
are from their documentation.
"""

import json
import shlex
from pathlib import Path

import pytest

from remediator import actions
from remediator.actions.remove_locks import put_back_command
from remediator.change.az_protection import az_protection, az_resume, az_stop
from remediator.facts import Lock
from remediator.playbook.catalogue import read_catalogue
from tests.places import DATA

FLAGS: dict[str, list[str]] = {
    command: flags.split()
    for command, flags in json.loads((DATA / "az-flags.json").read_text("utf-8")).items()
}
SUBSCRIPTION = "/subscriptions/11111111-1111-1111-1111-111111111111"
ITEM = (
    f"{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.RecoveryServices/vaults/v/backupFabrics"
    "/Azure/protectionContainers/IaasVMContainer;n/protectedItems/VM;n"
)
LOCK = Lock(
    id="", name="keep", scope=f"{SUBSCRIPTION}/resourceGroups/g", level="x", notes="n", owners=()
)
OURS = {
    "resume": az_resume(ITEM, "policies/p"),
    "stop": az_stop(ITEM),
    "all disks": az_protection("update-for-vm", ITEM, "--disk-list-setting", "x", "--diskslist"),
    "lock": put_back_command(LOCK),
}
TOLD = [pytest.param(command, id=command) for command in OURS.values()] + [
    pytest.param(command, id=f"{playbook.name}: {command}")
    for playbook in read_catalogue().playbooks
    for command in playbook.manual.commands_for(None)
    if command.startswith("az ")
]


@pytest.mark.parametrize("command", TOLD)
def test_a_command_has_the_flags_that_are_told(command: str) -> None:
    words = shlex.split(command)[1:]
    first = next(n for n, word in enumerate(words) if word.startswith("-"))
    name = " ".join(words[:first])
    assert name in FLAGS, "no such command"
    flags = {word.partition("=")[0] for word in words if word.startswith("-")}
    assert flags <= set(FLAGS[name])


def test_a_group_is_named_with_its_subscription() -> None:
    """`az` may be set to another subscription, with a group and a vault of the same names."""
    said = [str(told.values[0]) for told in TOLD]
    for group, subscription in (("vault_group", "subscription"), ("vm_group", "vm_subscription")):
        by_group = [command for command in said if f"--resource-group {{{group}}}" in command]
        assert by_group
        assert [c for c in by_group if f"--subscription {{{subscription}}}" not in c] == []


def test_whatever_an_action_says_to_az_is_a_command() -> None:
    """The sources of the actions contain their commands, as the words after "az", "…"."""
    said = {
        " ".join(words)
        for path in Path(actions.__file__).parent.glob("*.py")
        for line in path.read_text("utf-8").splitlines()
        if '["az", ' in line
        for words in [_literals(line.partition('["az", ')[2])]
    }
    assert len(said) > 8
    assert {name for name in said if not any(known.startswith(name) for known in FLAGS)} == set()


def _literals(text: str) -> list[str]:
    words: list[str] = []
    for part in text.split(","):
        word = part.strip().strip("]")
        if not (word.startswith('"') and word.endswith('"')) or word.startswith('"-'):
            break
        words.append(word.strip('"'))
    return words
