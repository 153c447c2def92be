"""The stage on which a case is played: a simulator, the man in the middle, and the command."""

import json
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from remediator.proving.casefile import Case
from tests.between import Asked, Rule, Told
from tests.command import Ended, completed, environment
from tests.dropout.drops import present
from tests.dropout.kinds import ANY, HEADER, Field, kind_of
from tests.dropout.outcome import Outcome, outcome
from tests.theatre import Theatre

ENOUGH = 60.0
"""The most real seconds for a run, unless the caller gives fewer."""


@dataclass
class Seen:
    """A rule that changes nothing. It keeps the fields of each kind of answer."""

    fields: set[Field] = field(default_factory=set)
    spelled: dict[str, str] = field(default_factory=dict)

    def __call__(self, asked: Asked, told: Told) -> Told:
        """Keep the fields of an answer."""
        kind = kind_of(asked.method, asked.path, told.status)
        kind = self.spelled.setdefault(kind.lower(), kind)
        self.fields.update(Field(kind, path) for path in present(told.json()))
        for name, _ in told.headers:
            self.fields.add(Field(kind, (HEADER, name.lower())))
            self.fields.add(Field(ANY, (HEADER, name.lower())))
        return told


class Stage(Theatre):
    """Plays cases: ``with Stage() as stage: stage.play(case, [rule])``, any number of times."""

    def play(
        self,
        case: Case,
        rules: Iterable[Rule],
        module: str = "remediator",
        *before: str,
        within: float = ENOUGH,
    ) -> Outcome:
        """Play a case to its end.

        Args:
            case: the case.
            rules: how to alter the answers.
            module: the module to run. It takes the arguments `before`, then those of the command.
            before: the arguments before those of the command.
            within: the most real seconds that the run may take.
        """
        state = self.show(case.scenario)
        job = state["failed_jobs"][case.vm][case.job]
        arguments = ["--job-id", job, "--yes", "--format", "json", *case.options]
        if not any(option.startswith("--timeout") for option in case.options):
            arguments += ["--timeout", f"{within:.0f}s"]
        self._middle.rules = list(rules)
        with tempfile.TemporaryDirectory(dir=self._folder) as records:
            self._state.lend(Path(records))
            env = environment(self.azure, Path(records)) | {
                "REMEDIATE_ARM_ENDPOINT": self._middle.url
            }
            code, out, err = completed(module, *before, *arguments, env=env, cwd=self._folder)
            self._state.learn(Path(records))
        ended = Ended(code, out.decode("utf-8", "replace"), err.decode("utf-8", "replace"))
        return outcome(ended, self.azure.requests(), state, self.azure.state())

    def observe(self, case: Case) -> tuple[Outcome, "Observed"]:
        """Play a case with all fields, and note which fields are read."""
        seen, notes = Seen(), self._folder / "notes.json"
        full = self.play(case, [seen], "tests.dropout.noting", str(notes))
        return full, Observed.of(json.loads(notes.read_text("utf-8")), seen)


@dataclass(frozen=True)
class Observed:
    """The fields that a run read, and the fields that the answers had."""

    readers: dict[Field, frozenset[str]]
    """For each field, the modules that read it."""
    blunt: frozenset[Field]
    """Fields that are read in a way for which null could differ from absence."""
    present: frozenset[Field]

    @classmethod
    def of(cls, notes: list[tuple[str, list[str], str, bool]], seen: Seen) -> "Observed":
        """From the notes of a run. If only the SDK reads an answer, all fields count as read."""
        readers: dict[Field, set[str]] = {}
        blunt: set[Field] = set()
        for kind, path, module, tells in notes:
            at = Field(seen.spelled.get(kind.lower(), kind), tuple(path))
            readers.setdefault(at, set()).add(module)
            if tells:
                blunt.add(at)
        ours = {each.kind for each in readers if each.path[0] != HEADER}
        for each in seen.fields:
            if each.kind not in ours and each.path[0] != HEADER:
                readers.setdefault(each, set()).add("the SDK")
                blunt.add(each)
        return cls(
            {each: frozenset(modules) for each, modules in readers.items()},
            frozenset(blunt),
            frozenset(seen.fields),
        )

    @property
    def read(self) -> list[Field]:
        """The fields that were present and read."""
        return sorted(each for each in self.readers if each in self.present)
