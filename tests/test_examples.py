"""Every example runs as its document says, on a simulator."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from remediator.proving.prove import facts_of, folded, same_path
from remediator.simulator.process import SimulatorProcess
from tests.command import SPEED, Ended, environment
from tests.places import EXAMPLES, ROOT

NAMES = sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir())
BASH = shutil.which("bash") or "bash"
LOCK_OFF = ["DELETE /locks/keep", "POST /backup"]


class Place:
    """A working folder and a simulator for an example."""

    def __init__(self, azure: SimulatorProcess, folder: Path) -> None:
        self.azure = azure
        self.folder = folder

    def run(self, name: str, *arguments: str, **more: str) -> Ended:
        """Run an example's script on a job of `web`, unless the environment names another job."""
        bin_folder = str(Path(sys.executable).parent)
        env = environment(self.azure, self.folder / "state") | {
            "JOB_ID": self.azure.failed_jobs("web")[-1],
            "PATH": os.pathsep.join([bin_folder, os.environ["PATH"]]),
        }
        done = subprocess.run(
            [BASH, str(EXAMPLES / name / "run.sh"), *arguments],
            env=env | more,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def documented(self, name: str) -> int:
        """The exit code that the example's document promises."""
        text = (EXAMPLES / name / "README.md").read_text("utf-8")
        found = re.search(r"^Exit code: (\d+)", text, re.MULTILINE)
        assert found, f"{name}/README.md names no exit code"
        return int(found[1])

    def written(self) -> list[str]:
        """The writes, each as the method and the end of the path."""
        ends = [(w["method"], same_path(w["url"])) for w in self.azure.writes()]
        tail = r"/(?:locks|extensions)/[^/]+$|/[^/]+$"
        return folded(f"{m} {match[0]}" for m, p in ends if (match := re.search(tail, p)))

    def there(self, what: str) -> Any:
        """The value of one of the `after:` facts of case files, in the state at the end."""
        return facts_of(self.azure.state(), {what: None})[what]


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with SimulatorProcess(request.param, time="fast", speed=SPEED) as azure:
        yield Place(azure, tmp_path)


def cloud(scenario: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("place", [scenario], indirect=True)


@cloud("limit-reached")
def test_01_and_02_a_look_writes_nothing_and_only_what_was_approved_is_applied(
    place: Place,
) -> None:
    done = place.run("01-dry-run", "--detailed-exitcode").check(2)
    readme = (ROOT / "README.md").read_text("utf-8")
    short, whole = re.findall(r"^```console\n(.*?)^```", readme, re.DOTALL | re.MULTILINE)
    detailed = place.run("01-dry-run", "--details").check(place.documented("01-dry-run"))
    for block, out in ((short, done.out), (whole, detailed.out)):
        printed = "".join(out.split())
        for shown in re.split(r"…|\n", block):
            assert "".join(shown.split()) in printed, f"the README shows {shown!r}"
    place.run("01-dry-run").check(place.documented("01-dry-run"))
    name = "02-plan-and-approve"
    planned = place.run(name).check(place.documented(name))
    found = re.search(r"plan-[0-9a-f]{24}", planned.out)
    assert found
    plan_id = found[0]
    place.run(name, APPROVED="plan-000000000000000000000000").check(4)
    file = place.folder / "plan.json"
    saved = file.read_text("utf-8")
    file.write_text(saved.replace("CanNotDelete", "ReadOnly"), "utf-8")
    place.run(name, APPROVED=plan_id).check(4)
    assert place.written() == []
    file.write_text(saved, "utf-8")
    place.run(name, APPROVED=plan_id).check(place.documented(name))
    assert place.written() == LOCK_OFF
    assert place.there("locks") == []
    assert place.there("points of web1") == 4


@cloud("extension-stuck")
def test_03_and_06_a_job_is_fixed_and_its_record_tells_it(place: Place) -> None:
    done = place.run("03-fix-one-job").check(place.documented("03-fix-one-job"))
    assert "RECOVERED" in done.out
    assert place.written() == ["DELETE /extensions/VMSnapshot", "POST /backup"]
    [record] = (place.folder / "state" / "runs").glob("*.jsonl")
    for arguments in ((), (str(record),)):
        read = place.run("06-read-the-record", *arguments)
        read.check(place.documented("06-read-the-record"))
        kinds = [line.split()[0] for line in read.out.splitlines()[1:]]
        assert folded(k for k in kinds if k != "job") == ["sent", "outcome"] * 2 + ["verdict"]
        assert "verdict  recovered" in read.out
    lines = record.read_text("utf-8").splitlines()
    record.write_text("\n".join(lines[:-1]), "utf-8")
    assert "interrupted" in place.run("06-read-the-record").check(1).err


@cloud("agent-unavailable")
def test_03_without_consent_to_downtime_nothing_is_written(place: Place) -> None:
    done = place.run("03-fix-one-job").check(3)
    assert "not fixed" in done.err
    assert place.written() == []


@cloud("provisioning-failed")
def test_04_a_playbook_of_ones_own_is_used_and_named(place: Place) -> None:
    name = "04-your-own-playbook"
    done = place.run(name).check(place.documented(name))
    assert "is yours and replaces the built-in one" in " ".join(done.out.split())
    assert place.written() == ["POST /reapply", "POST /backup"]


@cloud("extension-stuck")
def test_05_all_is_scanned_and_exactly_the_saved_plans_are_applied(place: Place) -> None:
    name, folder = "05-ci", place.folder / "remediation"
    audit = place.run(name).check(place.documented(name))
    assert place.written() == []
    assert audit.out == (folder / "scan.txt").read_text("utf-8")
    told = json.loads((folder / "scan.json").read_text("utf-8"))
    pending = {each["vm"] for each in told["targets"] if each["standing"] == "pending"}
    assert len(list((folder / "plans").glob("*.json"))) == len(pending) > 0
    assert "| pending |" in (folder / "scan.md").read_text("utf-8")
    assert "<skipped " in (folder / "scan.xml").read_text("utf-8")
    applied = place.run(name, APPLY="yes").check(place.documented(name))
    assert "RECOVERED" in applied.out
    ended = json.loads((folder / "applied.json").read_text("utf-8"))
    assert {each["vm"] for each in ended.get("targets", [])} in (pending, set())
    assert place.written() == ["DELETE /extensions/VMSnapshot", "POST /backup"]
    assert place.run(name, OUT="nothing", APPLY="yes").check(0).out.startswith("no plan")


@cloud("limit-reached")
def test_07_jobs_are_fixed_from_python(place: Place) -> None:
    name = "07-from-python"
    done = place.run(name).check(place.documented(name))
    assert done.out.startswith("web: fixed: ")
    assert "Finished" in done.err.splitlines()
    assert place.written() == LOCK_OFF


@pytest.mark.parametrize("name", NAMES)
def test_a_script_is_sound_bash_and_stops_at_the_first_error(name: str) -> None:
    script = EXAMPLES / name / "run.sh"
    assert os.access(script, os.X_OK)
    assert "\nset -euo pipefail\n" in script.read_text("utf-8")
    subprocess.run([BASH, "-n", str(script)], check=True)


def test_every_example_is_run_by_a_test_here() -> None:
    here = Path(__file__).read_text("utf-8")
    assert [name for name in NAMES if f'"{name}"' not in here] == []


@pytest.mark.parametrize("name", ["github-actions.yml", "azure-pipelines.yml"])
def test_05_the_pipelines_call_the_script_in_both_halves(name: str) -> None:
    path = EXAMPLES / "05-ci" / name
    text = path.read_text("utf-8")
    assert isinstance(YAML(typ="safe").load(text), dict)
    assert text.count("examples/05-ci/run.sh") == 2
    # Both halves look into the same folder: the one that is kept between them.
    assert text.count("OUT=$(Build.ArtifactStagingDirectory)/remediation") in (0, 2)
    assert "APPLY" in text
    assert not re.search(r"^\s*(for|while) ", text, re.MULTILINE)
    assert "secret" not in text.lower()
