"""The command line: from options to calls to an exit code.

It makes no decisions, and loads nothing of Azure at start-up.
"""

import os
import re
import sys
from enum import IntEnum
from typing import Final

from remediator.errors import (
    BadInputError,
    LockOffError,
    PlanFileError,
    PlaybookError,
    RemediateError,
    StalePlanError,
    VmBusyError,
)

_OWN_OPTIONS = ("--help", "-h", "--version", "--install-completion", "--show-completion")
_COMPLETES: Final = "_REMEDIATE_COMPLETE"
"""The environment variable with which a shell asks for completions."""
_LIKE_A_JOB: Final = re.compile(
    r"^\s*[@{\[]|/|%2f|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE
)


class Exit(IntEnum):
    """The documented exit codes."""

    OK = 0
    ERROR = 1
    PENDING = 2
    """Changes are pending. Only with --detailed-exitcode."""
    UNFIXED = 3
    REFUSED = 4
    LOCK_OFF = 5
    USAGE = 64
    INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    from remediator.cli import garbage
    from remediator.cli.streams import prepare

    garbage.while_loading()
    prepare()
    code = call(sys.argv[1:] if arguments is None else arguments)
    garbage.at_the_end()
    sys.exit(code)


def call(arguments: list[str]) -> int:
    """Run the command line and return its exit code."""
    import typer

    from remediator.cli.again import remember
    from remediator.cli.app import app
    from remediator.cli.tongue import language_before, use_language

    use_language(language_before(arguments))
    remember(arguments)
    # Typer has no name of its own for the base class of its usage errors.
    usage_errors = tuple(b for b in typer.BadParameter.__bases__ if issubclass(b, Exception))
    # `remediate ID` and `remediate --job-id ID` are `remediate run --job-id ID`.
    if arguments and _is_run(arguments[0]):
        arguments = ["run", *arguments]
    if _COMPLETES in os.environ:
        from remediator.cli.completing import as_run

        as_run(_is_run, _OWN_OPTIONS)
    try:
        code = app(arguments, prog_name="remediate", standalone_mode=False)
        return code if isinstance(code, int) else Exit.OK
    except typer.Exit as leave:
        return leave.exit_code
    except (KeyboardInterrupt, typer.Abort):
        _complain("interrupted; nothing is under way any more")
        return Exit.INTERRUPTED
    except usage_errors as error:
        from remediator.cli.usage import page, told

        if shown := page(error):
            print(shown, file=sys.stderr)  # noqa: T201 - as it is laid out
        elif said := told(error):
            _complain(said)
        return Exit.USAGE
    except RemediateError as error:
        return _explain(error, arguments)
    except Exception as error:  # noqa: BLE001 - the last defence: never show a traceback
        _debug(arguments)
        _complain(f"internal error: {type(error).__name__}: {error}; run again with --debug")
        return Exit.ERROR


def _is_run(first: str) -> bool:
    """Whether a first word means that the verb `run` is left out."""
    return is_like_a_job(first) or (first.startswith("-") and first not in _OWN_OPTIONS)


def is_like_a_job(text: str) -> bool:
    """Whether a word without a flag may name a job: an id, a URL, a GUID, JSON, `@FILE`.

    A name of a command is never like this. So a command that is misspelt is not looked for among
    the jobs.
    """
    return _LIKE_A_JOB.search(text) is not None


def _explain(error: RemediateError, arguments: list[str]) -> int:
    _debug(arguments)
    for line in str(error).splitlines() or [type(error).__name__]:
        _complain(line)
    return code_of(error)


def code_of(error: RemediateError) -> Exit:
    """The exit code of an error."""
    match error:
        case BadInputError() | PlaybookError():
            return Exit.USAGE
        case StalePlanError() | PlanFileError() | VmBusyError():
            return Exit.REFUSED
        case LockOffError():
            return Exit.LOCK_OFF
        case _:
            return Exit.ERROR


def _complain(text: str) -> None:
    from remediator.cli.masking import masked_text
    from remediator.language.translation import translated
    from remediator.redaction import redacted
    from remediator.views.plain import plain

    told = plain(translated(masked_text(redacted(text))))
    print(f"remediate: {told}", file=sys.stderr)  # noqa: T201 - one line, no layout


def _debug(arguments: list[str]) -> None:
    if "--debug" in arguments:
        import traceback

        from remediator.cli.masking import masked_text
        from remediator.redaction import redacted
        from remediator.views.plain import plain

        for line in redacted(traceback.format_exc()).splitlines():
            print(plain(masked_text(line)), file=sys.stderr)  # noqa: T201 - line by line, as it is laid out
