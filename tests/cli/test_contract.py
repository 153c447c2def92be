"""What other programs rely on: the schemas, the plan's keys, the contents of the wheel."""

import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from remediator.simulator.process import SimulatorProcess
from tests.command import SPEED, command, environment, remediate
from tests.flow.lived import live
from tests.places import PLAYBOOKS, ROOT, SCRIPTS

KEYWORDS = {
    "$defs", "$ref", "additionalProperties", "anyOf", "const", "default", "description",
    "exclusiveMinimum", "maximum", "minimum",
    "discriminator", "enum", "format", "items", "maxItems", "minItems", "oneOf", "prefixItems",
    "properties", "required", "title", "type", "$schema",
}  # fmt: skip
TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "null": (type(None),),
    "array": (list,),
    "object": (dict,),
}
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def misfits(value: Any, schema: dict[str, Any], root: dict[str, Any], at: str) -> Iterator[str]:
    """Where a value does not fit a schema. A keyword that is not known here is an error."""
    assert schema.keys() <= KEYWORDS, f"{at}: {schema.keys() - KEYWORDS} is not known here"
    if "$ref" in schema:
        yield from misfits(value, referred(schema["$ref"], root), root, at)
    if "const" in schema and value != schema["const"]:
        yield f"{at}: {value!r} is not {schema['const']!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value!r} is none of {schema['enum']}"
    yield from misfitting_choices(value, schema, root, at)
    if "type" in schema:
        wanted = TYPES[schema["type"]]
        if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
            yield f"{at}: {value!r} is no {schema['type']}"
            return
    if "exclusiveMinimum" in schema and value <= schema["exclusiveMinimum"]:
        yield f"{at}: {value!r} is not above {schema['exclusiveMinimum']}"
    if "minimum" in schema and value < schema["minimum"]:
        yield f"{at}: {value!r} is below {schema['minimum']}"
    if "maximum" in schema and value > schema["maximum"]:
        yield f"{at}: {value!r} is above {schema['maximum']}"
    if schema.get("format") == "date-time" and not RFC_3339.fullmatch(value):
        yield f"{at}: {value!r} is no date-time"
    if isinstance(value, list):
        yield from misfitting_items(value, schema, root, at)
    if isinstance(value, dict):
        yield from misfitting_properties(value, schema, root, at)


def misfitting_choices(
    value: Any, schema: dict[str, Any], root: dict[str, Any], at: str
) -> Iterator[str]:
    if "anyOf" in schema and all(any(misfits(value, s, root, at)) for s in schema["anyOf"]):
        yield f"{at}: {value!r} fits nothing in anyOf"
    if "oneOf" in schema:
        fitting = [s for s in schema["oneOf"] if not any(misfits(value, s, root, at))]
        if len(fitting) != 1:
            yield f"{at}: fits {len(fitting)} of oneOf"


def misfitting_items(
    value: list[Any], schema: dict[str, Any], root: dict[str, Any], at: str
) -> Iterator[str]:
    if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
        yield f"{at}: {len(value)} items"
    for n, each in enumerate(value):
        if "items" in schema:
            yield from misfits(each, schema["items"], root, f"{at}[{n}]")


def misfitting_properties(
    value: dict[str, Any], schema: dict[str, Any], root: dict[str, Any], at: str
) -> Iterator[str]:
    yield from (
        f"{at}: {name} is missing" for name in schema.get("required", []) if name not in value
    )
    known = schema.get("properties", {})
    more = schema.get("additionalProperties", True)
    for name, each in value.items():
        if name in known:
            yield from misfits(each, known[name], root, f"{at}.{name}")
        elif more is False:
            yield f"{at}: {name} is not allowed"
        elif isinstance(more, dict):
            yield from misfits(each, more, root, f"{at}.{name}")


def referred(reference: str, root: dict[str, Any]) -> dict[str, Any]:
    start, _, name = reference.rpartition("/")
    assert start == "#/$defs", reference
    found: dict[str, Any] = root["$defs"][name]
    return found


