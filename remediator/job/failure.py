"""Failure: a job's error, classified, with the evidence for the classification."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from remediator.ids import group_name
from remediator.job.dictionary import SHARED, Entry, Found, Known, key
from remediator.job.job import WRAPPER, ErrorDetail, Job
from remediator.value import Value

CANCELLED: Final = "UserErrorJobSuccessfullyCancelled"
"""The code of a job that somebody cancelled. Recorded backups with that status carry no error."""


class Confidence(StrEnum):
    """How sure the classification is."""

    OPERATOR = "operator"
    """The person gave the code with --error-code."""
    CERTAIN = "certain"
    """The job itself names the code: in its error's title or number, or by its status."""
    INNER = "inner"
    """An error inside the error has the code: one of its `details`, or the `code` of a JSON body in
    its message."""
    MENTIONED = "mentioned"
    """The code is a word in the job's text. The text may be about something else."""
    TEXT = "text"
    """The job's text is a known message. Messages are localised, reworded, and similar to each
    other."""
    NONE = "none"
    """Nothing in the job is known here, or more than one playbook fits it."""

    @property
    def is_guess(self) -> bool:
        """Whether only prose tells the code.

        That allows a look, but nothing that cannot be undone.
        """
        return self in (Confidence.MENTIONED, Confidence.TEXT)


class Candidate(Value):
    """One of several codes that fit."""

    code: str
    evidence: str
    how: Confidence


class Failure(Value):
    """What failed."""

    code: str | None
    """The symbolic code. None when the job names no code, or when more than one playbook fits."""
    known: bool
    """Whether a playbook is keyed by the code."""
    confidence: Confidence
    evidence: str
    message: str
    recommendations: tuple[str, ...]
    """Azure's own recommendations, as the job carries them."""
    candidates: tuple[Candidate, ...] = ()
    """Filled when codes of more than one playbook fit. None of them is taken; a person decides."""

    @property
    def unconfirmed(self) -> str | None:
        """Why the code allows no step that cannot be undone. None when the code is sure enough."""
        if not self.confidence.is_guess:
            return None
        return (
            f"only the error's text tells this failure ({self.evidence}): "
            f"needs --error-code {self.code} to confirm it"
        )


def classify(job: Job, known: Known, said: str | None = None) -> Failure:
    """Find the code of a job's failure.

    The places are searched in this order: the operator's code; each error's title, which carries
    the symbolic code in recorded traffic; its number; the status of a cancelled job; the code of an
    error inside the error; a code that the text mentions; a known message in the text. The first
    code that leads to a playbook wins. A catch-all code wins only if no other place leads further;
    of two catch-alls, the narrower one wins.
    The job's stages decide nothing: a completed "Take Snapshot" with a failed "Transfer data to
    vault" is recorded with more than one code.

    Args:
        job: the failed job.
        known: the codes and messages that playbooks are keyed by.
        said: the code that the operator gave.
    """
    every = tuple(_every_error(job))

    def failure(code: str | None, confidence: Confidence, evidence: str) -> Failure:
        return Failure(
            code=code,
            known=confidence is not Confidence.NONE,
            confidence=confidence,
            evidence=evidence,
            message=" ".join(error.text for _, error in every if error.text)
            or job.dynamic_error_message
            or "",
            recommendations=tuple(r for _, error in every for r in error.recommendations),
        )

    if said:
        entry = known.entry(said)
        how = Confidence.OPERATOR if entry else Confidence.NONE
        return failure(entry.code if entry else said, how, "--error-code")
    catch_all: _Clue | None = None
    for clues in _looked_at(job, known):
        specific = [clue for clue in clues if not clue.entry.triage]
        if not specific:
            catch_all = _narrowest(catch_all, clues)
            continue
        first = specific[0]
        if any(clue.entry.playbook != first.entry.playbook for clue in specific):
            told = " or ".join(f"{clue.entry.code}: {clue.evidence}" for clue in specific)
            several = failure(None, Confidence.NONE, f"more than one playbook fits: {told}")
            return several.model_copy(
                update={"candidates": tuple(clue.candidate for clue in specific)}
            )
        within = f", inside the catch-all error ({catch_all.evidence})" if catch_all else ""
        return failure(first.entry.code, first.how, first.evidence + within)
    if catch_all:
        return failure(catch_all.entry.code, catch_all.how, catch_all.evidence)
    if named := _unknown(job):
        return failure(named.value, Confidence.NONE, named.evidence)
    told = "names no code, and no known message" if job.errors else "carries no error details"
    return failure(None, Confidence.NONE, f"the job {told} ({job.source})")


@dataclass(frozen=True, slots=True)
class _Clue:
    """A known code, and the evidence for it."""

    entry: Entry
    evidence: str
    how: Confidence

    @property
    def candidate(self) -> Candidate:
        return Candidate(code=self.entry.code, evidence=self.evidence, how=self.how)


