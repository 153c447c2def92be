"""The figures of the fuzz, for docs/reliability.md."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.fuzz.outcome import Result
from tests.places import DOCS

PAGE: Final = DOCS / "reliability.md"
BEGIN: Final = "<!-- fuzz: begin -->"
END: Final = "<!-- fuzz: end -->"

PROMISES: Final = (
    "a traceback",
    "an internal error",
    "an error without a word",
    "an exit code that is not documented",
    "exit code 0, and not fixed",
    "exit code 0 without a verdict",
    "it did not end",
    "a write in a plan",
    "a change outside the plan",
    "a change of another VM",
    "carried out twice",
    "a recovery point is gone",
    "a lock is another one",
    "a lock is off and not named",
    "a lock is owed, and the exit code does not tell",
    "a VM's power is another one",
    "a recovery that is none",
    "a token in an output",
)
"""The complaints that the judge may make."""


def figures(results: list[Result], seed: str) -> str:
    """The tables: outcomes, rules, broken promises."""
    return "\n".join(
        [*_outcomes(results, seed), "", *_rules(results), "", *_broken(results)],
    )


def _outcomes(results: list[Result], seed: str) -> Iterator[str]:
    yield f"Seed {seed}."
    yield ""
    yield "| ended | plans | runs |"
    yield "|---|---|---|"
    plans, runs = (Counter(r.came_to for r in results if r.kind == kind) for kind in _KINDS)
    yield f"| all | {plans.total()} | {runs.total()} |"
    for name in sorted(plans | runs, key=lambda name: (-plans[name] - runs[name], name)):
        yield f"| {name} | {plans[name]} | {runs[name]} |"


_KINDS: Final = ("plan", "run")


def _rules(results: list[Result]) -> Iterator[str]:
    yield "| what took hold | plans | runs | runs that recovered | rounds with a broken promise |"
    yield "|---|---|---|---|---|"
    names = sorted({name for r in results for name in r.names})
    for name in names:
        with_it = [r for r in results if name in r.names]
        plans = sum(r.kind == "plan" for r in with_it)
        recovered = sum(r.came_to == "recovered" for r in with_it)
        broken = sum(bool(r.violations) for r in with_it)
        yield f"| {name} | {plans} | {len(with_it) - plans} | {recovered} | {broken} |"


def _broken(results: list[Result]) -> Iterator[str]:
    yield "| broken promise | plans | runs |"
    yield "|---|---|---|"
    plans, runs = (
        Counter(what for r in results if r.kind == kind for what, _ in r.violations)
        for kind in _KINDS
    )
    for name in PROMISES:
        yield f"| {name} | {plans[name]} | {runs[name]} |"


def write(text: str, page: Path = PAGE) -> None:
    """Put the figures between the page's markers."""
    before, _, rest = page.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", "utf-8")
