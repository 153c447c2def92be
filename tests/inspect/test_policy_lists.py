"""A listed policy counts only for what its row tells."""

import pytest

from remediator.inspect.policy import parse


@pytest.mark.parametrize(
    ("properties", "enhanced"),
    [
        ({"schedulePolicy": {"schedulePolicyType": "SimpleSchedulePolicy"}}, False),
        ({"schedulePolicy": {"schedulePolicyType": "SimpleSchedulePolicyV2"}}, True),
        ({"policyType": "V2"}, True),
        ({"policyType": "V1"}, False),
        ({}, False),
    ],
)
def test_an_enhanced_policy_is_known_by_its_type_or_by_its_schedule(
    properties: dict[str, object], enhanced: bool
) -> None:
    assert parse({"id": "/p", "properties": properties}).enhanced is enhanced