@dataclass(frozen=True, slots=True)
class _Named:
    """A code or number, as the job gives it."""

    value: str
    evidence: str


def _narrowest(outer: _Clue | None, clues: Iterable[_Clue]) -> _Clue | None:
    """The catch-all to treat: the first one, unless a later one says more."""
    for clue in clues:
        if clue.entry.counts_inside(outer.entry if outer else None):
            outer = clue
    return outer


def _inside(where: str, error: ErrorDetail) -> Iterator[tuple[str, ErrorDetail]]:
    """Each error inside an error, with its place."""
    for n, each in enumerate(error.details):
        place = f"{where}.details[{n}]"
        yield place, each
        yield from _inside(place, each)


def _every_error(job: Job) -> Iterator[tuple[str, ErrorDetail]]:
    """Each error of a job with its place. Its inner errors follow it."""
    for n, error in enumerate(job.errors):
        place = f"errorDetails[{n}]"
        yield place, error
        yield from _inside(place, error)


def _titles(job: Job) -> Iterator[_Named]:
    for n, error in enumerate(job.errors):
        if error.title:
            told = f"errorDetails[{n}].errorTitle = {error.title} ({job.source})"
            yield _Named(error.title, told)


def _numbers(job: Job) -> Iterator[_Named]:
    for n, error in enumerate(job.errors):
        if error.code not in (None, ""):
            told = f"errorDetails[{n}].errorCode = {error.code} ({job.source})"
            yield _Named(str(error.code), told)


def _wrapped(job: Job) -> Iterator[_Named]:
    """The codes of errors inside the errors, then their numbers."""
    inner = [
        found
        for n, error in enumerate(job.errors)
        for found in _inside(f"errorDetails[{n}]", error)
    ]
    for pick in ("title", "code"):
        for where, error in inner:
            if (value := getattr(error, pick)) not in (None, ""):
                yield _Named(str(value), f"{where} carries the error {value} ({job.source})")


def _unknown(job: Job) -> _Named | None:
    """The name for a failure that no playbook knows. A code that says what failed is best."""
    named = [*_titles(job), *_numbers(job), *_wrapped(job)]
    if named and key(named[0].value) == key(WRAPPER):
        return next(_wrapped(job), named[0])
    return named[0] if named else None


def _looked_at(job: Job, known: Known) -> Iterator[tuple[_Clue, ...]]:
    """The clues from each place of a job, the surest place first."""
    yield _clues(_titles(job), Confidence.CERTAIN, known)
    yield _clues(_numbers(job), Confidence.CERTAIN, known)
    yield _clues(_by_status(job), Confidence.CERTAIN, known)
    texts = [
        *((f"{where}.errorTitle", error.title) for where, error in _every_error(job)),
        *((f"{where}.errorString", error.text) for where, error in _every_error(job)),
        ("extendedInfo.dynamicErrorMessage", job.dynamic_error_message or ""),
    ]
    group = group_name(job.vm_id) if job.vm_id else None
    names = frozenset(n.casefold() for n in (job.vm_name, group, job.vault.name) if n)
    # Each sentence stands whole in the code, so that it can be told in another language.
    looks: tuple[tuple[Confidence, str, Callable[[str], tuple[Found, ...]]], ...] = (
        (Confidence.INNER, "{where} carries the error {code} ({source})", known.inner_codes),
        (
            Confidence.MENTIONED,
            "{where} mentions {code} ({source})",
            lambda text: known.mentioned_codes(text, names),
        ),
        (
            Confidence.TEXT,
            "{where} says the message of {code} ({source})",
            lambda text: known.messages(text, names),
        ),
    )
    for how, sentence, look in looks:
        inner = _clues(_wrapped(job), how, known) if how is Confidence.INNER else ()
        told = (
            _Clue(
                found.entry,
                sentence.format(where=where, code=found.entry.code, source=job.source),
                how,
            )
            for where, text in texts
            for found in look(text)
        )
        yield _one_per_code((*inner, *told))


def _by_status(job: Job) -> Iterator[_Named]:
    if job.status.casefold() in ("cancelled", "canceled"):
        yield _Named(CANCELLED, f"status = {job.status} ({job.source})")


def _clues(named: Iterable[_Named], how: Confidence, known: Known) -> tuple[_Clue, ...]:
    """The entries that the codes lead to. A code that many different errors share leads nowhere."""
    return _one_per_code(
        _Clue(entry, each.evidence, how)
        for each in named
        if (entry := known.entry(each.value)) and key(entry.code) not in SHARED
    )


def _one_per_code(clues: Iterable[_Clue]) -> tuple[_Clue, ...]:
    kept: dict[str, _Clue] = {}
    for clue in clues:
        kept.setdefault(clue.entry.code, clue)
    return tuple(kept.values())
