"""The words of the page and of its scripts, in the chosen language."""

from typing import Final

from remediator.language import _, marked

BECAME: Final = {
    "runs": marked("runs"),
    "applied": marked("applied"),
    "recovered": marked("recovered"),
    "settled": marked("settled"),
    "recovered_meanwhile": marked("recovered by another backup"),
    "failed_again": marked("failed again"),
    "failed_otherwise": marked("failed with another code"),
    "needs_human": marked("need a human"),
    "uncertain": marked("uncertain"),
    "stale": marked("stale"),
}
"""What became of the runs of a remedy: the name of each number, and what people call it."""


def words() -> dict[str, str]:
    """Each word by the name that the template and the scripts use."""
    return {
        "decide": _("To decide"),
        "nothing_to_decide": _("Nothing needs a decision."),
        "pictures": _("At a glance"),
        "numbers": _("The numbers as a table"),
        "machines": _("All VMs, worst first"),
        "more": _("and {count} more: show all in the table"),
        "no_script": _(
            "This viewer runs no scripts: it shows the worst VMs only, and no table. A browser "
            "shows all."
        ),
        "skip": _("Go to the table"),
        "dark": _("Dark"),
        "light": _("Light"),
        "theme": _("Colours"),
        "print": _("Print"),
        "copy": _("Copy"),
        "copied": _("Copied"),
        "copy_of": _("Copy: {text}"),
        "copy_command": _("Copy the next command of {vm}"),
        **_of_table(),
        **_of_rows(),
    }


def history_words() -> dict[str, str]:
    """The words of the page of a history. It has the table and its frame, but other rows."""
    return {
        **words(),
        "decide": _("What recurs"),
        "nothing_to_decide": _("No VM failed twice with the same code."),
        "machines": _("Failures by VM and code"),
        "search_for": _("VM, code, vault …"),
        "search_remedies": _("Remedy, playbook …"),
        "failures": _("failures"),
        "first": _("first failure"),
        "last": _("last failure"),
        "state": _("recovery"),
        "took": _("median time"),
        "playbook": _("playbook"),
        **{name: _(label) for name, label in BECAME.items()},
    }


def _of_table() -> dict[str, str]:
    return {
        "search": _("Search"),
        "search_for": _("VM, code, id, reason …"),
        "any": _("any"),
        "clear": _("Show all"),
        "commands": _("Show commands"),
        "shown": _("{shown} of {all} rows"),
        "rows_of_page": _("Rows {first} to {last} of {count}"),
        "previous": _("Previous"),
        "next_page": _("Next page"),
        "page_size": _("Rows on a page"),
        "no_rows": _("There is nothing to list."),
        "nothing_found": _("No row fits. “Show all” takes the filters away."),
        "sort": _("sort"),
        "ascending": _("ascending"),
        "descending": _("descending"),
        "details": _("Details of {vm}"),
        "filters": _("Filters"),
    }


def _of_rows() -> dict[str, str]:
    return {
        "vm": "VM",
        "group": _("resource group"),
        "subscription": _("subscription"),
        "vault": _("vault"),
        "code": _("code"),
        "standing": _("standing"),
        "why": _("why"),
        "age": _("last good point"),
        "remedy": _("remedy"),
        "impact": _("impact"),
        "next": _("next"),
        "job": _("job"),
        "run": _("run"),
        "failed": _("failed at"),
        "correlation": _("correlation id"),
        "link": _("link to this VM"),
        "unknown": _("not known"),
        "summary": _("Summary"),
        "time": _("time"),
        "since": _("since the start"),
        "event": _("what happened"),
        "timeline": _("Timeline of the run: seconds since its start, a bar for each step and job"),
    }
