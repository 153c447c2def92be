"""The other way round: the simulator is asked what the recording asked, and the answers compared.

Compared are structure, types, discriminators and enum spellings, the casing of ids, the look of
times, status codes and header names; not the values that name this or that thing.
"""

import json
import re
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from remediator.simulator.process import SimulatorProcess
from tests.conformance.cassette import Pair, read
from tests.conformance.recordings import CASSETTE
from tests.conformance.verdict import Verdict

EXPLAINED = Path(__file__).with_name("compare.yaml")

# The recording's own names, so that ids differ in nothing but what they should not differ in.
SCENARIO = """
subscriptions: {main: 00000000-0000-0000-0000-000000000000}
location: southeastasia
vaults: [{name: clitest-vault000002, group: clitest.rg000001}]
vms:
  - name: clitest-vm000003
    group: clitest.rg000001
    extensions: []
    protection: {vault: clitest-vault000002}
"""

SAME_WORD = [
    "type",
    "jobType",
    "objectType",
    "backupManagementType",
    "workloadType",
    "protectedItemType",
    "containerType",
    "protectableObjectType",
    "operation",
    "status",
    "protectionState",
    "protectionStatus",
    "healthStatus",
    "level",
    "displayStatus",
    "code",
    "registrationStatus",
    "schedulePolicyType",
    "retentionPolicyType",
    "taskId",
    "recoveryPointType",
    "scheduleRunFrequency",
    "durationType",
    "timeZone",
    "virtualMachineVersion",
    "osType",
]
"""Keys whose values are words of the API: they must be spelt as recorded."""

ANY_STATE = {"status", "protectionState", "code", "displayStatus", "level"}
"""Of these, the words seen depend on the moment: one that was recorded anywhere will do."""

HEADERS_OF_FRONT_ENDS = {"server", "x-powered-by", "transfer-encoding", "content-length", "date"}


def judge() -> Verdict:
    """Ask and compare."""
    verdict = Verdict("recordings, reversed", "the simulator, what the recording asked", "")
    if not CASSETTE.exists():
        verdict.skipped, verdict.said = True, "the recording is not beside the project"
        return verdict
    explained: dict[str, str] = YAML(typ="safe").load(EXPLAINED.read_text(encoding="utf-8")) or {}
    recorded = list(read(CASSETTE))
    words = _words(recorded)
    found: dict[str, None] = {}
    asked = 0
    for kind, ours, theirs in _both(recorded):
        asked += 1
        found |= dict.fromkeys(f"{kind}: {d}" for d in _differences(ours, theirs, words))
    for difference in found:
        reason = next(
            (r for pattern, r in explained.items() if re.search(pattern, difference)), None
        )
        if reason is None:
            verdict.wrong.append(difference)
        else:
            verdict.details.append(f"- {difference}. {reason}")
    verdict.said = f"{asked} kinds of answer, {len(verdict.details)} differences explained below"
    return verdict


def _both(recorded: list[Pair]) -> Iterator[tuple[str, Pair, list[Pair]]]:
    """Each kind of answer: the simulator's, and all that were recorded of it."""
    with tempfile.TemporaryDirectory() as folder:
        scenario = Path(folder) / "recorded.yaml"
        scenario.write_text(SCENARIO, encoding="utf-8")
        with SimulatorProcess(scenario, time="stepped") as azure:
            for kind, method, pattern, advance in ASKED:
                theirs = [p for p in recorded if p.method == method and re.search(pattern, p.path)]
                yield kind, _again(azure, theirs[-1]), theirs
                azure.advance(advance)


ASKED = (
    ("group", "GET", r"/resourcegroups/[^/]+$", 0),
    ("VM", "GET", r"/virtualMachines/[^/]+$", 0),
    ("policy", "GET", r"/backupPolicies/[^/]+$", 0),
    ("containers", "GET", r"/backupProtectionContainers$", 0),
    ("trigger", "POST", r"/backup$", 60),
    ("operation", "GET", r"/backupOperations/[^/]+$", 60),
    ("job under way", "GET", r"/backupJobs/[^/]+$", 3600),
    ("job ended", "GET", r"/backupJobs/[^/]+$", 0),
    ("items", "GET", r"/backupProtectedItems$", 0),
    ("recovery points", "GET", r"/recoveryPoints$", 0),
    ("recovery point", "GET", r"/recoveryPoints/[^/]+$", 0),
)


