"""What a Chinese screen tells in English, though it is a sentence of ours."""

import io
import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from rich.console import Console

from remediator.language import catalogue_of, speak
from remediator.language.translation import translated
from remediator.locales import extract
from remediator.locales.__main__ import first_form, texts
from remediator.plan.plan import Plan
from remediator.report.report import Report
from remediator.views.plan_text import show_plan
from remediator.views.report_text import show_report
from tests.places import PLAYBOOKS

_WORDS = re.compile(r"[A-Za-z']+(?:,? [A-Za-z']+){3,}")


def english_left(document: str) -> list[str]:
    """The words of ours that stay English when a plan or a report is shown in Chinese.

    Azure's own words stay English, and so do those of the guest's scripts and of a playbook that
    nobody has translated yet.

    Args:
        document: the JSON of the plan or of the report.
    """
    told = json.loads(document)
    plan = told.get("plan", told)
    if plan["playbook"] and not _is_told(plan["playbook"]["name"]):
        return []
    speak("zh-CN")
    try:
        shown = _screen(told)
        titles = [title for title in _titles(plan) if translated(title) == title]
    finally:
        speak("en")
    shown = re.sub(r"(?:az|remediate) [^\n]*", "", shown)
    # Azure says some of our words as well.
    foreign = json.dumps(plan.get("job")) + json.dumps(plan.get("failure"))
    return titles + [words for words in _our_words() if words in shown and words not in foreign]


def _titles(plan: dict[str, Any]) -> Iterator[str]:
    """What the changes of a plan are called."""
    for step in plan["steps"]:
        if change := step if step["kind"] == "change" else step.get("change"):
            yield change["what"]


def _screen(told: dict[str, object]) -> str:
    out = io.StringIO()
    console = Console(file=out, width=10_000, highlight=False)
    if "verdict" in told:
        show_report(console, Report.model_validate(told))
    else:
        show_plan(console, Plan.model_validate(told), "", details=True)
    return out.getvalue()


@cache
def _is_told(playbook: str) -> bool:
    """Whether a playbook is ours, and all its texts are translated."""
    path, catalogue = PLAYBOOKS / f"{playbook}.yaml", catalogue_of("zh-CN")
    if catalogue is None or not path.exists():
        return False
    with path.open("rb") as file:
        return all(text in catalogue.texts for _, _, text, _ in extract.playbook(file, [], [], {}))


@cache
def _our_words() -> tuple[str, ...]:
    """Four words and more that stand side by side in a sentence of ours."""
    found = (m[0] for text in texts() for m in _WORDS.finditer(first_form(text)))
    return tuple(dict.fromkeys(words for words in found if len(words) > 15))
