"""The forms that have a row for each VM, made when they are wanted."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from remediator.cli.output import Made
from remediator.report.summary import Summary


def forms_of(make: Callable[[], Summary]) -> dict[str, Made]:
    """Markdown, HTML, JUnit, SARIF and CSV of one summary.

    Args:
        make: makes the summary. It is called at most once.
    """
    summary = cache(make)

    def md() -> str:
        from remediator.views.summary_md import summary_md

        return summary_md(summary())

    def html() -> str:
        from remediator.record.records import entries_in
        from remediator.views.summary_html import summary_html

        reports = [row.report for row in summary().rows if row.report]
        record = {report.run_id: entries_in(Path(report.record)) for report in reports}
        return summary_html(summary(), record)

    def junit() -> str:
        from remediator.views.summary_junit import summary_junit

        return summary_junit(summary())

    def sarif() -> str:
        from remediator.views.summary_sarif import summary_sarif

        return summary_sarif(summary())

    def csv() -> str:
        from remediator.views.summary_csv import summary_csv

        return summary_csv(summary())

    return {"md": md, "html": html, "junit": junit, "sarif": sarif, "csv": csv}