def parts_of(schema: Any) -> Iterator[dict[str, Any]]:
    """Every schema inside a schema."""
    yield schema
    for word in ("items", "additionalProperties"):
        if isinstance(schema.get(word), dict):
            yield from parts_of(schema[word])
    for word in ("anyOf", "oneOf", "prefixItems"):
        for each in schema.get(word, []):
            yield from parts_of(each)
    for word in ("properties", "$defs"):
        for each in schema.get(word, {}).values():
            yield from parts_of(each)


def printed_schema(what: str) -> dict[str, Any]:
    # In a process of its own, not forked: the imported modules decide what a schema describes.
    done = subprocess.run(
        command("schema", what), capture_output=True, encoding="utf-8", check=True
    )
    assert done.stderr == ""
    printed: dict[str, Any] = json.loads(done.stdout)
    return printed


@pytest.mark.parametrize("what", ["plan", "report", "playbook", "history"])
def test_a_schema_is_valid_and_describes_its_parts(what: str) -> None:
    schema = printed_schema(what)
    for part in parts_of(schema):
        assert part.keys() <= KEYWORDS
        assert part.get("type", "string") in TYPES
        assert set(part.get("required", [])) <= set(part.get("properties", {}))
        if "$ref" in part:
            assert referred(part["$ref"], schema)
    assert schema["type"] == "object"
    assert schema["additionalProperties"] is False
    assert all(part.get("description") for part in schema["$defs"].values())


def test_the_playbooks_fit_the_schema_that_lies_beside_them() -> None:
    schema = json.loads((PLAYBOOKS / "schema.json").read_text(encoding="utf-8"))
    assert schema == printed_schema("playbook"), "renew it: remediate schema playbook"
    found = sorted(PLAYBOOKS.glob("*.yaml"))
    assert found
    for path in found:
        raw = path.read_text(encoding="utf-8")
        assert raw.startswith("# yaml-language-server: $schema=schema.json\n")
        assert list(misfits(YAML(typ="safe").load(raw), schema, schema, path.name)) == []


@pytest.mark.parametrize(
    ("was", "is_now"),
    [
        ("codes: [", "codes: [7, "),
        ("title:", "titel:"),
        ("400160", "'400160'"),
        ("400160", "16"),
        ("tries: ", "moon: "),
        ("vm_provisioning: failed", "vm_provisioning: broken"),
        ("action: reapply-vm", "action: fly"),
    ],
)
def test_the_schema_sees_slips_that_an_editor_should_show(was: str, is_now: str) -> None:
    schema = json.loads((PLAYBOOKS / "schema.json").read_text(encoding="utf-8"))
    path = PLAYBOOKS / "UserErrorVmProvisioningStateFailed.yaml"
    raw = path.read_text(encoding="utf-8").replace(was, is_now, 1)
    assert list(misfits(YAML(typ="safe").load(raw), schema, schema, "")) != []


def test_a_history_fits_its_schema(tmp_path: Path) -> None:
    schema = printed_schema("history")
    found = live(tmp_path).history("-o", "json").check(0).json()
    assert list(misfits(found, schema, schema, "")) == []
    assert found["schema_version"] == "1"


STEP = {"kind", "action", "target", "why"}
CHANGE = {"request", "operation", "before", "after", "impact", "permission", "undo"}


def check_plan(plan: dict[str, Any]) -> set[str]:
    """Check a plan against the contract, key by key. Return the kinds of its steps."""
    assert plan["schema_version"] == "1"
    wanted = {"plan_id", "created", "expires", "job", "failure", "playbook", "steps"}
    assert plan.keys() >= wanted
    assert plan["failure"].keys() >= {"code", "evidence"}
    assert plan["created"] < plan["expires"]
    assert plan["steps"]
    for step in plan["steps"]:
        assert step.keys() >= STEP
        assert step["kind"] in ("change", "unchanged", "held", "manual")
        assert step["why"]
        change = step if step["kind"] == "change" else step.get("change")
        if change:
            assert change.keys() >= CHANGE
            assert change["request"].keys() >= {"method", "url"}
            assert change["request"]["url"].startswith(plan["endpoint"] + "/subscriptions/")
            assert "api-version=" in change["request"]["url"]
            assert all(change[key] for key in CHANGE)
    return {step["kind"] for step in plan["steps"]}


