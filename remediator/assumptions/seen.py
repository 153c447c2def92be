"""Sorts the recorded answers by kind, so that an assumption needs only one line."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from remediator.recording.pair import Pair

LATER = "2024"
"""From this version on the API has the newer forms: 2024-04-01 has them, 2021-06-01 does not.
Nothing in between was recorded."""


@dataclass(frozen=True, slots=True)
class Thing:
    """A resource in an answer: requested by its id, or a row of a list."""

    pair: Pair
    body: dict[str, Any]
    in_list: bool

    def at(self, *path: str) -> Any:
        """The value at a path of keys. None when any part is missing."""
        found: Any = self.body
        for key in path:
            found = found.get(key) if isinstance(found, dict) else None
        return found

    def text(self, *path: str) -> str:
        """The text at a path of keys. Empty when there is none."""
        found = self.at(*path)
        return found if isinstance(found, str) else ""

    def rows(self, *path: str) -> list[dict[str, Any]]:
        """The objects of the list at a path."""
        found = self.at(*path)
        return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []

    @property
    def newer(self) -> bool:
        """Whether the request's api-version has the newer forms."""
        return version(self.pair) >= LATER


def version(pair: Pair) -> str:
    """The api-version of a request. Empty when it has none."""
    return parse_qs(urlsplit(pair.uri).query).get("api-version", [""])[0]


def path_of(pair: Pair) -> list[str]:
    """The parts of a request's path, decoded, in lower case."""
    return [unquote(part).lower() for part in urlsplit(pair.uri).path.split("/") if part]


def has_all_headers(pair: Pair) -> bool:
    """Whether an answer kept its headers. Azure always sends this one; some recordings keep few."""
    return "cache-control" in pair.headers


class Seen:
    """Recorded answers by kind. Each kind is sorted out at its first use."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        self.pairs = tuple(pairs)

    def things(self, kind: str) -> list[Thing]:
        """The resources of a type in all answers.

        `kind` is the last part of the type, in lower case.
        """
        found = []
        for pair in self.pairs:
            if pair.status not in (200, 201) or not isinstance(pair.body, dict):
                continue
            parts = path_of(pair)
            if parts[-1:] == [kind] and isinstance(pair.body.get("value"), list):
                rows = [row for row in pair.body["value"] if isinstance(row, dict)]
                found += [Thing(pair, row, in_list=True) for row in rows]
            elif parts[-2:-1] == [kind] and isinstance(pair.body.get("properties"), dict):
                found.append(Thing(pair, pair.body, in_list=False))
        return found

    @cached_property
    def jobs(self) -> list[Thing]:
        """All jobs of vaults, rows and details."""
        return self.things("backupjobs")

    @cached_property
    def vm_jobs(self) -> list[Thing]:
        """The jobs of VMs, rows and details."""
        return [
            job
            for job in self.jobs
            if job.text("properties", "jobType").startswith("AzureIaaSVMJob")
        ]

    @cached_property
    def items(self) -> list[Thing]:
        """Protected items that are VMs."""
        return [
            item
            for item in (*self.things("backupprotecteditems"), *self.things("protecteditems"))
            if item.text("properties", "backupManagementType") == "AzureIaasVM"
        ]

    @cached_property
    def points(self) -> list[Thing]:
        """Recovery points of VMs in vaults."""
        return [
            point
            for point in self.things("recoverypoints")
            if point.text("properties", "objectType") == "IaasVMRecoveryPoint"
        ]

    @cached_property
    def machines(self) -> list[Thing]:
        """VMs."""
        return self.things("virtualmachines")

    @cached_property
    def errors(self) -> list[Pair]:
        """Answers of 400 and above."""
        return [pair for pair in self.pairs if pair.status >= 400]

    def error_details(self) -> Iterator[tuple[Thing, dict[str, Any]]]:
        """Each error of each VM job, with the job."""
        for job in self.vm_jobs:
            for error in job.rows("properties", "errorDetails"):
                yield job, error