def _again(azure: SimulatorProcess, pair: Pair) -> Pair:
    """Ask the simulator what was asked of Azure; its own ids take the recorded ones' places."""
    tail = pair.url.removeprefix("https://management.azure.com")
    logged = azure.requests()
    if "/backupOperations/" in tail or "/backupJobs/" in tail:
        location = next(e for e in logged if e["method"] == "POST")["response_headers"]
        operation = _header(location, "Azure-AsyncOperation").rsplit("/", 1)[-1].split("?")[0]
        job = next((j["name"] for j in azure.state()["jobs"].get("clitest-vm000003", [])), "")
        tail = re.sub(r"/backupOperations/[^?]+", f"/backupOperations/{operation}", tail)
        tail = re.sub(r"/backupJobs/[^?]+", f"/backupJobs/{job}", tail)
    if re.search(r"/recoveryPoints/", tail):
        listed = next(e for e in reversed(logged) if e["path"].endswith("/recoveryPoints"))
        name = listed["response"]["value"][0]["name"]
        tail = re.sub(r"/recoveryPoints/[^?]+", f"/recoveryPoints/{name}", tail)
    request = urllib.request.Request(  # noqa: S310 - our own child process
        f"{azure.url}{tail.replace(' ', '%20')}",
        method=pair.method,
        data=pair.sent.encode() if pair.method == "POST" else None,
        headers={"Authorization": f"Bearer {azure.token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        raw = answer.read()
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Pair(pair.method, pair.url, answer.status, headers, "", json.loads(raw or b"null"))


def _header(headers: dict[str, str], name: str) -> str:
    return next(value for key, value in headers.items() if key.lower() == name.lower())


def _words(recorded: list[Pair]) -> dict[str, set[str]]:
    """Every word of the API that was recorded, by its key."""
    found: dict[str, set[str]] = {}

    def look(node: Any) -> None:
        if isinstance(node, dict):
            for key, value in node.items():
                if key in SAME_WORD and isinstance(value, str):
                    found.setdefault(key, set()).add(value)
                look(value)
        elif isinstance(node, list):
            for value in node:
                look(value)

    for pair in recorded:
        look(pair.body)
    return found


def _differences(ours: Pair, theirs: list[Pair], words: dict[str, set[str]]) -> Iterator[str]:
    if ours.status not in {pair.status for pair in theirs}:
        yield f"status {ours.status}, recorded {theirs[-1].status}"
    recorded_headers = {name for pair in theirs for name in pair.headers}
    for name in recorded_headers - set(ours.headers) - HEADERS_OF_FRONT_ENDS:
        yield f"header {name} is not sent"
    yield from _unlike(ours.body, [p.body for p in theirs], "", words)


def _unlike(ours: Any, theirs: list[Any], at: str, words: dict[str, set[str]]) -> Iterator[str]:
    """How our value differs from all of the recorded ones."""
    kinds = {_kind(value) for value in theirs}
    if _kind(ours) not in kinds:
        yield f"{at or 'body'} is {_kind(ours)}, recorded {' or '.join(sorted(kinds))}"
    elif isinstance(ours, dict):
        same = [value for value in theirs if isinstance(value, dict)]
        always = set.intersection(*(set(value) for value in same))
        ever = set.union(*(set(value) for value in same))
        yield from (f"{at}.{key} is missing" for key in sorted(always - set(ours)))
        yield from (f"{at}.{key} is not in the recording" for key in sorted(set(ours) - ever))
        for key in sorted(set(ours) & ever):
            values = [value[key] for value in same if key in value]
            yield from _unlike(ours[key], values, f"{at}.{key}", words)
            yield from _word(key, ours[key], values, f"{at}.{key}", words)
    elif isinstance(ours, list):
        rows = [row for value in theirs if isinstance(value, list) for row in value]
        for row in ours if rows else []:
            yield from _unlike(row, rows, f"{at}[]", words)


def _word(
    key: str, ours: Any, theirs: list[Any], at: str, words: dict[str, set[str]]
) -> Iterator[str]:
    if key not in SAME_WORD or not isinstance(ours, str):
        return
    allowed = words.get(key, set()) if key in ANY_STATE else {str(value) for value in theirs}
    if ours not in allowed:
        yield f"{at} is {ours!r}, recorded {', '.join(sorted(allowed))}"


_LOOKS = (
    (r"/Subscriptions/.*", "an id with a capital S"),
    (r"/subscriptions/.*/resourceGroups/.*", "an id"),
    (r"/subscriptions/.*/resourcegroups/.*", "an id with a small resourcegroups"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6,7}Z", "a time with decimals and Z"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6,7}\+00:00", "a time with decimals and an offset"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", "a time with an offset"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "a time with Z"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", "a time without a zone"),
    (r"P(\d+D)?T.*S", "a duration"),
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "a GUID"),
)


def _kind(value: Any) -> str:
    if isinstance(value, str):
        return next((look for form, look in _LOOKS if re.fullmatch(form, value)), "a text")
    return {dict: "an object", list: "a list", bool: "a boolean", int: "an integer"}.get(
        type(value), "nothing" if value is None else "a number"
    )
