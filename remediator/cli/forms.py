"""The forms that have a row for each VM, made when they are wanted."""

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from remediator.cli.masking import masked
from remediator.cli.output import Made
from remediator.report.report import Report
from remediator.report.summary import Summary


def forms_of(make: Callable[[], Summary], reports: Iterable[Report] = ()) -> dict[str, Made]:
    """Markdown, HTML, JUnit, SARIF and CSV of one summary.

    Args:
        make: makes the summary. It is called at most once.
        reports: the reports that the summary tells, with the real paths of their records.
    """
    summary = cache(make)

    def md() -> str:
        from remediator.views.summary_md import summary_md

        return summary_md(summary())

    def html() -> str:
        from remediator.record.records import entries_in
        from remediator.views.summary_html import summary_html

        record = {
            report.run_id: masked(entries_in(Path(report.record), report.run_id))
            for report in reports
        }
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
