"""Assumptions about restore point collections, which hold the instant restore points."""

import re
from typing import Final

from remediator.assumptions.assumption import Area, Assumption, every
from remediator.assumptions.seen import Seen, Thing, path_of

_COLLECTION: Final = re.compile(r"(?i)AzureBackup_.+_\d+")


def _collections(seen: Seen) -> list[Thing]:
    return seen.things("restorepointcollections")


def _made_by_backup(seen: Seen) -> list[Thing]:
    return [
        each for each in _collections(seen) if each.text("name").lower().startswith("azurebackup_")
    ]


def _source(collection: Thing) -> str:
    return collection.text("properties", "source", "id")


def _is_of_all(collection: Thing) -> bool:
    """Whether the collection is a row of the list of the whole subscription."""
    return collection.in_list and "resourcegroups" not in path_of(collection.pair)


ASSUMPTIONS: Final = (
    Assumption(
        "name-of-a-collection",
        Area.RESTORE_POINTS,
        "A collection of Azure Backup's is called AzureBackup_VM_NUMBER.",
        "Another's collections are never touched.",
        lambda seen: every(
            _made_by_backup(seen), lambda each: _COLLECTION.fullmatch(each.text("name")) is not None
        ),
    ),
    Assumption(
        "collection-names-its-vm",
        Area.RESTORE_POINTS,
        "A collection's source.id is the id of its VM.",
        "A VM's collections are found by it.",
        lambda seen: every(
            _collections(seen),
            lambda each: "/providers/microsoft.compute/virtualmachines/" in _source(each).lower(),
        ),
    ),
    Assumption(
        "list-of-all-collections-in-capitals",
        Area.RESTORE_POINTS,
        "The list of all collections of a subscription has the groups in upper case.",
        "Ids are compared without their casing.",
        lambda seen: every(
            [each for each in _collections(seen) if _is_of_all(each)],
            lambda each: (group := each.text("id").split("/")[4]) == group.upper(),
        ),
    ),
    Assumption(
        "point-tells-when-it-was-made",
        Area.RESTORE_POINTS,
        "A restore point has the time of its making in timeCreated.",
        "It tells old points from new ones.",
        lambda seen: every(
            seen.things("restorepoints"),
            lambda point: bool(point.text("properties", "timeCreated")),
        ),
    ),
)
