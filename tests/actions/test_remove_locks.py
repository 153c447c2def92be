"""Which locks a run may remove, and the command that puts a lock back."""

import shlex
from argparse import ArgumentParser

from hypothesis import example, given
from hypothesis import strategies as st

from remediator.actions.remove_locks import RemoveLocks, put_back_command
from remediator.change.step import Held
from remediator.conditions.locks import why_lock_stays
from remediator.facts import Collection, Known, Lock, Unknown
from tests.any_value import FLAGS, GROUP, NAMES, NOW, SUBSCRIPTION, recased
from tests.classified import facts


def collection(name: str, *, own: bool | None, group: str = GROUP) -> Collection:
    return Collection(
        id=f"{group}/providers/Microsoft.Compute/restorePointCollections/{name}",
        name=name,
        group=group.rsplit("/", 1)[-1],
        service_group=own,
    )


@given(
    st.sampled_from(["collection", "group", "subscription", "other group", "point"]),
    st.sampled_from([True, False, None]),
    st.lists(NAMES, max_size=2),
    FLAGS,
)
def test_a_lock_may_go_only_from_azure_backups_own_group_and_this_vms_collections(
    where: str, own: bool | None, owners: list[str], upper: list[bool]
) -> None:
    mine = collection("AzureBackup_web", own=own)
    scope = {
        "collection": mine.id,
        "group": GROUP,
        "subscription": f"/subscriptions/{SUBSCRIPTION}",
        "other group": GROUP + "1",
        "point": mine.id + "/restorePoints/p",
    }[where]
    lock = Lock(
        id=f"{scope}/providers/Microsoft.Authorization/locks/l",
        name="l",
        scope=recased(scope, upper),
        level="CanNotDelete",
        notes=None,
        owners=tuple(owners),
    )
    may_go = not owners and (where == "collection" or (where == "group" and own is True))
    assert (why_lock_stays(lock, (mine,)) is None) == may_go
    assert why_lock_stays(lock, ()) is not None


@example("-keep", "-keep", "ReadOnly", True)
@given(NAMES, st.text(min_size=1), st.sampled_from(["CanNotDelete", "ReadOnly"]), st.booleans())
def test_the_command_that_puts_a_lock_back_says_all_of_it(
    name: str, notes: str, level: str, on_group: bool
) -> None:
    scope = GROUP if on_group else collection("c", own=True).id
    lock = Lock(id="", name=name, scope=scope, level=level, notes=notes, owners=())
    az = ArgumentParser(allow_abbrev=False, exit_on_error=False)
    for flag in ("name", "lock-type", "resource", "resource-group", "notes", "subscription"):
        az.add_argument(f"--{flag}")
    az.add_argument("command", nargs=3)
    said = vars(az.parse_args(shlex.split(put_back_command(lock))))
    assert said == {
        "command": ["az", "lock", "create"],
        "name": name,
        "lock_type": level,
        "resource": None if on_group else scope,
        "resource_group": GROUP.rsplit("/", 1)[-1] if on_group else None,
        "notes": notes,
        "subscription": SUBSCRIPTION,
    }


def test_locks_that_cannot_be_read_hold_their_removal() -> None:
    for parts in (
        {"locks": Unknown("403"), "collections": Known((), "", NOW)},
        {"locks": Known((), "", NOW), "collections": Unknown("403")},
    ):
        (step,) = RemoveLocks().plan(facts(**parts))
        assert isinstance(step, Held)
