"""What a policy demands of a new resource group. The tool reads that from the policy's rule."""

from typing import Any

import pytest

from remediator.inspect.policy_rule import Demand, demands_of, given

GROUPS = {"field": "type", "equals": "Microsoft.Resources/subscriptions/resourceGroups"}
NO_TAG = {"field": "[concat('tags[', parameters('tagName'), ']')]", "exists": "false"}
ENV, OWNER = {"field": "tags['env']", "exists": False}, {"field": "tags.owner", "exists": "false"}


def rule(condition: Any, effect: str = "deny") -> dict[str, Any]:
    return {"if": condition, "then": {"effect": effect}}


def all_of(*parts: Any) -> dict[str, Any]:
    return {"allOf": list(parts)}


def any_of(*parts: Any) -> dict[str, Any]:
    return {"anyOf": list(parts)}


@pytest.mark.parametrize(
    ("condition", "demands"),
    [
        # The built-in definitions "Require a tag [and its value] on resource groups".
        (all_of(GROUPS, NO_TAG), [Demand("team", ())]),
        (
            all_of(
                GROUPS,
                {"not": {"field": NO_TAG["field"], "equals": "[parameters('tagValue')]"}},
            ),
            [Demand("team", ("shop",))],
        ),
        (
            all_of(GROUPS, {"field": "tags['env']", "notEquals": "prod"}),
            [Demand("env", ("prod",))],
        ),
        (
            all_of(GROUPS, {"field": "tags['env']", "notIn": ["prod", "test"]}),
            [Demand("env", ("prod", "test"))],
        ),
        (all_of(GROUPS, any_of(ENV, OWNER)), [Demand("env", ()), Demand("owner", ())]),
        (all_of(GROUPS, {"field": "tags['env']", "equals": ""}), [Demand("env", ())]),
        # A rule that denies nothing, or that denies no resource group, demands nothing.
        (all_of({"field": "type", "equals": "Microsoft.Compute/disks"}, ENV), []),
        (all_of({"field": "type", "notEquals": GROUPS["equals"]}, ENV), []),
        # One fulfilled part of an "all of" is enough, so another part that is not understood does
        # no harm.
        (all_of(GROUPS, ENV, {"field": "name", "like": "AzureBackupRG*"}), [Demand("env", ())]),
    ],
)
def test_what_is_understood_is_demanded(condition: Any, demands: list[Demand]) -> None:
    parameters = {"tagname": "team", "tagvalue": "shop"}
    assert demands_of(rule(condition), parameters) == tuple(demands)


@pytest.mark.parametrize(
    "condition",
    [
        all_of(GROUPS, {"field": "name", "notLike": "rg-*"}),
        all_of(GROUPS, any_of(ENV, {"field": "location", "notIn": ["westeurope"]})),
        all_of(GROUPS, {"field": "tags['env']", "notMatch": "##-??"}),
        all_of(GROUPS, {"field": "tags['env']", "exists": "true"}),
        all_of(GROUPS, {"field": "[parameters('unset')]", "exists": "false"}),
        all_of(GROUPS, {"field": "[toLower(field('tags.env'))]", "exists": "false"}),
        all_of(GROUPS, {"value": "[resourceGroup().tags.env]", "exists": "false"}),
        all_of(GROUPS, {"count": {"field": "tags"}, "less": 1}),
        GROUPS,
        {"allOf": [GROUPS, ENV], "anyOf": [OWNER]},
        {"not": {"not": "text"}},
        {},
        None,
        [ENV],
    ],
)
def test_whatever_else_is_not_understood(condition: Any) -> None:
    assert demands_of(rule(condition), {}) is None


@pytest.mark.parametrize("effect", ["audit", "Modify", "disabled", "deployIfNotExists"])
def test_only_deny_forbids(effect: str) -> None:
    assert demands_of(rule(all_of(GROUPS, ENV), effect), {}) == ()
    handed = rule(all_of(GROUPS, ENV), "[parameters('effect')]")
    assert demands_of(handed, {"effect": effect}) == ()
    assert demands_of(handed, {"effect": "Deny"}) == (Demand("env", ()),)
    assert demands_of(handed, {}) is None


def test_a_rule_as_deep_as_nobody_writes_is_given_up() -> None:
    deep: Any = ENV
    for _ in range(5000):
        deep = {"not": deep}
    assert demands_of(rule(deep), {}) is None


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("plain", "plain"),
        ("[[escaped", "[[escaped"),
        ("[parameters('A')]", "x"),
        ("[concat('tags[', parameters('a'), ']')]", "tags[x]"),
        ("[concat('a', b)]", None),
        ("[resourceGroup().name]", None),
        (["x", 1], ["x", 1]),
    ],
)
def test_only_parameters_and_their_joining_are_filled_in(value: Any, found: Any) -> None:
    assert given(value, {"a": "x"}) == found
