"""Options from a file: `remediate.toml`. The environment wins over it, and the flag over both."""

import tomllib
from pathlib import Path
from typing import Any

import typer

from remediator.errors import BadInputError

DEFAULT = Path("remediate.toml")


def use_config(context: typer.Context, path: Path | None) -> Path | None:
    """Take the options of a file as the defaults of the command that is about to run.

    Keys are the flags without their dashes; those in a table `[VERB]` count for that verb only.

    Raises:
        BadInputError: the file cannot be read, or holds an option that the command does not have.
    """
    chosen = path or (DEFAULT if DEFAULT.is_file() else None)
    if chosen is None or context.resilient_parsing:
        return path
    try:
        content = tomllib.loads(chosen.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInputError(f"{chosen}: cannot be read: {error}") from None
    general = {key: value for key, value in content.items() if not isinstance(value, dict)}
    own = content.get(context.info_name or "", {})
    flags = {
        flag.lstrip("-"): parameter.name
        for parameter in context.command.params
        for flag in parameter.opts
        if parameter.name not in (None, "config")
    }
    unknown = [key for key in own if key not in flags]
    if unknown:
        raise BadInputError(
            f"{chosen}: {context.info_name} has no option {unknown[0]!r}; it has "
            + ", ".join(sorted(flags))
        )
    found: dict[str, Any] = {
        str(flags[key]): value for key, value in (general | own).items() if key in flags
    }
    context.default_map = {**(context.default_map or {}), **found}
    return path
