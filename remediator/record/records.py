"""Reading the records of runs: what a run did, without the engine that ran it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from remediator.errors import BadInputError, PlanFileError
from remediator.facts import Lock
from remediator.ordinary_file import read_ordinary
from remediator.plan.plan import check_seal
from remediator.run.leases import entries_of, owed_by
from remediator.run.marks import marked, unmark
from remediator.run.owing import Owing, owing
from remediator.run.run import Began, Concluded, Entry

LARGEST: Final = 256 * 1024 * 1024
"""The largest record, in bytes. A run with thousands of steps writes some millions."""


def read_record(path: Path) -> tuple[Began, tuple[Entry, ...]]:
    """A run's first entry and all its entries, from its record.

    Raises:
        BadInputError: there is no such record, or it does not begin with a plan.
    """
    try:
        lines = read_ordinary(path, LARGEST).split(b"\n")
    except OSError as error:
        raise BadInputError(f"{path}: cannot be read: {error.strerror}") from None
    rows = []
    for line in lines:
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            continue  # a killed run may have left half a last line
        if isinstance(row, dict):
            rows.append(row)
    entries = entries_of(rows)
    began = next((entry for entry in entries if isinstance(entry, Began)), None)
    if began is None:
        raise BadInputError(
            f"{path}: no record of a run that began, or not a record that this version can read; "
            "the audit trail says which locks its run took off: remediate audit show"
        )
    try:
        check_seal(began.plan, str(path))
    except PlanFileError as error:
        raise BadInputError(str(error)) from None
    return began, entries


def entries_in(path: Path, run_id: str) -> tuple[Entry, ...]:
    """A run's entries, from its record. None if the record cannot be read, or is of another run.

    A report may come from another machine. Then its path leads nowhere here, or to something else.
    """
    try:
        began, entries = read_record(path)
    except BadInputError:
        return ()
    return entries if began.run_id == run_id else ()


def forgotten(folder: Path) -> Iterator[tuple[str, Lock]]:
    """The locks that runs owe, whether or not their reports said so: the run's id and the lock.

    They are read from the records alone, so that no fault of the engine's state can hide a lock.
    """
    for path in _telling_of_locks(folder):
        try:
            began, entries = read_record(path)
        except BadInputError:
            continue
        owed = owed_by(entries, began.plan).owed
        if not owed and any(isinstance(entry, Concluded) for entry in entries):
            unmark(folder, path.stem)
        for lock in owed:
            yield path.stem, lock


def left_by(folder: Path, run_id: str) -> Owing:
    """What one run owes, by its record. Nothing if the record cannot be read."""
    try:
        began, entries = read_record(folder / "runs" / f"{run_id}.jsonl")
    except BadInputError:
        return Owing()
    return owing(began.plan, entries)


def unreadable(folder: Path) -> Iterator[str]:
    """Why some records that tell of locks cannot be read. Nobody knows if their locks are off."""
    for path in _telling_of_locks(folder):
        try:
            read_record(path)
        except BadInputError as error:
            yield str(error)


def _telling_of_locks(folder: Path) -> Iterator[Path]:
    for run_id in marked(folder, lambda: _took_locks_off(folder)):
        path = folder / "runs" / f"{run_id}.jsonl"
        if path.exists():
            yield path
        else:
            unmark(folder, run_id)  # a person removed the record, and knows it


def _took_locks_off(folder: Path) -> Iterator[str]:
    """The runs whose records tell of locks that were taken off, or cannot be read."""
    for path in sorted((folder / "runs").glob("*.jsonl")):
        try:
            tells = b'"kind":"lease"' in read_ordinary(path, LARGEST)
        except OSError:
            tells = True  # it may tell of one
        if tells:
            yield path.stem
