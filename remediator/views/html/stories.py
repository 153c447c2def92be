"""The story of one planned job: the failure, what was seen, each step, and what the run did.

A story is sections of labelled texts. The scripts show any section, and know nothing of plans.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from remediator.change.step import Change, Held, Manual, Step, Unchanged
from remediator.checks import Finding, Status
from remediator.language import _
from remediator.language.translation import translated
from remediator.moments import shown
from remediator.plan.plan import Plan
from remediator.report.report import Report
from remediator.run.run import Entry, Outcome, Result
from remediator.views.findings import answered
from remediator.views.guest import guest_told
from remediator.views.html.embedded import Packed, Parts
from remediator.views.html.timeline import timeline

Item = tuple[str, str, str]
"""A label, a form, and a text. The form is `text`, `code` (to be copied) or `link`."""

_TRUSTED: Final = "https://learn.microsoft.com/"
"""Where a link may lead. A playbook of a user may name any place."""

_STATUS: Final = {Status.PASS: "good", Status.FAIL: "bad", Status.UNKNOWN: "ask"}
_RESULT: Final = {
    Result.APPLIED: "good",
    Result.UNNEEDED: "quiet",
    Result.UNSETTLED: "ask",
    Result.NOT_REACHED: "quiet",
    Result.FAILED: "bad",
    Result.UNCERTAIN: "bad",
    Result.STALE: "bad",
}


class Stories:
    """Makes stories whose texts share their parts."""

    def __init__(self, parts: Parts) -> None:
        self._pack = parts.pack

    def story(
        self, plan: Plan, report: Report | None, entries: tuple[Entry, ...]
    ) -> list[dict[str, Any]]:
        """The sections of one job.

        Args:
            plan: its plan.
            report: the report of its run.
            entries: what the run's record tells.
        """
        outcomes = {outcome.step: outcome for outcome in report.outcomes} if report else {}
        found = [
            self._section(_("Result"), _of_run(report)) if report else {},
            timeline(plan, entries, self._pack),
            self._section(_("Failure"), _of_failure(plan)),
            self._section(_("Seen"), _seen(plan)),
            self._steps(_("Checked"), map(self._finding, plan.findings)),
            self._steps(
                _("Plan"),
                (self._step(n, step, outcomes.get(n)) for n, step in enumerate(plan.steps, 1)),
            ),
            self._section(
                _("If this does not help"), (("", "text", _(title)) for title in plan.later)
            ),
        ]
        return [section for section in found if section]

    def _section(self, title: str, items: Iterable[Item]) -> dict[str, Any]:
        told = self._items(items)
        return {"title": self._pack(title), "items": told} if told else {}

    def _steps(self, title: str, steps: Iterable[dict[str, Any]]) -> dict[str, Any]:
        told = list(steps)
        return {"title": self._pack(title), "steps": told} if told else {}

    def _items(self, items: Iterable[Item]) -> list[list[Packed | str]]:
        return [
            [self._pack(label), form, self._pack(translated(text) if form == "text" else text)]
            for label, form, text in items
            if text
        ]

    def _finding(self, finding: Finding) -> dict[str, Any]:
        tone = _STATUS[finding.status]
        words = {
            Status.PASS: _("as it should be"),
            Status.FAIL: _("wrong"),
            Status.UNKNOWN: _("unknown"),
        }
        advice = _(finding.advice).format_map(finding.values) if finding.advice else ""
        items = (
            ("", "text", answered(finding)),
            (_("advice"), "text", advice),
            (_("read by"), "code", finding.evidence),
        )
        return {
            "title": self._pack(_(finding.title)),
            "badges": [[self._pack(words[finding.status]), tone]],
            "items": self._items(items),
        }

    def _step(self, number: int, step: Step, outcome: Outcome | None) -> dict[str, Any]:
        title, badges = _headed(step)
        items = list(_told(step))
        if outcome is not None:
            badges.append((result_word(outcome.result), _RESULT[outcome.result]))
            items = [*_of_outcome(outcome), *items]
        return {
            "number": number,
            "title": self._pack(translated(title)),
            "badges": [[self._pack(text), tone] for text, tone in badges],
            "items": self._items(items),
        }


def result_word(result: Result) -> str:
    """What a result is called in the page."""
    match result:
        case Result.APPLIED:
            return _("applied")
        case Result.UNSETTLED:
            return _("effect not seen in time")
        case Result.UNNEEDED:
            return _("not needed any more")
        case Result.FAILED:
            return _("has failed")
        case Result.UNCERTAIN:
            return _("effect not known")
        case Result.STALE:
            return _("not sent: the plan was stale")
        case Result.NOT_REACHED:
            return _("not reached")


def _of_run(report: Report) -> Iterator[Item]:
    yield _("verdict"), "text", report.verdict.text
    for lock in report.locks_owed:
        maybe, surely = _("NOT KNOWN WHETHER IT IS ON:"), _("A LOCK IS OFF THAT SHOULD BE ON:")
        yield maybe if lock in report.locks_unsure else surely, "code", lock.id
    for lock in report.locks_left_off:
        if lock not in report.locks_owed:
            maybe, surely = _("Not known whether it is off:"), _("left off on purpose")
            yield maybe if lock in report.locks_unsure else surely, "code", lock.id
    for owed in report.power_owed:
        yield _("put back the VM's power"), "code", owed.command
    for line in report.next:
        yield _("next"), "code", line
    if report.new_job:
        yield _("new backup job"), "code", report.new_job.id
    yield _("began"), "text", shown(report.started)
    yield _("ended"), "text", shown(report.ended)
    yield _("record"), "code", report.record
    yield _("audit trail"), "code", report.audit_head or ""


def _of_failure(plan: Plan) -> Iterator[Item]:
    job, failure = plan.job, plan.failure
    ended = _("{operation} ended {status} at {at}")
    yield _("message"), "text", failure.message
    for line in failure.recommendations:
        yield _("recommendation"), "text", line
    yield (
        _("backup"),
        "text",
        ended.format(operation=job.operation, status=job.status, at=shown(job.end)),
    )
    yield _("known by"), "code", failure.evidence
    for each in failure.candidates:
        yield _("fits too"), "text", f"{each.code}: {each.evidence}"
    if plan.playbook:
        yield _("playbook"), "text", _(plan.playbook.title)
        for source in plan.playbook.sources:
            yield _("source"), "link" if source.startswith(_TRUSTED) else "code", source
    if plan.ladder:
        place = _("{rung}, {number} of {of}").format(
            rung=plan.ladder.rung, number=plan.ladder.number, of=plan.ladder.of
        )
        yield _("remedy"), "text", f"{_(plan.ladder.title)} ({place})"
    for note in plan.notes:
        yield _("note"), "text", note
    yield _("plan"), "code", plan.plan_id
    yield _("good until"), "text", shown(plan.expires)
    if plan.signature:
        yield _("signature"), "code", plan.signature.key_id


def _seen(plan: Plan) -> Iterator[Item]:
    for said in plan.facts:
        yield said.fact, "text", f"{said.value}: {said.because}"


def _headed(step: Step) -> tuple[str, list[tuple[str, str]]]:
    """A step's title and its badges: text and tone."""
    match step:
        case Change():
            return step.what, [(_(step.impact), _tone(step))]
        case Held(change=Change() as change):
            return change.what, [(_("held"), "ask"), (_(change.impact), _tone(change))]
        case Held():
            return step.action, [(_("held"), "ask")]
        case Unchanged():
            return "" if step.action == "none" else step.action, [(_("nothing to do"), "quiet")]
        case Manual():
            title = _("for a human") if step.action == "none" else step.action
            return title, [(_("for a human"), "human")]


