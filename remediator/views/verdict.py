"""The verdict on a plan that is not applied yet: whether the failure can be fixed, in one line."""

from rich.text import Text

from remediator.language import _, _n, listed
from remediator.plan.plan import Plan
from remediator.report.batch import Standing, unapplied
from remediator.views.losses import loss
from remediator.views.plain import brief, plain


def verdict(plan: Plan) -> Text:
    """The line. It names what is needed: changes, consent, a person, or nothing."""
    target = unapplied(plan)
    why = brief(target.text)
    match target.standing:
        case Standing.PENDING:
            return _fixable(plan)
        case Standing.CONSENT:
            told = _("Needs your consent: {flags}").format(flags=plain(" ".join(plan.opt_ins)))
            return Text(told, style="bold yellow")
        case Standing.NOTHING_TO_DO:
            return Text(_("Nothing to do: {why}").format(why=why), style="bold green")
        case Standing.REFUSED | Standing.NOT_REACHED:
            return Text(_("Refused by a guard: {why}").format(why=why), style="bold yellow")
        case _:
            return Text(_("Needs a human: {why}").format(why=why), style="bold magenta")


def _fixable(plan: Plan) -> Text:
    count = len(plan.changes)
    changes = _n("{count} change", "{count} changes", count).format(count=count)
    classes = dict.fromkeys(c.impact for c in plan.changes if c.impact.needs_opt_in)
    if not classes:
        told = _("Can be fixed: {changes}, no consent needed").format(changes=changes)
        return Text(told, style="bold green")
    told = _("Can be fixed: {changes}, with consent to {classes}").format(
        changes=changes, classes=listed(map(_, classes))
    )
    line = Text(told, style="bold yellow")
    if lost := plan.summary.data_loss:
        line.append(f"  {loss(lost)}", style="bold red")
    return line
