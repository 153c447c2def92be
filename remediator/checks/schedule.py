"""The VMs that are backed up at the same time: articles 000 and 001, snapshot issues."""

from typing import Final

from remediator.checks.check import Answer, Area, Check, failed, passed, unknown
from remediator.facts import Readings, Source, Unknown
from remediator.language import marked

MOST_VMS: Final = 100
"""VMs on one policy ("Frequently asked questions - Back up Azure VMs", 2022-03: more VMs should be
split over several policies). The older articles say four at a time. That was for one classic
cloud service; there are none any more."""


def _policy(about: Readings) -> Answer:
    if isinstance(about.neighbours, Unknown):
        return unknown(about.neighbours.reason)
    found, source = about.neighbours.value, about.neighbours.source
    told = {"count": found.count, "policy": found.policy_id.rsplit("/", 1)[-1], "most": MOST_VMS}
    if found.count > MOST_VMS:
        return failed(
            "policy {policy} starts {count} VMs together; at most {most} are advised",
            source,
            marked("Spread them over several policies whose times are an hour or more apart."),
            **told,
        )
    return passed("{count} of at most {most} VMs on policy {policy}", source, **told)


CHECKS: Final = (
    Check(
        "policy-load",
        Area.SCHEDULE,
        "Not too many VMs start together",
        frozenset({Source.NEIGHBOURS}),
        _policy,
    ),
)
