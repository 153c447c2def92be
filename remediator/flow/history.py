"""The history of stored runs and scans. They are read one after the other."""

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from remediator.errors import BadInputError, RemediateError, StateError
from remediator.flow.ports import Engines
from remediator.flow.ports import History as StoredRuns
from remediator.job.failure import classify
from remediator.job.job import Job
from remediator.plan.plan import Plan
from remediator.playbook.catalogue import Catalogue
from remediator.record.records import read_record
from remediator.record.scans import kept_scans, read_scan
from remediator.record.state import State
from remediator.report.estate import Estate
from remediator.report.history import By, History, Selection
from remediator.report.observed import Observed
from remediator.report.report import Report
from remediator.report.runs import KnownRun, RunState
from remediator.report.told import Told, of_entries, of_record, of_report
from remediator.run.leases import entries_of

_RUN: Final = re.compile(r"run-(\d{8}-\d{6})-[0-9a-f]{6}")
_SHORT: Final = timedelta(days=14)
"""The longest period whose trend is told day by day, where nobody says how."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the history is to tell."""

    since: datetime
    until: datetime
    selection: Selection
    by: By | None = None
    """The parts of the trend. None: days for up to two weeks, else weeks."""


def look_back(engines: Engines, state: State, asked: Asked, catalogue: Catalogue) -> History:
    """Read everything that was stored since a moment. What cannot be read is named in the result.

    Args:
        engines: reads the state of runs.
        state: the place of the runs, their records, and the records of scans.
        asked: the period, and what the history is narrowed to.
        catalogue: the codes by which failures are counted.
    """
    looking = _Looking(engines, state, asked, catalogue)
    looking.runs()
    looking.records()
    looking.scans()
    usual: By = "day" if asked.until - asked.since <= _SHORT else "week"
    return looking.seen.history(asked.by or usual, looking.unread)


@dataclass(slots=True)
class _Looking:
    """The state of the reading."""

    engines: Engines
    state: State
    asked: Asked
    catalogue: Catalogue
    unread: list[str] = field(default_factory=list)
    seen: Observed = field(init=False)
    _known: set[str] = field(default_factory=set)
    """The runs that the state has told."""

    def __post_init__(self) -> None:
        """Begin with nothing seen."""
        asked = self.asked
        self.seen = Observed(asked.since, asked.until, asked.selection, cache(self._spelt))

    def runs(self) -> None:
        """Read the runs of the state. If there is no state yet, there are none."""
        if self.state.file is not None and not self.state.file.exists():
            return
        try:
            with closing(self.engines.history(self.state)) as stored:
                for run in stored.begun_since(self.asked.since):
                    self._run(stored, run)
        except RemediateError as error:
            self.unread.append(str(error))

    def _run(self, stored: StoredRuns, run: KnownRun) -> None:
        if run.state is RunState.WAITING:
            self._known.add(run.run_id)
            return  # nothing was begun
        try:
            told = self._told(stored, run)
        except StateError as error:
            self.unread.append(f"{run.run_id} cannot be read from the state: {error}")
            return
        self._known.add(run.run_id)
        self.seen.take_run(told)

    def _told(self, stored: StoredRuns, run: KnownRun) -> Told:
        """What a run of the state tells.

        The plan's seal is not checked: the state is signed, and an older version may have made
        the plan.

        Raises:
            StateError: the row is damaged, or was written with another key.
        """
        result = run.result or {}
        try:
            if report := result.get("report"):
                return of_report(Report.model_validate_json(report), self._code_of)
            if run.state is RunState.ENDED and "stale" not in result:
                raise StateError(_DAMAGED)
            plan = Plan.model_validate_json(str(run.payload.get("plan", "")))
        except ValidationError:
            raise StateError(_DAMAGED) from None
        if "stale" in result:
            return Told(run.run_id, run.began, plan, stale=True)
        entries = entries_of(row for _, rows in stored.stages(run.run_id) for row in rows or ())
        return of_entries(run.run_id, plan, run.began, entries)

    def records(self) -> None:
        """Read the records of runs that the state has not told."""
        for path in self._records():
            try:
                began, entries = read_record(path)
            except BadInputError as error:
                self.unread.append(str(error))
                continue
            self.seen.take_run(of_record(began, entries), record=True)

    def _records(self) -> Iterator[Path]:
        try:
            found = sorted((self.state.folder / "runs").iterdir())
        except FileNotFoundError:
            return
        except OSError as error:
            self.unread.append(f"{self.state.folder / 'runs'} cannot be read: {error.strerror}")
            return
        for path in found:
            match = _RUN.fullmatch(path.stem) if path.suffix == ".jsonl" else None
            if match is None or path.stem in self._known:
                continue
            try:
                at = datetime.strptime(match[1], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
            except ValueError:
                continue
            if at >= self.asked.since:
                yield path

    def scans(self) -> None:
        """Read the records of scans."""
        try:
            for path in kept_scans(self.state.folder, self.asked.since):
                self._scan(path)
        except StateError as error:
            self.unread.append(str(error))

    def _scan(self, path: Path) -> None:
        try:
            estate = Estate.model_validate_json(read_scan(path))
        except ValidationError:
            self.unread.append(f"{path}: not a scan that this version can read")
        except RemediateError as error:
            self.unread.append(str(error))
        else:
            self.seen.take_scan(estate)

    def _code_of(self, job: Job) -> str | None:
        return classify(job, self.catalogue).code

    def _spelt(self, code: str) -> str:
        found = self.catalogue.entry(code)
        return found.code if found else code


_DAMAGED: Final = (
    "it is damaged, was written with another key, or by another version; its record may tell it: "
    "remediate audit show tells what was changed"
)
