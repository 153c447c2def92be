"""oav, Microsoft's own OpenAPI validator, judges every pair of request and answer.

It judges traffic against the published specifications of 2021. For this the api-version in the
traffic is rewritten to theirs. Real Azure deviates from them. A deviation is allowed only if
recordings of real traffic show it.
"""

import json
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from tests.conformance import install
from tests.places import SPECIFICATIONS

Json = dict[str, Any]

_BACKUP = "recoveryservicesbackup/resource-manager/Microsoft.RecoveryServices/stable/2021-06-01"
_COMPUTE = "compute/resource-manager/Microsoft.Compute/stable/2021-03-01"
_LOCKS = "resources/resource-manager/Microsoft.Authorization/stable/2016-09-01"
_RESOURCES = "resources/resource-manager/Microsoft.Resources/stable/2021-01-01"
SPECS: dict[str, tuple[str, str]] = {
    f"{_BACKUP}/bms.json": (
        "2021-06-01",
        r"/Microsoft\.RecoveryServices/(vaults/[^/]+/backup|locations/[^/]+/backupStatus)",
    ),
    f"{_COMPUTE}/runCommands.json": ("2021-03-01", r"/Microsoft\.Compute/.*/runCommand$"),
    f"{_COMPUTE}/compute.json": (
        "2021-03-01",
        r"/Microsoft\.Compute/(virtualMachines|restorePointCollections)",
    ),
    f"{_LOCKS}/locks.json": ("2016-09-01", r"/Microsoft\.Authorization/locks"),
    f"{_RESOURCES}/subscriptions.json": (
        "2021-01-01",
        r"^/(subscriptions(/[^/]+)?|tenants)$",
    ),
    f"{_RESOURCES}/resources.json": (
        "2021-01-01",
        r"^/subscriptions/[^/]+/(resourceGroups|resources|providers(/[^/]+)?$)",
    ),
}
"""For each specification, its api-version and its paths. The first one that fits is used."""

_INTEGERS = {"INVALID_TYPE", "ENUM_MISMATCH"}
_ADDED = {"OBJECT_ADDITIONAL_PROPERTIES"}
REAL: list[tuple[str, set[str], str]] = [
    ("JobDetails_Get|BackupJobs_List", _INTEGERS, r"/actionsInfo/\d+"),
    ("JobDetails_Get|BackupJobs_List", _ADDED, r"/containerName"),
    (
        "RecoveryPoints_Get|RecoveryPoints_List",
        _INTEGERS,
        r"/recoveryPointTierDetails/\d+/(type|status)",
    ),
    ("BackupProtectedItems_List|ProtectedItems_Get", _ADDED, r"/policyName"),
    (
        "BackupProtectedItems_List|ProtectedItems_Get",
        _ADDED,
        r"/(vaultId|isArchiveEnabled|softDeleteRetentionPeriod|sourceSideScanning|policyType)",
    ),
    (
        "RecoveryPoints_Get|RecoveryPoints_List",
        _ADDED,
        r"/(recoveryPointMoveReadinessInfo|securityType|createdWithPolicyType|threatStatus)",
    ),
    (
        "RecoveryPoints_Get|RecoveryPoints_List",
        _ADDED,
        r"/isPrivateAccessEnabledOnAnyDisk",
    ),
    ("JobDetails_Get", _ADDED, r"/taskType"),
    ("JobDetails_Get|BackupJobs_List", _ADDED, r"/isUserTriggered"),
    ("ProtectionPolicies_Get|BackupPolicies_List", _ADDED, r"/tieringPolicy"),
    (".*", _ADDED, r"/error/innerError"),
    ("BackupProtectableItems_List", _ADDED, r"/(resourceGroup|virtualMachineVersion)"),
    ("BackupProtectionContainers_List", _ADDED, r"/protectableObjectType"),
    ("Subscriptions_List", _ADDED, r"/count"),
    ("Subscriptions_List|Tenants_List", {"OBJECT_MISSING_REQUIRED_PROPERTY"}, r"/nextLink"),
    (
        "VirtualMachines_List|VirtualMachines_ListAll",
        {"OBJECT_MISSING_REQUIRED_PROPERTY"},
        r"/resources/\d+/location",
    ),
]
"""Deviations that recorded traffic of Azure itself shows: the operations, the kinds, the field.

The last three are in answers that people published: a count and no nextLink in the only page of
subscriptions or tenants, and a list of VMs that shows only the ids of extensions.
"""

NEWER: list[tuple[str, str, str]] = [
    ("RestorePointCollections_Get|RestorePoints_Get", "/timeCreated", "2021-07-01"),
    ("BackupPolicies_List|ProtectionPolicies_Get", "/policyType", "2022-01-01"),
    ("BackupPolicies_List|ProtectionPolicies_Get", "/schedulePolicyType", "2022-01-01"),
]
"""Fields or values of a discriminator that only later api-versions declare, with the first one.

They are allowed only if the traffic's own api-version, before it was rewritten, knew them.
"""

_UNDECLARED = "INVALID_RESPONSE_CODE"


@dataclass
class Judgement:
    """oav's judgement on one body of traffic."""

    pairs: int = 0
    passed_over: Counter[str] = field(default_factory=Counter)
    covered: set[str] = field(default_factory=set)
    real: Counter[str] = field(default_factory=Counter)
    newer: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    """Error answers that an operation's specification does not declare. They are not judged."""
    wrong: Counter[str] = field(default_factory=Counter)


def entries(folder: Path) -> Iterator[Json]:
    """The log entries with an answer, from all simulators that wrote into a folder."""
    for file in sorted(folder.glob("*.jsonl")):
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                entry = json.loads(line)
                if entry["status"] is not None:
                    yield entry


