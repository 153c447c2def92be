"""Which policies count as Enhanced ones."""

from typing import Any

import pytest

from remediator.inspect.policy import parse


@pytest.mark.parametrize(
    ("properties", "enhanced"),
    [
        (None, False),
        ({}, False),
        ({"policyType": None}, False),
        ({"policyType": ""}, False),
        ({"policyType": "V1"}, False),
        ({"policyType": 2}, False),
        ({"policyType": "V2"}, True),
        ({"policyType": "v2"}, True),
    ],
    ids=str,
)
def test_a_policy_that_does_not_tell_its_type_is_a_standard_one(
    properties: Any, enhanced: bool
) -> None:
    assert parse({"id": "p", "properties": properties}).enhanced is enhanced
