"""Options from the file `remediate.toml`. The environment wins over it, and a flag over both."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import typer

from remediator.errors import BadInputError, did_you_mean

DEFAULT = Path("remediate.toml")

HARMLESS: Final = frozenset(
    (
        # How the result is shown.
        "format",
        "lang",
        "debug",
        "verbose",
        "detailed-exitcode",
        "unfinished",
        # How long to wait, and how often to look.
        "timeout",
        "poll-interval",
        # Where to look for a name that the person typed.
        "subscription",
        "resource-group",
        "vault",
        # Options that only narrow what may be done.
        "dry-run",
        "only-subscription",
        "only-resource-group",
        "window",
        "max-targets",
        "max-errors",
        "require-signature",
    )
)
"""The options that a file may set if it merely lies in the current folder.

A person who can put a file there must not decide what is treated, what is done, by whose leave,
with which identity, on which Azure, or which files are read and written. A file that is named with
--config may set all options: it is the person's own word. Add a new option here only if it can
neither loosen a rule, nor cause a change, nor hide a part of what was found or done (as `query` and
`quiet` do).
"""

LARGEST: Final = 1024 * 1024
"""The largest configuration file, in bytes."""

_HEADER: Final = re.compile(r"\s*\[\s*[\"']?([^\[\]\"']*?)[\"']?\s*\]")
_KEY: Final = re.compile(r"\s*[\"']?([^\s=\"'#]+)[\"']?\s*=")

_OTHER_NAMES: Final = {"cloud": "REMEDIATE_ARM_ENDPOINT", "arm-endpoint": "REMEDIATE_CLOUD"}
"""Two options for the same thing.

One of them in the environment wins over the other in the file.
"""


def use_config(context: typer.Context, path: Path | None) -> Path | None:
    """Take the options of a file as defaults of the command that is about to run.

    The keys are the flags without dashes. Keys in a table `[VERB]` count for that verb only.

    Raises:
        BadInputError: the file cannot be read, or it sets an option that the command does not have
            or that the file may not set.
    """
    chosen = path or (DEFAULT if DEFAULT.is_file() else None)
    if chosen is None or context.resilient_parsing:
        return path
    text = _text(chosen)
    content = _parsed(chosen, text)
    verb = str(context.info_name)
    verbs = _verbs(context)
    at = _Lines(text)
    problems = list(_unknown(content, verbs, at))
    if path is None:
        problems += _not_from_here(content, verbs, at)
    content = _without_overruled(content)
    own = content.get(verb)
    own = own if isinstance(own, dict) else {}
    options, found = verbs[verb], {}
    for key, value in (_general(content) | own).items():
        if key not in options:
            continue
        try:
            found[str(options[key].name)] = _fitting(options[key], value)
        except ValueError as error:
            problems.append(f"{at.of(key, verb if key in own else '')}: {key} {error}")
    if problems:
        raise BadInputError("\n".join(f"{chosen}{problem}" for problem in problems))
    context.default_map = {**(context.default_map or {}), **found}
    return path


class _Lines:
    """The lines on which a file sets its keys. TOML's parser does not tell them."""

    def __init__(self, text: str) -> None:
        self._lines: dict[tuple[str, str], int] = {}
        table = ""
        for number, line in enumerate(text.splitlines(), 1):
            if header := _HEADER.match(line):
                table = header[1]
                self._lines.setdefault((table, ""), number)
            elif key := _KEY.match(line):
                self._lines.setdefault((table, key[1]), number)

    def of(self, key: str, table: str = "") -> str:
        """`:` and the line of a key, or of a table if the key is empty. Empty if not found."""
        line = self._lines.get((table, key))
        return f":{line}" if line else ""


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
        if len(raw) > LARGEST:
            raise BadInputError(f"{path}: cannot be read: it is larger than {LARGEST} bytes")
        return raw.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInputError(f"{path}: cannot be read: {error}") from None


def _parsed(path: Path, text: str) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text)
    except RecursionError:
        raise BadInputError(f"{path}: cannot be read: it is nested too deeply") from None
    except tomllib.TOMLDecodeError as error:
        raise BadInputError(f"{path}: cannot be read: {error}") from None


def _not_from_here(
    content: dict[str, Any], verbs: dict[str, dict[str, Any]], at: _Lines
) -> Iterator[str]:
    """The keys that are options but count only in a file that is named."""
    known = {flag for options in verbs.values() for flag in options}
    tables = {"": content} | {key: part for key, part in content.items() if isinstance(part, dict)}
    places: dict[str, str] = {}
    for name, table in tables.items():
        for key, value in table.items():
            if not isinstance(value, dict):
                places.setdefault(key, name)
    for key, table_name in places.items():
        if key in known and key not in HARMLESS:
            yield (
                f"{at.of(key, table_name)}: {key} is read only from a file that --config names: "
                f"take it out, or give --config {DEFAULT} if the file is yours"
            )


def _without_overruled(content: dict[str, Any]) -> dict[str, Any]:
    """The content without the options that the environment sets under the other name."""
    overruled = {key for key, variable in _OTHER_NAMES.items() if os.environ.get(variable)}
    return {
        key: _without_overruled(value) if isinstance(value, dict) else value
        for key, value in content.items()
        if key not in overruled
    }


def _general(content: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in content.items() if not isinstance(value, dict)}


def _verbs(context: typer.Context) -> dict[str, dict[str, Any]]:
    """The options of every verb, by their flags without dashes."""
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


def _unknown(
    content: dict[str, Any], verbs: dict[str, dict[str, Any]], at: _Lines
) -> Iterator[str]:
    known = sorted({flag for options in verbs.values() for flag in options})
    for key, value in content.items():
        if not isinstance(value, dict):
            if key not in known:
                near = did_you_mean(key, known, "remediate run --help")
                yield f"{at.of(key)}: no command has an option {key!r}{near}"
        elif key not in verbs:
            near = did_you_mean(key, verbs, "remediate --help")
            yield f"{at.of('', key)}: there is no command {key!r}{near}"
        else:
            for own in value.keys() - verbs[key].keys():
                near = did_you_mean(own, verbs[key], f"remediate {key} --help")
                yield f"{at.of(own, key)}: {key} has no option {own!r}{near}"


def _fitting(option: Any, value: object) -> object:
    """The value in the form that the option takes. It refuses what a shell would refuse.

    Raises:
        ValueError: the value is not of the option's kind.
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