def _spec(path: str) -> str | None:
    for name, (_, pattern) in SPECS.items():
        if re.search(pattern, path, re.IGNORECASE):
            return name
    return None


def _kind(path: str) -> str:
    """The subject of a path, for the list of paths without a specification."""
    if "/providers/" not in path:
        return "tokens and metadata"
    namespace, *rest = path.rpartition("/providers/")[2].split("/")
    return "/".join([namespace, *rest[:: 2 if "locations" not in rest else 1]][:4])


def _pair(entry: Json, version: str) -> Json:
    """One pair in oav's form, with the api-version of the specification."""
    parts = urlsplit(entry["url"])
    query = dict(parse_qsl(parts.query, keep_blank_values=True)) | {"api-version": version}
    path = quote(entry["path"], safe="/;%")
    headers = {name: str(value) for name, value in entry["response_headers"].items()}
    return {
        "liveRequest": {
            "method": entry["method"],
            "url": f"https://management.azure.com{path}?{urlencode(query, quote_via=quote)}",
            "headers": {"Accept": "application/json", "Content-Type": "application/json"},
            "body": entry["body"],
        },
        "liveResponse": {
            "statusCode": str(entry["status"]),
            "headers": headers,
            "body": entry["response"],
        },
    }


class Bench:
    """Traffic in the layout of oav: a folder per specification. Equal pairs are written once."""

    def __init__(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        self._folder = folder
        self._seen: set[str] = set()
        self.folders: dict[str, Path] = {}
        self.versions: dict[str, str] = {}
        self.judgement = Judgement()

    def lay_out(self, traffic: Iterable[Json]) -> None:
        for entry in traffic:
            name = _spec(entry["path"])
            if name is None:
                self.judgement.passed_over[_kind(entry["path"])] += 1
                continue
            self.judgement.pairs += 1
            pair = _pair(entry, SPECS[name][0])
            same = [pair["liveRequest"], pair["liveResponse"]["statusCode"], entry["response"]]
            key = json.dumps(same, sort_keys=True)
            if key not in self._seen:
                self._seen.add(key)
                self._write(name, pair, entry["api_version"] or "")

    def _write(self, spec: str, pair: Json, version: str) -> None:
        folder = self.folders.setdefault(spec, self._folder / Path(spec).stem)
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{len(self._seen):06}.json"
        self.versions[str(file)] = version
        file.write_text(json.dumps(pair), encoding="utf-8")

    def judge(self, program: Path) -> None:
        for spec, folder in self.folders.items():
            report, violations = _validate(program, folder, spec)
            self.judgement.covered |= _passed(report)
            for violation in violations:
                operation = violation["operationInfo"]["operationId"]
                self.judgement.covered.add(operation)
                for error in violation["errors"]:
                    self._weigh(operation, error, violation["payloadFilePath"])
                for problem in violation["runtimeExceptions"]:
                    self.judgement.wrong[f"{operation}: {problem.get('message', problem)}"] += 1

    def _weigh(self, operation: str, error: Json, file: str) -> None:
        """Decide whether real Azure shows a violation, too."""
        code, said = error["code"], f"{operation}: {error['code']}: {error['message']}"
        if code == _UNDECLARED and re.search(r"'[45]\d\d'", error["message"]):
            self.judgement.errors[operation] += 1
            return
        paths = error["pathsInPayload"] or [""]
        for path in paths:
            if _is_real(operation, code, path):
                self.judgement.real[f"{operation}: {code}: {_last(path)}"] += 1
            elif self._is_newer(operation, path, self.versions.get(file, "")):
                self.judgement.newer[f"{operation}: {_last(path)}"] += 1
            else:
                place = re.sub(r"\d+", "n", path)
                self.judgement.wrong[f"{said} ({place}; {Path(file).name})"] += 1

    def _is_newer(self, operation: str, path: str, version: str) -> bool:
        return any(
            re.fullmatch(operations, operation) and path.endswith(name) and version >= since
            for operations, name, since in NEWER
        )


def _is_real(operation: str, code: str, path: str) -> bool:
    return any(
        re.fullmatch(operations, operation)
        and code in codes
        and re.search(f"{name}$", path) is not None
        for operations, codes, name in REAL
    )


def _last(path: str) -> str:
    return next((part for part in reversed(path.split("/")) if not part.isdecimal()), path)


def _passed(report: Json) -> set[str]:
    return {name for part in report["passedOperationsList"] for name in part["operationIds"]}


def _validate(program: Path, folder: Path, spec: str) -> tuple[Json, list[Json]]:
    """Let oav judge a folder. Its exit code is not used: its report says the same."""
    report = folder.with_suffix(".report.json")
    out = folder.with_suffix(".out")
    install.say(f"oav: {folder.parent.name} against {Path(spec).name}")
    with out.open("w", encoding="utf-8") as sink:
        subprocess.run(
            [
                str(program),
                "validate-traffic",
                str(folder),
                str(SPECIFICATIONS / spec),
                *("--jsonReport", str(report), "-r", str(folder.with_suffix(".html"))),
                *("-f", str(folder.parent / "logs"), "-l", "error"),
            ],
            stdout=sink,
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=900,
        )
    said = out.read_text(encoding="utf-8")
    begins = said.find("[\n")
    violations = json.JSONDecoder().raw_decode(said, begins)[0] if begins >= 0 else []
    return json.loads(report.read_text(encoding="utf-8")), violations


def judge(traffic: Path, name: str) -> Judgement:
    """Judge a folder with logs of traffic."""
    bench = Bench(install.HOME / "oav-traffic" / name)
    bench.lay_out(entries(traffic))
    bench.judge(install.oav())
    return bench.judgement
