"""How long a VM may be without a recovery point, by its policy."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from remediator.inspect.estate import _promise
from remediator.inspect.policy import parse


def policy(frequency: str | None, **schedule: Any) -> dict[str, Any]:
    told = {"scheduleRunFrequency": frequency} | schedule
    return {"id": "/p", "properties": {"policyType": "V2", "schedulePolicy": told}}


def every(interval: int, lasts: int) -> dict[str, Any]:
    start = datetime(2021, 12, 17, 8, tzinfo=UTC).isoformat().replace("+00:00", "Z")
    hourly = {
        "interval": interval,
        "scheduleWindowStartTime": start,
        "scheduleWindowDuration": lasts,
    }
    return policy("Hourly", schedulePolicyType="SimpleSchedulePolicyV2", hourlySchedule=hourly)


@pytest.mark.parametrize(
    ("told", "hours"),
    [
        (every(4, 24), 4),
        (every(4, 12), 12),  # at 8, 12, 16 and 20; then the night
        (every(12, 24), 12),
        (policy("Hourly"), 24),
        (policy("Daily"), 24),
        (policy("Weekly"), 168),
    ],
)
def test_the_longest_time_between_two_backups(told: dict[str, Any], hours: int) -> None:
    assert _promise(parse(told)) == timedelta(hours=hours)


def test_a_policy_that_tells_no_frequency_promises_nothing() -> None:
    assert _promise(parse(policy(None))) is None
