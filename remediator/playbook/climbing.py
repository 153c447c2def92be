"""The place on a ladder: how far up the attempts and their evidence have led.

Each failed attempt leads one word of `tries` up. The evidence in the tool's own attempts may lead
higher: a rung that has repaired the VM or run a script is not taken again, and a rung that a script
asked for comes next. Nothing here leads down, so no rung is repeated because of evidence.
"""

from collections import Counter
from typing import Final

from remediator.actions.back_up_now import BackUpNow
from remediator.actions.enable_protection import EnableProtection
from remediator.actions.run_guest_script import RunGuestScript
from remediator.conditions.jobs import TRIES
from remediator.facts import Attempt, Climbed, Fact, Unknown
from remediator.job.request_ids import Found, tag
from remediator.moments import shown
from remediator.playbook.playbook import Playbook, Rung

TOP: Final = len(TRIES) - 1
"""The place of the last word of `tries`."""

_FOUND: Final = {
    Found.NO_ANSWER: "its script gave no answer",
    Found.CHANGED: "its script changed something",
    Found.NOTHING_TO_DO: "its script found nothing to do",
    Found.PROBLEM: "its script reported a problem",
}


def climbed(playbook: Playbook, attempts: Fact[tuple[Attempt, ...]]) -> Climbed | None:
    """The place to which the attempts have led. None if they carry no evidence for this ladder."""
    if isinstance(attempts, Unknown):
        return None
    rungs, place, because, asked = _by_tag(playbook), 0, [], None
    for attempt in attempts.value:
        told = attempt.evidence
        rung = rungs.get(told.rung) if told else None
        if attempt.job.begun_by_tool:
            asked = rungs.get(told.wanted) if told and rung else None
        if told is None or rung is None:
            place += 1
            continue
        place = after(rung, place)
        if not once(rung):
            continue
        said = f"rung {rung.rung} was taken at {shown(attempt.job.start)}"
        if has_script(rung):
            said += f", and {_FOUND[told.found]}"
        if asked is not None:
            said += f", and asked for rung {asked.rung}"
            place = max([place, *_words(asked)[:1]])
        because.append(said)
    if not because:
        return None
    return Climbed(
        to=min(place, TOP), asked=asked.rung if asked else None, because="; ".join(because)
    )


def after(rung: Rung, place: int) -> int:
    """The place after a visit has taken a rung at a place, and its backup has failed.

    A rung without a backup makes no attempt, and a rung that must be asked for lies beside the
    ladder: the place stays. A retry uses up one word of `tries`. What is done only once uses up all
    words of its rung.
    """
    attempts = any(isinstance(step, BackUpNow | EnableProtection) for step in rung.steps)
    if rung.only_asked or not attempts:
        return place
    used_up = _words(rung)[-1:] if once(rung) else []
    return min(max([place, *used_up]) + 1, TOP)


def once(rung: Rung) -> bool:
    """Whether a rung is taken only once: a script or a repair that did not help is not repeated.

    Another remedy may be repeated as often as its `tries` say.
    """
    return any(step.once for step in rung.steps)


def has_script(rung: Rung) -> bool:
    """Whether the rung runs a script in the guest."""
    return any(isinstance(step, RunGuestScript) for step in rung.steps)


def _by_tag(playbook: Playbook) -> dict[int, Rung]:
    """The rungs by their tags. A tag that two rungs share tells nothing."""
    tags = [(tag(playbook.name, rung.rung), rung) for rung in playbook.ladder]
    often = Counter(each for each, _ in tags)
    return {each: rung for each, rung in tags if often[each] == 1}


def _words(rung: Rung) -> list[int]:
    """The places of a rung, from the lowest up. Empty if it may be taken at each."""
    return sorted(TRIES.index(word) for word in rung.when.get("tries", ()))
