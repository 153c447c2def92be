"""A VM is taken for an appliance only by what Azure tells, never by what it leaves out."""

from datetime import UTC, datetime
from typing import Any

import pytest

from remediator.conditions.appliance import why_appliance
from remediator.facts import Absent, Known, Readings, Unknown
from remediator.inspect import item, vm
from remediator.job.job import Subject

NOW = datetime(2026, 1, 2, tzinfo=UTC)
MACHINE: dict[str, Any] = {
    "name": "fw",
    "plan": {"publisher": "contoso", "product": "firewall", "name": "byol"},
    "properties": {
        "storageProfile": {"osDisk": {"osType": "Linux"}},
        "instanceView": {
            "osName": "FreeBSD",
            "osVersion": "11.3",
            "vmAgent": {"statuses": []},
            "statuses": [{"code": "PowerState/running"}],
        },
    },
}
ITEM = {"properties": {"protectionState": "IRPending"}}
SUBJECT = Subject(
    vault=None, vm_name="fw", vm_id=None, subscription="S", container=None, since=NOW, now=NOW
)


def told(machine: dict[str, Any], protected: dict[str, Any]) -> str:
    """The reason in one text, for answers of Azure."""
    about = Readings(
        subject=SUBJECT,
        vm=Known(vm.parse(machine), "GET vm", NOW),
        item=Known(item.parse(protected), "GET items", NOW),
    )
    return "; ".join(why_appliance(about))


def changed(body: dict[str, Any], *path: str, to: Any = None) -> dict[str, Any]:
    """The answer with one value replaced, or left out."""
    first, *rest = path
    if rest:
        return body | {first: changed(body[first], *rest, to=to)}
    left = {key: value for key, value in body.items() if key != first}
    return left if to is None else left | {first: to}


VIEW = ("properties", "instanceView")


def test_every_sign_is_told() -> None:
    found = told(MACHINE, ITEM)
    assert "may be an appliance" in found
    assert "Azure Disk Backup" in found
    assert "it runs FreeBSD 11.3" in found
    assert "Marketplace plan contoso firewall" in found
    assert "IRPending" in found


@pytest.mark.parametrize("system", ["FreeBSD", "PAN-OS", "JUNOS", "OpenBSD"])
def test_a_system_of_appliances_is_a_sign_without_a_plan(system: str) -> None:
    plain = changed(changed(MACHINE, "plan"), *VIEW, "osName", to=system)
    assert system in told(plain, ITEM)
    assert system in told(plain, changed(ITEM, "properties", "protectionState", to="Protected"))


def test_a_usual_system_is_no_sign_and_a_plan_alone_is_one() -> None:
    usual = changed(MACHINE, *VIEW, "osName", to="ubuntu")
    assert told(changed(usual, "plan"), ITEM) == ""
    assert "plan" in told(usual, ITEM)


@pytest.mark.parametrize(
    ("machine", "protected"),
    [
        (MACHINE, changed(ITEM, "properties", "lastRecoveryPoint", to="2026-01-01T00:00:00Z")),
        (changed(MACHINE, *VIEW, "statuses", to=[{"code": "PowerState/deallocated"}]), ITEM),
        (changed(MACHINE, *VIEW, "statuses"), ITEM),
        (changed(changed(MACHINE, "plan"), *VIEW, "osName"), {"properties": {}}),
        (changed(MACHINE, *VIEW, "osName"), {"properties": {"protectionState": "Protected"}}),
        (
            {
                "name": "fw",
                "properties": {
                    "instanceView": MACHINE["properties"]["instanceView"]
                    | {"osName": "", "osVersion": ""}
                },
            },
            ITEM,
        ),
    ],
    ids=["backed up once", "off", "power not told", "state not told", "protected", "os not told"],
)
def test_what_is_not_told_is_no_sign(machine: dict[str, Any], protected: dict[str, Any]) -> None:
    assert told(machine, protected) == ""


def test_a_machine_that_is_not_known_is_no_appliance() -> None:
    known = Known(vm.parse(MACHINE), "GET vm", NOW)
    assert why_appliance(Readings(subject=SUBJECT, vm=known, item=Unknown("403"))) == ()
    # The vault is known to have no item: it has no recovery point of the machine either.
    assert why_appliance(Readings(subject=SUBJECT, vm=known, item=Absent("GET items", NOW)))
    assert why_appliance(Readings(subject=SUBJECT)) == ()
