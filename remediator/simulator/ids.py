"""ARM ids, and the stable GUIDs of simulated resources."""

import uuid
from urllib.parse import unquote

_NAMESPACE = uuid.UUID("6f1d0f5e-3f64-4b8e-9d7c-1c2b6a3e5d10")


def guid(*parts: object) -> str:
    """Derive a GUID from names, so that the same scenario always has the same GUID."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(str(part).lower() for part in parts)))


def job_name(group: str, vm: str, number: int) -> str:
    """Name a VM's ``number``-th job. Numbers count from 1, in the order of their start."""
    return guid("job", group, vm, number)


def same(one: str, other: str) -> bool:
    """Compare two ids or names as Azure does: case does not matter."""
    return one.lower() == other.lower()


def within(target: str, scope: str) -> bool:
    """Tell whether ``target`` is ``scope`` or lies below it."""
    inner, outer = target.lower().rstrip("/"), scope.lower().rstrip("/")
    return inner == outer or inner.startswith(outer + "/")


def decoded_path(raw: str) -> str:
    """Decode a request's path and collapse slashes.

    Some clients quote a whole scope and send ``/%2Fsubscriptions%2F..``. ARM reads it as
    ``/subscriptions/..``.
    """
    path = unquote(raw.partition("?")[0])
    return "/" + "/".join(part for part in path.split("/") if part)


def group_id(subscription: str, group: str) -> str:
    """Build a resource group's id."""
    return f"/subscriptions/{subscription}/resourceGroups/{group}"


def resource_id(subscription: str, group: str, kind: str, name: str) -> str:
    """Build a resource's id; ``kind`` is like ``Microsoft.Compute/virtualMachines``."""
    return f"{group_id(subscription, group)}/providers/{kind}/{name}"
