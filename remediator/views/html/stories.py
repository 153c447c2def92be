"""The story of one planned job: the failure, what was seen, each step, and what the run did."""

from collections.abc import Iterator
from typing import Final

from remediator.change.step import Change, Held, Manual, Step, Unchanged
from remediator.checks import Finding, Status
from remediator.language import _
from remediator.language.translation import translated
from remediator.moments import shown
from remediator.plan.plan import Plan
from remediator.report.details import Alteration
from remediator.report.report import Report
from remediator.run.run import Entry, Outcome, Result
from remediator.views.findings import advised, answered
from remediator.views.guest import guest_told
from remediator.views.html.kinds import RESULT_TONE
from remediator.views.html.page import Tone
from remediator.views.html.sections import Badge, Item, Section, Sections
from remediator.views.html.shown import then
from remediator.views.html.timeline import timeline
from remediator.views.job_words import ended
from remediator.views.rows import is_command

_TRUSTED: Final = "https://learn.microsoft.com/"
"""Where a link may lead. A playbook of a user may name any place."""

_STATUS: Final[dict[Status, Tone]] = {
    Status.PASS: "good",
    Status.FAIL: "bad",
    Status.UNKNOWN: "ask",
}


def planned_story(
    plan: Plan, report: Report | None, entries: tuple[Entry, ...], sections: Sections
) -> list[Section]:
    """The sections of one job.

    Args:
        plan: its plan.
        report: the report of its run.
        entries: what the run's record tells.
        sections: makes the sections.
    """
    outcomes = {outcome.step: outcome for outcome in report.outcomes} if report else {}
    found = [
        sections.section(_("Result"), _of_run(report)) if report else {},
        timeline(plan, entries, sections.pack),
        sections.section(_("Failure"), _of_failure(plan)),
        sections.section(_("Seen"), _seen(plan)),
        sections.steps(_("Checked"), (_finding(each, sections) for each in plan.findings)),
        sections.steps(
            _("Plan"),
            (_step(n, step, outcomes.get(n), sections) for n, step in enumerate(plan.steps, 1)),
        ),
        sections.section(
            _("If this does not help"), (("", "text", _(title)) for title in plan.later)
        ),
    ]
    return [section for section in found if section]


def _finding(finding: Finding, sections: Sections) -> Section:
    words = {
        Status.PASS: _("as it should be"),
        Status.FAIL: _("wrong"),
        Status.UNKNOWN: _("unknown"),
    }
    items = (
        ("", "text", answered(finding)),
        (_("advice"), "text", advised(finding)),
        (_("read by"), "code", finding.evidence),
    )
    badge = words[finding.status], _STATUS[finding.status]
    return sections.step(_(finding.title), [badge], items)


def _step(number: int, step: Step, outcome: Outcome | None, sections: Sections) -> Section:
    title, badges = _headed(step)
    items = list(_told(step))
    if outcome is not None:
        badges.append((result_word(outcome.result), RESULT_TONE[outcome.result]))
        items = [*_of_outcome(outcome), *items]
    return sections.step(translated(title), badges, items, number)


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
        yield _("next"), "code", then(line)
    if report.new_job:
        yield _("new backup job"), "code", report.new_job.id
    yield _("began"), "text", shown(report.started)
    yield _("ended"), "text", shown(report.ended)
    yield _("record"), "code", report.record
    yield _("audit trail"), "code", report.audit_head or ""


def _of_failure(plan: Plan) -> Iterator[Item]:
    failure = plan.failure
    yield _("message"), "text", failure.message
    for line in failure.recommendations:
        yield _("recommendation"), "text", line
    yield _("backup"), "text", ended(plan.job)
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
        yield said.fact, "text", f"{_(said.value)}: {translated(said.because)}"


def _headed(step: Step) -> tuple[str, list[Badge]]:
    """A step's title and its badges."""
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


def _tone(change: Change) -> Tone:
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
    yield from altered(change)
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


def altered(change: Change | Alteration) -> Iterator[Item]:
    """What a change alters, how to undo it, and where."""
    none = _("none")
    for label, values in ((_("before"), change.before), (_("after"), change.after)):
        for name, value in values.items():
            yield label, "text", f"{name}: {none if value is None else value}"
    yield _("undo"), "code" if is_command(change.undo) else "text", change.undo
    yield _("target"), "code", change.target
