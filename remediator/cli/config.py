"""Options from a file: `remediate.toml`. The environment wins over it, and the flag over both."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from remediator.errors import BadInputError

DEFAULT = Path("remediate.toml")

ONLY_WHEN_NAMED = (
    "arm-endpoint",
    "yes",
    "allow",
    "allow-data-loss",
    "backup-service-object-id",
    "verify",
    "opt-out-tag",
    "ignore-opt-out",
    "attempts",
    "cool-down",
    "no-preflight",
)
"""What a file that merely lies in the current folder may not say: where tokens go, what is
consented to, whose signature counts, who is let into key vaults, and what loosens a guard. Naming
the file by --config makes it the person's own word."""


def use_config(context: typer.Context, path: Path | None) -> Path | None:
    """Take the options of a file as the defaults of the command that is about to run.

    Keys are the flags without their dashes; those in a table `[VERB]` count for that verb only.

    Raises:
        BadInputError: the file cannot be read, or holds an option that the command does not have.
    """
    chosen = path or (DEFAULT if DEFAULT.is_file() else None)
    if chosen is None or context.resilient_parsing:
        return path
    import tomllib

    try:
        content = tomllib.loads(chosen.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInputError(f"{chosen}: cannot be read: {error}") from None
    verb = str(context.info_name)
    verbs = _verbs(context)
    problems = list(_unknown(content, verbs))
    if path is None:
        problems += _not_from_here(content)
    own = content.get(verb)
    options, found = verbs[verb], {}
    for key, value in (_general(content) | (own if isinstance(own, dict) else {})).items():
        if key not in options:
            continue
        try:
            found[str(options[key].name)] = _fitting(options[key], value)
        except ValueError as error:
            problems.append(f"{key} {error}")
    if problems:
        raise BadInputError("\n".join(f"{chosen}: {problem}" for problem in problems))
    context.default_map = {**(context.default_map or {}), **found}
    return path


def _not_from_here(content: dict[str, Any]) -> Iterator[str]:
    tables = [content, *(value for value in content.values() if isinstance(value, dict))]
    for key in dict.fromkeys(key for table in tables for key in table if key in ONLY_WHEN_NAMED):
        yield f"{key} counts only in a file that is named: --config {DEFAULT}"


def _general(content: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in content.items() if not isinstance(value, dict)}


def _verbs(context: typer.Context) -> dict[str, dict[str, Any]]:
    """Every verb's options, by their flags without dashes."""
    commands = getattr(context.parent and context.parent.command, "commands", {})
    return {
        verb: {
            flag.removeprefix("--"): parameter
            for parameter in command.params
            for flag in parameter.opts
            if flag.startswith("--") and parameter.name not in ("config", "help")
        }
        for verb, command in {**commands, str(context.info_name): context.command}.items()
    }


def _unknown(content: dict[str, Any], verbs: dict[str, dict[str, Any]]) -> Iterator[str]:
    known = sorted({flag for options in verbs.values() for flag in options})
    for key, value in content.items():
        if not isinstance(value, dict):
            if key not in known:
                yield f"no command has an option {key!r}; there are {', '.join(known)}"
        elif key not in verbs:
            yield f"there is no command {key!r}; there are {', '.join(sorted(verbs))}"
        else:
            for own in value.keys() - verbs[key].keys():
                yield f"{key} has no option {own!r}; it has {', '.join(sorted(verbs[key]))}"


def _fitting(option: Any, value: object) -> object:
    """The value as the option takes it; what a shell would refuse is refused here too.

    Raises:
        ValueError: it is not of the option's kind.
    """
    if getattr(option, "is_flag", False):
        if not isinstance(value, bool):
            raise ValueError("is either true or false")
        return value
    values = value if isinstance(value, list) else [value]
    if not all(
        isinstance(each, str | int | float) and not isinstance(each, bool) for each in values
    ):
        raise ValueError("takes a text or a number")
    if getattr(option, "multiple", False):
        return [str(each) for each in values]
    if isinstance(value, list):
        raise ValueError("takes one value, not a list")
    return value
