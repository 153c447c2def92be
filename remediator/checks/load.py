"""The load of the VM during its backup: articles 000 and 001, snapshot issues."""

from typing import Final

from remediator.checks.check import Answer, Area, Check, failed, left_open, passed, unknown
from remediator.facts import Readings, Source, Unknown
from remediator.language import marked
from remediator.moments import shown

MOST_CPU: Final = 90.0
"""Percent, from "Troubleshoot backup errors with Azure virtual machines"."""


def _cpu(about: Readings) -> Answer:
    if isinstance(about.cpu, Unknown):
        return unknown(about.cpu.reason)
    cpu, source = about.cpu.value, about.cpu.source
    told = {"begin": shown(cpu.begin), "end": f"{cpu.end:%R}Z"}
    if cpu.highest is None:
        return left_open("nothing was measured from {begin} to {end}", source, **told)
    told |= {"percent": f"{cpu.highest:.0f}", "most": f"{MOST_CPU:.0f}"}
    if cpu.highest > MOST_CPU:
        return failed(
            "{percent} % in the busiest five minutes from {begin} to {end}, over {most} %",
            source,
            marked(
                "Back up at a quieter hour, or give the VM a bigger size: a snapshot needs some "
                "processor time within seconds."
            ),
            **told,
        )
    return passed(
        "{percent} % in the busiest five minutes from {begin} to {end}",
        source,
        **told,
    )


CHECKS: Final = (
    Check(
        "cpu",
        Area.LOAD,
        "Its processor is not overloaded",
        frozenset({Source.CPU}),
        _cpu,
        of_agent=True,
    ),
)
