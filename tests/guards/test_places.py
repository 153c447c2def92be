"""Allow-lists of subscriptions and resource groups."""

from pathlib import Path

import pytest

from remediator.simulator.process import SimulatorProcess
from tests.clouds import stepped
from tests.command import SPEED
from tests.evidence import fix, triggered
from tests.guarding import dry, kinds, refused

MAIN = "11111111-1111-1111-1111-111111111111"
OTHER = "99999999-9999-9999-9999-999999999999"
SUBSCRIPTION = "--only-subscription"
GROUP = "--only-resource-group"


def test_a_subscription_that_is_not_listed_is_left_alone(tmp_path: Path) -> None:
    with stepped() as azure:
        says = ("lies outside", OTHER)
        refused(azure, tmp_path, SUBSCRIPTION, OTHER, guard="only", says=says)
        assert "held" in kinds(dry(azure, tmp_path, SUBSCRIPTION, OTHER))


@pytest.mark.parametrize(
    "groups",
    [["rg-app"], ["rg-backup"], ["rg"], ["rg-ap", "rg-backup"], ["rg-app2", "rg-backup"]],
    ids=" ".join,
)
def test_a_group_that_is_not_listed_is_left_alone(groups: list[str], tmp_path: Path) -> None:
    """The list must hold the vault's group and the VM's group. A part of a name is not a name."""
    with stepped() as azure:
        options = [word for group in groups for word in (GROUP, group)]
        refused(azure, tmp_path, *options, guard="only", says=("lies outside",))


def test_the_same_group_of_another_subscription_is_another(tmp_path: Path) -> None:
    with stepped() as azure:
        elsewhere = f"/subscriptions/{OTHER}/resourceGroups"
        options = (GROUP, f"{elsewhere}/rg-app", GROUP, f"{elsewhere}/rg-backup")
        refused(azure, tmp_path, *options, guard="only", says=("lies outside",))


@pytest.mark.parametrize(
    "options",
    [
        (SUBSCRIPTION, OTHER, SUBSCRIPTION, MAIN),
        (SUBSCRIPTION, f"/subscriptions/{MAIN}/"),
        (GROUP, "RG-APP", GROUP, "rg-backup"),
        (GROUP, f"/Subscriptions/{MAIN}/resourcegroups/RG-app", GROUP, "rg-backup"),
        (SUBSCRIPTION, MAIN, GROUP, "rg-app", GROUP, "rg-backup"),
    ],
    ids=" ".join,
)
def test_what_is_listed_in_any_casing_is_fixed(options: tuple[str, ...], tmp_path: Path) -> None:
    """The lock is in Azure Backup's own group. That group counts as listed: the VM's group is."""
    with SimulatorProcess("limit-reached", time="fast", speed=SPEED) as azure:
        fix(azure, tmp_path, *options).check(0)
        assert len(triggered(azure)) == 1


@pytest.mark.parametrize(
    "options",
    [
        (SUBSCRIPTION, "a/b"),
        (SUBSCRIPTION, ""),
        (GROUP, ""),
        (GROUP, "/subscriptions/x"),
        (GROUP, "a/b"),
    ],
    ids=" ".join,
)
def test_a_slip_is_no_list(options: tuple[str, ...], tmp_path: Path) -> None:
    with stepped() as azure:
        ended = fix(azure, tmp_path, *options).check(64)
        assert options[0] in ended.err
        assert azure.requests() == []


def test_a_config_file_can_hold_the_lists(tmp_path: Path) -> None:
    file = tmp_path / "limits.toml"
    file.write_text(f'only-subscription = ["{OTHER}"]\n', "utf-8")
    with stepped() as azure:
        refused(azure, tmp_path, "--config", str(file), guard="only", says=(OTHER,))
