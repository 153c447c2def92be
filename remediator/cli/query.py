"""JMESPath over the JSON of a result: `--query`, as azure-cli has it.

jmespath and json are loaded only if an expression is given.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from remediator.errors import BadInputError

_LONGEST: Final = 200
"""So much of an expression is repeated in an error, in characters."""


def checked(expression: str | None) -> str | None:
    """The expression, if it is JMESPath. It is looked at before anything is read or done.

    Raises:
        BadInputError: it cannot be read, names a function that does not exist, or gives a function
            the wrong number of arguments.
    """
    if expression is not None:
        try:
            problem = next(_problems(_compiled(expression).parsed), None)
        except RecursionError as error:
            raise BadInputError(_told(expression, str(error))) from None
        if problem is not None:
            raise BadInputError(_told(expression, problem))
    return expression


def queried(text: str, expression: str) -> str:
    """The part of a JSON text that the expression names, as JSON that is safe to show.

    If there is no such part, it is `null`.

    Raises:
        BadInputError: the expression does not fit the values that it meets.
    """
    import json

    from jmespath.exceptions import JMESPathError

    from remediator.json_text import json_of

    try:
        return json_of(_compiled(expression).search(json.loads(text)))
    except (JMESPathError, TypeError, ValueError, RecursionError) as error:
        raise BadInputError(_told(expression, str(error))) from None


def _compiled(expression: str) -> Any:
    import jmespath
    from jmespath.exceptions import JMESPathError

    try:
        return jmespath.compile(expression)
    except (JMESPathError, ValueError, RecursionError) as error:
        raise BadInputError(_told(expression, str(error))) from None


def _problems(node: Mapping[str, Any]) -> Iterator[str]:
    """What a call in an expression does wrong. jmespath would find it only in the result."""
    from jmespath.functions import Functions

    if node["type"] == "function_expression":
        name, given = node["value"], len(node["children"])
        if name not in Functions.FUNCTION_TABLE:
            known = ", ".join(sorted(Functions.FUNCTION_TABLE))
            yield f"there is no function {name}; there are {known}"
        else:
            taken = Functions.FUNCTION_TABLE[name]["signature"]
            several = bool(taken) and taken[-1].get("variadic", False)
            if given < len(taken) or (given > len(taken) and not several):
                yield f"{name}() takes {len(taken)} arguments, not {given}"
    for child in node["children"]:
        if isinstance(child, Mapping):
            yield from _problems(child)


def _told(expression: str, problem: str) -> str:
    """One line. jmespath draws some problems over several lines."""
    shown = expression if len(expression) <= _LONGEST else f"{expression[:_LONGEST]}…"
    return f"--query {shown!r}: {' '.join(problem.splitlines()[:1]).rstrip(':')}"
