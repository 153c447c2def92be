"""Rules for the man in the middle: which requests they match, and how they alter the answer."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from remediator.simulator.process import SimulatorProcess
from tests.between import Asked, Between, Rule, Told
from tests.command import Ended, environment, remediate

GONE = {"error": {"code": "ResourceNotFound", "message": "The Resource was not found."}}


def fix_through(middle: Between, azure: SimulatorProcess, folder: Path, *options: str) -> Ended:
    """Run `remediate --job-id … --yes` through the middle, on the newest failed job of `web`."""
    return through(middle, azure, folder, "--job-id", azure.failed_jobs("web")[-1], *options)


def through(middle: Between, azure: SimulatorProcess, folder: Path, *arguments: str) -> Ended:
    """Run a command that asks the middle, with `--yes` unless it is a dry run."""
    env = environment(azure, folder) | {"REMEDIATE_ARM_ENDPOINT": middle.url}
    yes = () if "--dry-run" in arguments else ("--yes",)
    return remediate(*arguments, *yes, "--format", "json", env=env)


def when(method: str, path: str, made: Callable[[Told], Told]) -> Rule:
    """A rule for requests whose path ends in a pattern, with any query."""

    def rule(asked: Asked, told: Told) -> Told:
        bare = unquote(asked.path.partition("?")[0])
        fits = asked.method == method and re.search(path + "$", bare, re.IGNORECASE)
        return made(told) if fits else told

    return rule


def gone(told: Told) -> Told:
    """The answer for a thing that does not exist."""
    return replace(told.saying(GONE), status=404)


def rows(change: Callable[[dict[str, Any]], dict[str, Any] | None]) -> Callable[[Told], Told]:
    """Change the rows of a list. If the change returns None, the row is left out."""

    def made(told: Told) -> Told:
        body = told.json()
        kept = [change(json.loads(json.dumps(row))) for row in body["value"]]
        return told.saying(body | {"value": [row for row in kept if row is not None]})

    return made


def thing(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[Told], Told]:
    """Change the one thing in an answer."""
    return lambda told: told.saying(change(told.json())) if told.status == 200 else told


def with_header(told: Told, name: str, value: str) -> Told:
    """The answer with this header added or replaced."""
    kept = tuple((k, v) for k, v in told.headers if k.lower() != name.lower())
    return replace(told, headers=(*kept, (name, value)))