def _tone(change: Change) -> str:
    if change.loses or change.impact == "destructive":
        return "bad"
    return "ask" if change.impact.needs_opt_in else "quiet"


def _told(step: Step) -> Iterator[Item]:
    for line in step.why:
        yield _("why"), "text", _(line)
    match step:
        case Change():
            yield from _of_change(step)
        case Held(change=Change() as change):
            for line in change.why:
                yield _("why"), "text", _(line)
            yield from _of_change(change)
        case Manual():
            for command in step.commands:
                yield _("command"), "code", command
            yield _("target"), "code", step.target
        case _:
            yield _("target"), "code", step.target


def _of_change(change: Change) -> Iterator[Item]:
    for gone in change.loses:
        lost = _("{point} of {at}, {consistency}: exists nowhere else").format(
            point=gone.point, at=shown(gone.created), consistency=gone.consistency
        )
        yield _("lost"), "text", lost
    yield from _pairs(_("before"), change.before)
    yield from _pairs(_("after"), change.after)
    yield _("undo"), "code", change.undo
    yield _("target"), "code", change.target
    yield _("request"), "code", f"{change.request.method} {change.request.url}"
    yield "sdk", "text", change.operation.value
    yield _("needs"), "code", change.permission


def _of_outcome(outcome: Outcome) -> Iterator[Item]:
    yield _("result"), "text", outcome.text
    yield _("correlation id"), "code", outcome.correlation_id or ""
    yield _("ended"), "text", f"{outcome.ended:%Y-%m-%d %H:%M:%S}Z"
    if outcome.guest:
        for name, told in guest_told(outcome.guest):
            yield name, "text", told


def _pairs(label: str, values: dict[str, object]) -> Iterator[Item]:
    """Each value of a change. Only the first has the label, because it stands for all of them."""
    none = _("none")
    for name, value in values.items():
        yield label, "text", f"{name}: {none if value is None else value}"
        label = ""
