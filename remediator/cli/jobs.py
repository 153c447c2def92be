"""The jobs that a command is given: each value names a job, or a file or stdin that names jobs."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from shlex import quote
from typing import Final

from remediator.cli import is_like_a_job
from remediator.cli.options.named import NamedOptions
from remediator.errors import BadInputError
from remediator.job.naming import values_in
from remediator.ordinary_file import read_ordinary

LARGEST: Final = 1024 * 1024
"""The largest list of jobs, in bytes."""

_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")


def jobs_named(which: NamedOptions) -> tuple[str, ...]:
    """The texts that each name one job: those of `--job-id`, then those without a flag.

    Raises:
        BadInputError: none is given, a word without a flag cannot be a job, or what `jobs_of`
            refuses.
    """
    for word in which.job:
        if word.strip() != "-" and not is_like_a_job(word):
            raise BadInputError(
                f"{word!r} is neither an option nor a job's id; a job whose name is no GUID needs "
                f"the flag: --job-id {quote(word)}"
            )
    typed = (*which.job_id, *which.job)
    if not typed:
        raise BadInputError("no job is given; to look at one: remediate --job-id ID --dry-run")
    return jobs_of(typed)


def job_named(which: NamedOptions) -> str:
    """The same for a command that takes one job.

    Raises:
        BadInputError: several jobs are given, or what `jobs_named` refuses.
    """
    found = jobs_named(which)
    typed = (*which.job_id, *which.job)
    if len(typed) == 1:
        return _only(found, typed[0])
    if len(found) > 1:
        each = " ".join(f"--job-id {quote(value)}" for value in typed)
        raise BadInputError(
            f"{len(found)} jobs are given, but this command takes one; for several: "
            f"remediate run {each} --dry-run"
        )
    return found[0]


def jobs_of(typed: Sequence[str]) -> tuple[str, ...]:
    """The texts that each name one job. `@FILE` and `-` are replaced by what they hold.

    Raises:
        BadInputError: a file or stdin cannot be read, or names nothing.
    """
    return tuple(job for value in typed for job in _each(value))


def job_of(typed: str) -> str:
    """The same for a command that takes one job.

    Raises:
        BadInputError: a file or stdin cannot be read, or does not name exactly one job.
    """
    return _only(jobs_of((typed,)), typed)


def _only(found: Sequence[str], typed: str) -> str:
    if len(found) > 1:
        value = typed.strip()
        raise BadInputError(
            f"{_place(value)} names {len(found)} jobs, but this command takes one; for several: "
            f"remediate run --job-id {quote(value)} --dry-run"
        )
    return found[0]


def _each(value: str) -> Iterator[str]:
    value = value.strip()
    if value != "-" and not (value.startswith("@") and len(value) > 1):
        yield value
        return
    found = values_in(_text(value))
    if not found:
        raise BadInputError(
            f"{_place(value)} names no job; expected a job on each line, or the JSON of jobs, as "
            "az backup job list --resource-group G --vault-name V --status Failed prints it"
        )
    yield from found


def _text(value: str) -> str:
    try:
        if value == "-":
            raw = sys.stdin.buffer.read(LARGEST + 1)
            if len(raw) > LARGEST:
                raise BadInputError(f"stdin is larger than {LARGEST} bytes; give fewer jobs")
        else:
            raw = read_ordinary(Path(value[1:]), LARGEST)
        # PowerShell writes `>` in UTF-16, with a mark at the beginning.
        return raw.decode("utf-16" if raw.startswith(_UTF_16) else "utf-8-sig")
    except (OSError, ValueError) as error:  # a path with a NUL is a ValueError too
        told = getattr(error, "strerror", None) or error
        raise BadInputError(f"{_place(value)} cannot be read: {told}") from None


def _place(value: str) -> str:
    return "stdin" if value == "-" else value[1:]
