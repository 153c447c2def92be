"""The tags that a policy's rule demands of a resource group, as far as the rule is understood.

A rule is read and not executed. The condition of the rule tells which tags keep the rule from
denying a new resource group. If the rule asks anything else, the policy is not understood.

Source: "Azure Policy definition structure: policy rule" (conditions, `field`, `deny`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

GROUP_TYPE: Final = "microsoft.resources/subscriptions/resourcegroups"

Parameters = dict[str, Any]
"""Values by parameter name, in lower case."""

_PARAMETER = re.compile(r"\[\s*parameters\(\s*'([^']+)'\s*\)\s*\]", re.IGNORECASE)
_CONCAT = re.compile(r"\[\s*concat\((.*)\)\s*\]", re.IGNORECASE | re.DOTALL)
_PART = re.compile(r"\s*(?:'([^']*)'|parameters\(\s*'([^']+)'\s*\))\s*(?:,|$)", re.IGNORECASE)
_TAG = re.compile(r"tags(?:\[\s*'?([^'\]]+)'?\s*\]|\.([^\[\].']+))", re.IGNORECASE)
_DEPTH: Final = 20


@dataclass(frozen=True, slots=True)
class Demand:
    """A tag and its allowed values. If there are no values, any value is allowed."""

    tag: str
    values: tuple[str, ...]


Demands = tuple[Demand, ...]


class _Impossible:
    """No tag can change the result of the condition for a resource group."""


_IMPOSSIBLE: Final = _Impossible()


def demands_of(rule: object, parameters: Parameters) -> Demands | None:
    """The tags that keep a rule from denying a resource group. None when it is not understood.

    A rule that does not deny, or does not deny resource groups, demands nothing.
    """
    if not isinstance(rule, Mapping):
        return None
    then = rule.get("then")
    effect = given(then.get("effect"), parameters) if isinstance(then, Mapping) else None
    if not isinstance(effect, str):
        return None
    if effect.lower() != "deny":
        return ()
    found = _make(rule.get("if"), parameters, wanted=False, depth=_DEPTH)
    return found if isinstance(found, tuple) else None


def given(value: object, parameters: Parameters) -> Any:
    """A value with its parameters filled in. None for an expression that is not supported here."""
    if not isinstance(value, str) or not value.startswith("[") or value.startswith("[["):
        return value
    if match := _PARAMETER.fullmatch(value):
        return parameters.get(match[1].lower())
    match = _CONCAT.fullmatch(value)
    if not match:
        return None
    built, at = "", 0
    while at < len(match[1]):
        part = _PART.match(match[1], at)
        if part is None:
            return None
        piece = part[1] if part[1] is not None else parameters.get(part[2].lower())
        if not isinstance(piece, str):
            return None
        built, at = built + piece, part.end()
    return built


def _make(
    condition: object, parameters: Parameters, *, wanted: bool, depth: int
) -> Demands | _Impossible | None:
    """The tags with which a condition gives the wanted result for a resource group."""
    if not isinstance(condition, Mapping) or not depth:
        return None

    def inner(part: object, wish: bool) -> Demands | _Impossible | None:
        return _make(part, parameters, wanted=wish, depth=depth - 1)

    match {str(name).lower(): part for name, part in condition.items()}:
        case {"not": part, **rest} if not rest:
            return inner(part, not wanted)
        case {"allof": [*parts], **rest} if not rest:
            told = [inner(part, wanted) for part in parts]
            return _all(told) if wanted else _any(told)
        case {"anyof": [*parts], **rest} if not rest:
            told = [inner(part, wanted) for part in parts]
            return _any(told) if wanted else _all(told)
        case {"field": field, **rest} if len(rest) == 1:
            [(operator, value)] = rest.items()
            return _leaf(given(field, parameters), operator, given(value, parameters), wanted)
        case _:
            return None


def _all(told: list[Demands | _Impossible | None]) -> Demands | _Impossible | None:
    """Every part must become true."""
    if any(part is _IMPOSSIBLE for part in told):
        return _IMPOSSIBLE
    merged: dict[Demand, None] = {}
    for part in told:
        if not isinstance(part, tuple):
            return None
        merged.update(dict.fromkeys(part))
    return tuple(merged)


def _any(told: list[Demands | _Impossible | None]) -> Demands | _Impossible | None:
    """One part must become true: the part with the fewest tags is chosen."""
    if ways := [part for part in told if isinstance(part, tuple)]:
        return min(ways, key=len)
    return None if any(part is None for part in told) else _IMPOSSIBLE


def _leaf(
    field: object, operator: str, value: object, wanted: bool
) -> Demands | _Impossible | None:
    if not isinstance(field, str) or value is None:
        return None
    if field.lower() == "type":
        return _about_type(operator, value, wanted)
    tag = _TAG.fullmatch(field.strip())
    return _about_tag((tag[1] or tag[2]).strip(), operator, value, wanted) if tag else None


def _about_type(operator: str, value: object, wanted: bool) -> Demands | _Impossible | None:
    named = [value] if isinstance(value, str) else value
    if not isinstance(named, list):
        return None
    is_it = GROUP_TYPE in [str(each).lower() for each in named]
    match operator:
        case "equals" | "in":
            said = is_it
        case "notequals" | "notin":
            said = not is_it
        case _:
            return None
    return () if said is wanted else _IMPOSSIBLE


def _about_tag(tag: str, operator: str, value: object, wanted: bool) -> Demands | None:
    """The demand of a condition on one tag.

    A missing tag equals nothing, so only presence counts.
    """
    match operator, value:
        case "exists", bool() | "true" | "false" | "True" | "False":
            said = value if isinstance(value, bool) else value.lower() == "true"
            return (Demand(tag, ()),) if said is wanted else None
        case ("equals", "") if not wanted:
            return (Demand(tag, ()),)
        case ("notequals", "") if wanted:
            return (Demand(tag, ()),)
        case ("equals", str()) if wanted:
            return (Demand(tag, (str(value),)),)
        case ("notequals", str()) if not wanted:
            return (Demand(tag, (str(value),)),)
        case ("in", [*values]) if wanted and values:
            return (Demand(tag, tuple(map(str, values))),)
        case ("notin", [*values]) if not wanted and values:
            return (Demand(tag, tuple(map(str, values))),)
        case _:
            return None
