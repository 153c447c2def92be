"""The tag that keeps the tool away. It can be on the VM, its group or its subscription."""

from pathlib import Path
from typing import Any

import pytest

from remediator.simulator.process import SimulatorProcess
from tests.clouds import stepped
from tests.command import SPEED, environment, remediate
from tests.evidence import FULL, fix, scenario, sent, triggered
from tests.guarding import dry, kinds, refused

VM: dict[str, Any] = {"collection": FULL, "scheduled_backup": "1h ago"}
LOCK = {"name": "keep", "scope": "group:AzureBackupRG_westeurope_1"}


def tagged(folder: Path, where: str, tags: dict[str, str]) -> Path:
    """A scenario whose VM, group or subscription has tags."""
    match where:
        case "vm":
            return scenario(folder, VM | {"tags": tags}, locks=[LOCK])
        case "group":
            groups = [{"name": "rg-app", "tags": tags}]
            return scenario(folder, VM, locks=[LOCK], groups=groups)
        case _:
            return scenario(folder, VM, locks=[LOCK], subscription_tags={"main": tags})


@pytest.mark.parametrize("where", ["vm", "group", "subscription"])
@pytest.mark.parametrize(
    "tag", [{"remediate": "off"}, {"Remediate": "OFF"}, {"remediate": "False"}]
)
def test_an_owner_opts_out_anywhere(where: str, tag: dict[str, str], tmp_path: Path) -> None:
    with stepped(tagged(tmp_path, where, {"team": "x"} | tag)) as azure:
        [(name, value)] = tag.items()
        says = ("is opted out by its tag", f"{name}={value}")
        refused(azure, tmp_path, guard="opt-out", says=says)


@pytest.mark.parametrize("where", ["vm", "group", "subscription"])
def test_another_tag_opts_nobody_out(where: str, tmp_path: Path) -> None:
    path = tagged(tmp_path, where, {"remediate": "on", "remediated": "off"})
    with SimulatorProcess(path, time="fast", speed=SPEED) as azure:
        fix(azure, tmp_path).check(0)
        assert len(triggered(azure)) == 1


def test_the_tag_of_another_group_counts_for_that_group(tmp_path: Path) -> None:
    groups = [{"name": "rg-else", "tags": {"remediate": "off"}}]
    path = scenario(tmp_path, VM, locks=[LOCK], groups=groups)
    with SimulatorProcess(path, time="fast", speed=SPEED) as azure:
        fix(azure, tmp_path).check(0)


@pytest.mark.parametrize(
    ("said", "tags"), [("hands", {"Hands": "away"}), ("hands=away", {"hands": "Away"})]
)
def test_the_tag_can_have_another_name(said: str, tags: dict[str, str], tmp_path: Path) -> None:
    with stepped(tagged(tmp_path, "group", tags)) as azure:
        options = ("--opt-out-tag", said)
        refused(azure, tmp_path, *options, guard="opt-out", says=("opted out",))
        # If the user names the tag, a dry run looks for it too.
        assert "held" in kinds(dry(azure, tmp_path, *options))


def test_a_dry_run_does_not_look_where_nobody_asked(tmp_path: Path) -> None:
    """So a plan stays cheap: the tags of group and subscription are read before a run begins."""
    with stepped(tagged(tmp_path, "group", {"remediate": "off"})) as azure:
        assert "change" in kinds(dry(azure, tmp_path))
        assert sent(azure, "GET", "/resourcegroups") == []
        refused(azure, tmp_path, guard="opt-out")


@pytest.mark.parametrize(
    "path", ["/virtualMachines/web$", "/resourcegroups$", "^/subscriptions/[^/]+$"]
)
def test_what_cannot_be_read_may_be_opted_out(path: str, tmp_path: Path) -> None:
    with stepped(tagged(tmp_path, "vm", {})) as azure:
        azure.fault(
            "error", status=403, code="AuthorizationFailed", method="GET", path=path, times=None
        )
        refused(azure, tmp_path, guard="opt-out", says=("cannot tell", "AuthorizationFailed"))


def test_who_cannot_read_tags_can_say_that_there_are_none(tmp_path: Path) -> None:
    with SimulatorProcess(tagged(tmp_path, "vm", {}), time="fast", speed=SPEED) as azure:
        azure.fault("error", status=403, method="GET", path="/resourcegroups$", times=None)
        fix(azure, tmp_path, "--ignore-opt-out").check(0)


def test_a_file_that_merely_lies_there_loosens_no_guard(tmp_path: Path) -> None:
    (tmp_path / "remediate.toml").write_text("ignore-opt-out = true\n", "utf-8")
    with stepped(tagged(tmp_path, "vm", {"remediate": "off"})) as azure:
        env = environment(azure, tmp_path)
        arguments = ("--job-id", azure.failed_jobs("web")[-1], "--yes")
        ended = remediate(*arguments, env=env, cwd=tmp_path).check(64)
        assert "ignore-opt-out is read only from a file that --config names" in ended.err
        assert azure.writes() == []
