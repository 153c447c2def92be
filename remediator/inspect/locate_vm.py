"""Finds a VM from the person's text: its ARM id, or its name and other hints."""

import asyncio

from remediator import ids
from remediator.errors import AzureError, BadInputError
from remediator.inspect.locate import Scope, check_scope, visible_subscriptions
from remediator.inspect.wire import text
from remediator.reading import Api, Query, Reader

VM_TYPE = "Microsoft.Compute/virtualMachines"


async def locate_vm(reader: Reader, typed: str, scope: Scope) -> ids.ResourceId:
    """The VM that the person means. A VM that is given in full need not exist.

    Raises:
        BadInputError: the text is neither an id nor a name, or no VM or several have that name.
        AzureError: the subscriptions could not be listed.
    """
    typed = typed.strip()
    check_scope(scope)
    if typed.startswith("/"):
        return _parsed(typed)
    if not ids.is_segment(typed):
        raise BadInputError(f"--vm {typed!r} is neither a VM's ARM id nor a name")
    if len(scope.subscriptions) == 1 and scope.resource_group:
        group = f"/subscriptions/{scope.subscriptions[0]}/resourceGroups/{scope.resource_group}"
        return _parsed(f"{group}/providers/{VM_TYPE}/{typed}")
    subscriptions = scope.subscriptions or tuple(await visible_subscriptions(reader))
    answers = await asyncio.gather(*(_called(reader, each, typed) for each in subscriptions))
    unread = [answer for answer in answers if isinstance(answer, AzureError)]
    found = [
        vm
        for listed in answers
        if not isinstance(listed, AzureError)
        for vm in listed
        if not scope.resource_group or ids.same_name(vm.group, scope.resource_group)
    ]
    hint = f"; not all could be read: {unread[0]}" if unread else ""
    if len(found) == 1 and not unread:
        return found[0]
    if found:
        named = ", ".join(map(str, found))
        raise BadInputError(f"VMs called {typed}: {named}; give the ARM id{hint}")
    raise BadInputError(
        f"no VM {typed} in {len(subscriptions)} subscriptions looked at; to name a VM that is "
        f"gone, give its ARM id, or --subscription and --resource-group{hint}"
    )


async def _called(
    reader: Reader, subscription: str, name: str
) -> list[ids.ResourceId] | AzureError:
    query = Query(api=Api.COMPUTE, path=f"/subscriptions/{subscription}/providers/{VM_TYPE}")
    try:
        rows, _ = await reader.pages(query)
    except AzureError as error:
        return error
    return [_parsed(text(row, "id")) for row in rows if ids.same_name(text(row, "name"), name)]


def _parsed(arm_id: str) -> ids.ResourceId:
    try:
        found = ids.ResourceId.parse(arm_id)
    except ValueError:
        found = None
    if found is None or not found.is_a(VM_TYPE):
        raise BadInputError(
            f"{arm_id!r} is not a VM's id; expected /subscriptions/S/resourceGroups/G/providers/"
            f"{VM_TYPE}/NAME"
        )
    return found
