"""Tell words of the API, which must be spelt as recorded, from values that only name things."""

from typing import Any

NAMES = {
    "additionalInfo",
    "adminUsername",
    "availableVersion",
    "blobUri",
    "computerName",
    "dynamicErrorMessage",
    "containerName",
    "entityFriendlyName",
    "errorString",
    "errorTitle",
    "etag",
    "exactVersion",
    "friendlyName",
    "id",
    "keyData",
    "location",
    "message",
    "name",
    "notes",
    "offer",
    "osName",
    "osVersion",
    "path",
    "policyName",
    "possibleCauses",
    "protectedItemDataId",
    "publisher",
    "recommendations",
    "recommendations[]",
    "resourceGroup",
    "sku",
    "target",
    "title",
    "typeHandlerVersion",
    "uri",
    "version",
    "virtualMachineSize",
    "vmAgentVersion",
    "vmSize",
}
"""Keys whose values differ from thing to thing, or are for people. All other values are words."""

OF_THE_MOMENT = {
    "code",
    "displayStatus",
    "healthStatus",
    "lastBackupStatus",
    "level",
    "osType",
    "protectionState",
    "protectionStatus",
    "provisioningState",
    "status",
    "workloadType",
}
"""Words that depend on the moment or the machine. Any recorded word for the key is right."""

NUMBERS = {"actionsInfo[]", "type", "status", "scheduleWeeklyFrequency"}
"""Keys whose integers are words, too."""

FREE = ("tags", "propertyBag")
"""Objects whose values only name things, with any key."""

ONE_OF_A_KIND = ("taskId", "code", "type", "name")
"""Keys that tell the elements of a list apart. The first one that is present is used."""


def is_word(key: str, at: str, value: Any) -> bool:
    """Whether the value at a key must be a recorded one."""
    if any(f".{free}." in f"{at}." for free in FREE) or key in NAMES:
        return False
    if isinstance(value, str):
        return True
    return isinstance(value, int) and not isinstance(value, bool) and key in NUMBERS


def all_words(bodies: list[Any]) -> dict[str, set[Any]]:
    """Every recorded word, by its key."""
    found: dict[str, set[Any]] = {}

    def look(node: Any, key: str, at: str) -> None:
        if isinstance(node, dict):
            for name, value in node.items():
                look(value, name, f"{at}.{name}")
        elif isinstance(node, list):
            for value in node:
                look(value, f"{key}[]", f"{at}[]")
        elif is_word(key, at, node):
            found.setdefault(key, set()).add(node)

    for body in bodies:
        look(body, "", "")
    return found
