"""Assumptions about management locks."""

from typing import Final

from remediator.assumptions.assumption import Area, Assumption, every, some
from remediator.assumptions.seen import Seen, Thing, path_of
from remediator.recording.pair import Pair

_LEVELS: Final = frozenset({"CanNotDelete", "ReadOnly"})
_TAIL: Final = "/providers/microsoft.authorization/locks"


def _locks(seen: Seen) -> list[Thing]:
    return seen.things("locks")


def _scope(lock: Thing) -> str:
    return lock.text("id").lower().rpartition(f"{_TAIL}/")[0]


def _asked(lock: Thing) -> str:
    """The scope whose locks were listed."""
    return ("/" + "/".join(path_of(lock.pair))).rpartition(_TAIL)[0]


def _inherited(seen: Seen) -> list[Thing]:
    return [
        lock
        for lock in _locks(seen)
        if lock.in_list and _asked(lock).startswith(f"{_scope(lock)}/")
    ]


def _below(seen: Seen) -> list[Thing]:
    return [
        lock
        for lock in _locks(seen)
        if lock.in_list and _scope(lock).startswith(f"{_asked(lock)}/")
    ]


def _deletes(seen: Seen) -> list[Pair]:
    return [
        pair
        for pair in seen.pairs
        if pair.method == "DELETE" and path_of(pair)[-2:-1] == ["locks"] and pair.status < 400
    ]


ASSUMPTIONS: Final = (
    Assumption(
        "list-holds-inherited-locks",
        Area.LOCKS,
        "A list of locks holds those of the scopes above, too.",
        "Otherwise a lock on the subscription would be overlooked.",
        lambda seen: some(_inherited(seen)),
    ),
    Assumption(
        "list-holds-locks-below",
        Area.LOCKS,
        "A list of locks holds those of what lies below, too.",
        "Locks of collections are found by one request for their group.",
        lambda seen: some(_below(seen)),
    ),
    Assumption(
        "levels-of-locks",
        Area.LOCKS,
        "The level of a lock is CanNotDelete or ReadOnly.",
        "A lock of another level is not understood.",
        lambda seen: every(
            _locks(seen),
            lambda lock: lock.text("properties", "level") in _LEVELS,
            lambda lock: lock.text("properties", "level"),
        ),
    ),
    Assumption(
        "delete-of-a-lock",
        Area.LOCKS,
        "The delete of a lock answers 200 without a body, and 204 where it was gone.",
        "It tells a repeated delete from the first.",
        lambda seen: every(
            _deletes(seen),
            lambda pair: pair.status in (200, 204) and not pair.body,
            lambda pair: str(pair.status),
        ),
    ),
)