def test_real_plans_fit_the_schema_and_the_contract(tmp_path: Path) -> None:
    schema = printed_schema("plan")
    kinds: set[str] = set()
    with SimulatorProcess("demo") as azure:
        env = environment(azure, tmp_path)
        jobs = [ids[-1] for _, ids in sorted(azure.state()["failed_jobs"].items())][:8]
        for job in jobs:
            plan = remediate("plan", "--job-id", job, "--format", "json", env=env).json()
            assert list(misfits(plan, schema, schema, "plan")) == []
            kinds |= check_plan(plan)
        assert azure.writes() == []
    assert kinds == {"change", "unchanged", "held", "manual"}


def test_a_real_report_fits_its_schema(tmp_path: Path) -> None:
    schema = printed_schema("report")
    with SimulatorProcess("limit-reached", time="fast", speed=SPEED) as azure:
        env = environment(azure, tmp_path)
        job = azure.failed_jobs("web")[-1]
        report = remediate("--job-id", job, "--yes", "--format", "json", env=env).check(0).json()
    assert list(misfits(report, schema, schema, "report")) == []
    assert report["schema_version"] == "1"
    check_plan(report["plan"])
    assert Path(report["record"]).is_file()


# --- the wheel ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_all_that_the_command_needs_and_no_more(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    source = ROOT / "remediator"
    wanted = {f"remediator/playbooks/{p.name}" for p in PLAYBOOKS.glob("*.yaml")}
    scripts = SCRIPTS
    wanted |= {f"remediator/playbooks/scripts/{p.name}" for p in scripts.iterdir()}
    wanted |= {
        f"remediator/simulator/scenarios/{p.name}"
        for p in (source / "simulator" / "scenarios").glob("*.yaml")
    }
    wanted |= {str(path.relative_to(ROOT)) for path in source.rglob("*.py")}
    assets = source / "views" / "html" / "assets"
    wanted |= {str(path.relative_to(ROOT)) for path in assets.rglob("*.*")}
    wanted |= {
        f"remediator/{n}" for n in ("py.typed", "playbooks/schema.json", "playbooks/index.json")
    }
    assert wanted - held == set()
    assert {name.split("/")[0].partition("-")[0] for name in held} == {"remediator", "remediate"}
    assert not [name for name in held if "__pycache__" in name]


def test_an_installed_copy_works_from_an_empty_folder(wheel: Path, tmp_path: Path) -> None:
    site, empty = tmp_path / "site", tmp_path / "empty"
    empty.mkdir()
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index",
         "--no-compile", "--disable-pip-version-check", "--target", str(site), str(wheel)],
        check=True, capture_output=True,
    )  # fmt: skip
    with SimulatorProcess("extension-stuck") as azure:
        env = environment(azure, tmp_path / "state") | {"PYTHONPATH": str(site)}

        def installed(*arguments: str) -> str:
            return subprocess.run(
                [sys.executable, "-P", *arguments],
                cwd=empty, env=env, check=True, capture_output=True, encoding="utf-8",
            ).stdout  # fmt: skip

        where = (
            "import remediator.playbook.catalogue as c; "
            "print(c.__file__); print(c.built_in_folder())"
        )
        assert [Path(line).is_relative_to(site) for line in installed("-c", where).split()] == [
            True,
            True,
        ]
        job = azure.failed_jobs("web")[-1]
        arguments = ("--job-id", job, "--dry-run", "--format", "json")
        plan = json.loads(installed("-m", "remediator", *arguments))
        assert plan["playbook"]["name"] == "ExtensionStuckInDeletionState"
        assert json.loads(installed("-m", "remediator", "schema", "playbook")) == json.loads(
            (PLAYBOOKS / "schema.json").read_text(encoding="utf-8")
        )
        assert "limit-reached" in installed("-m", "remediator.simulator", "--help")
        assert list(empty.iterdir()) == []
