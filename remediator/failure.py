"""Failure: a job's error, classified, with the evidence it was classified by."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from remediator.dictionary import SHARED, Entry, Found, Known, key
from remediator.ids import group_name
from remediator.job import Job
from remediator.value import Value


class Confidence(StrEnum):
    """How sure the classification is."""

    OPERATOR = "operator"
    """The person said so with --error-code."""
    CERTAIN = "certain"
    """The job names the code itself, in its error's title or number."""
    INNER = "inner"
    """The code is that of an error inside the error: the `code` of a JSON body in its message."""
    MENTIONED = "mentioned"
    """The code stands as a word in what the job says, which can be about something else."""
    TEXT = "text"
    """What the job says is a known message. Messages are localised, reworded, and alike."""
    NONE = "none"
    """Nothing that the job says is known here, or more than one playbook fits it."""

    @property
    def is_guess(self) -> bool:
        """Whether it rests on prose: good enough to look, not to do what cannot be undone."""
        return self in (Confidence.MENTIONED, Confidence.TEXT)


class Candidate(Value):
    """One of several codes that fit."""

    code: str
    evidence: str
    how: Confidence


class Failure(Value):
    """What failed."""

    code: str | None
    """The symbolic code; None when the job names none at all, or more than one fits."""
    known: bool
    """Whether a playbook is keyed by the code."""
    confidence: Confidence
    evidence: str
    message: str
    recommendations: tuple[str, ...]
    """Azure's own, as the job carries them."""
    candidates: tuple[Candidate, ...] = ()
    """When codes of more than one playbook fit: none of them is taken, a person decides."""

    @property
    def unconfirmed(self) -> str | None:
        """Why nothing may rest on the code that cannot be undone; None when it may."""
        if not self.confidence.is_guess:
            return None
        return (
            f"the failure is known by prose alone ({self.evidence}): "
            f"needs --error-code {self.code} to confirm it"
        )


def classify(job: Job, known: Known, said: str | None = None) -> Failure:
    """Find the code of a job's failure.

    In order: what the operator said; each error's title, which carries the symbolic code in
    recorded traffic; its number; the code of an error inside the error; a code that the text
    mentions; a known message in it. The first that leads to a playbook wins. A catch-all code only
    wins when none of the rest leads further. The job's stages decide nothing: "Take Snapshot"
    completed and "Transfer data to vault" failed is recorded with more than one code.

    Args:
        job: the failed job.
        known: the codes and messages that playbooks are keyed by.
        said: the code that the operator gave.
    """

    def failure(code: str | None, confidence: Confidence, evidence: str) -> Failure:
        return Failure(
            code=code,
            known=confidence is not Confidence.NONE,
            confidence=confidence,
            evidence=evidence,
            message=" ".join(error.text for error in job.errors) or job.dynamic_error_message or "",
            recommendations=tuple(r for error in job.errors for r in error.recommendations),
        )

    if said:
        entry = known.entry(said)
        how = Confidence.OPERATOR if entry else Confidence.NONE
        return failure(entry.code if entry else said, how, "--error-code")
    named = _named(job)
    catch_all: _Clue | None = None
    for clues in _looked_at(job, named, known):
        specific = [clue for clue in clues if not clue.entry.triage]
        if not specific:
            catch_all = catch_all or next(iter(clues), None)
            continue
        first = specific[0]
        if any(clue.entry.playbook != first.entry.playbook for clue in specific):
            told = " or ".join(f"{clue.entry.code}: {clue.evidence}" for clue in specific)
            several = failure(None, Confidence.NONE, f"more than one playbook fits: {told}")
            return several.model_copy(
                update={"candidates": tuple(clue.candidate for clue in specific)}
            )
        within = f", inside of what {catch_all.evidence}" if catch_all else ""
        return failure(first.entry.code, first.how, first.evidence + within)
    if catch_all:
        return failure(catch_all.entry.code, catch_all.how, catch_all.evidence)
    if named:
        code, where, _ = named[0]
        return failure(code, Confidence.NONE, where)
    told = "names no code, and says nothing known" if job.errors else "carries no error details"
    return failure(None, Confidence.NONE, f"the job {told} ({job.source})")


@dataclass(frozen=True, slots=True)
class _Clue:
    """A known code, and what speaks for it."""

    entry: Entry
    evidence: str
    how: Confidence

    @property
    def candidate(self) -> Candidate:
        return Candidate(code=self.entry.code, evidence=self.evidence, how=self.how)


def _named(job: Job) -> list[tuple[str, str, str]]:
    """What the errors' titles and numbers are: the value, the evidence, the field."""
    return [
        (str(value), f"errorDetails[{n}].{field} = {value} ({job.source})", field)
        for field, pick in (("errorTitle", "title"), ("errorCode", "code"))
        for n, error in enumerate(job.errors)
        if (value := getattr(error, pick)) not in (None, "")
    ]


def _looked_at(
    job: Job, named: list[tuple[str, str, str]], known: Known
) -> Iterator[tuple[_Clue, ...]]:
    """What each place of a job leads to, the surest place first."""
    for wanted in ("errorTitle", "errorCode"):
        yield _one_per_code(
            _Clue(entry, where, Confidence.CERTAIN)
            for code, where, field in named
            if field == wanted and (entry := known.entry(code)) and key(entry.code) not in SHARED
        )
    texts = [
        *((f"errorDetails[{n}].errorTitle", error.title) for n, error in enumerate(job.errors)),
        *((f"errorDetails[{n}].errorString", error.text) for n, error in enumerate(job.errors)),
        ("extendedInfo.dynamicErrorMessage", job.dynamic_error_message or ""),
    ]
    group = group_name(job.vm_id) if job.vm_id else None
    names = frozenset(n.casefold() for n in (job.vm_name, group, job.vault.name) if n)
    looks: tuple[tuple[Confidence, str, Callable[[str], tuple[Found, ...]]], ...] = (
        (Confidence.INNER, "carries the error", known.inner_codes),
        (Confidence.MENTIONED, "mentions", lambda text: known.mentioned_codes(text, names)),
        (Confidence.TEXT, "says the message of", lambda text: known.messages(text, names)),
    )
    for how, verb, look in looks:
        yield _one_per_code(
            _Clue(found.entry, f"{where} {verb} {found.entry.code} ({job.source})", how)
            for where, text in texts
            for found in look(text)
        )


def _one_per_code(clues: Iterable[_Clue]) -> tuple[_Clue, ...]:
    kept: dict[str, _Clue] = {}
    for clue in clues:
        kept.setdefault(clue.entry.code, clue)
    return tuple(kept.values())
