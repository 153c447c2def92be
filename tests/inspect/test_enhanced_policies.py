"""Which policies count as Enhanced ones."""

from typing import Any

import pytest

from remediator.inspect.enhanced_policies import is_enhanced


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
    assert is_enhanced({"id": "p", "properties": properties}) is enhanced
