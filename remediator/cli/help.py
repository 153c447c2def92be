"""The pages of `--help`: verbs by task, options by subject, examples, exit codes. Plain text.

The pages are in the language of `--lang`, else of the locale.

Typer's own pages draw boxes. At 80 columns they cut the names of options, which nobody can copy
then, and loading what draws them takes longer than everything else that `--help` does.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

from remediator.cli.options import PANELS
from remediator.language import marked, spoken
from remediator.language.translation import translated

FIX: Final = marked("Fix")
LOOK: Final = marked("Look")
PLAYBOOKS: Final = marked("Playbooks")
RUNS: Final = marked("Runs")
SET_UP: Final = marked("Set up and try")
TASKS: Final = (FIX, LOOK, PLAYBOOKS, RUNS, SET_UP)
"""The tasks of the verbs, in their order."""

_ARGUMENTS: Final = marked("Arguments")
_WIDEST: Final = 32
"""Where the texts begin at the latest, in columns."""

_COMMANDS: Final = marked("Commands")
_OPTIONS: Final = marked("Options")


class Verb(TyperCommand):
    """A command whose page shows its options by subject.

    The options are made when they are first asked for, because a command line uses only one of the
    thirty verbs. Until then, `callback` returns the function of the verb.
    """

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        del self.params

    @cached_property
    def params(self) -> list[Any]:  # type: ignore[override]
        """The options and arguments."""
        alone = typer.Typer(add_completion=False)
        alone.command()(self.callback())  # type: ignore[misc]
        made = typer.main.get_command(alone)
        self.callback = made.callback
        return made.params

    def format_help_text(self, _ctx: Any, formatter: Any) -> None:
        """Write what the verb does."""
        _about(self.help, formatter)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the arguments, and the options panel by panel."""
        panels: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for parameter in self.get_params(ctx):
            if (record := parameter.get_help_record(ctx)) is not None:
                kind = _ARGUMENTS if parameter.param_type_name == "argument" else _OPTIONS
                panels[getattr(parameter, "rich_help_panel", None) or kind].append(record)
        order = (_ARGUMENTS, *(panel or _OPTIONS for panel in PANELS))
        _write(formatter, ((title, panels[title]) for title in order if panels[title]))

    def format_epilog(self, _ctx: Any, formatter: Any) -> None:
        """Write the examples and exit codes as they are laid out."""
        _epilog(self.epilog, formatter)


class Verbs(TyperGroup):
    """A group whose page shows its verbs by task."""

    command_class = Verb

    def format_help_text(self, _ctx: Any, formatter: Any) -> None:
        """Write what the group is for."""
        _about(self.help, formatter)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the options of the group, and its verbs."""
        found = (parameter.get_help_record(ctx) for parameter in self.get_params(ctx))
        _write(formatter, [(_OPTIONS, [record for record in found if record is not None])])
        self.format_commands(ctx, formatter)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the verbs task by task, in the order in which the code names them."""
        tasks: dict[str, list[tuple[str, Any]]] = defaultdict(list)
        for name in self.list_commands(ctx):
            found = self.get_command(ctx, name)
            if found is not None and not found.hidden:
                tasks[getattr(found, "rich_help_panel", None) or _COMMANDS].append((name, found))
        widest = max((len(name) for each in tasks.values() for name, _ in each), default=0)
        sections = ((title, tasks[title]) for title in (*TASKS, _COMMANDS) if tasks[title])
        _write(
            formatter,
            (
                (title, [(name.ljust(widest), _first_line(each)) for name, each in verbs])
                for title, verbs in sections
            ),
        )

    def list_commands(self, _ctx: Any) -> list[str]:
        """The verbs, in the order in which the code names them."""
        return list(self.commands)

    def format_epilog(self, _ctx: Any, formatter: Any) -> None:
        """Write the examples and exit codes as they are laid out."""
        _epilog(self.epilog, formatter)


def group(text: str, *, epilog: str | None = None) -> typer.Typer:
    """A group of verbs that shows its page when no verb is given."""
    return typer.Typer(
        help=text,
        cls=Verbs,
        epilog=epilog,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )


def verb(
    app: typer.Typer, name: str | None = None, *, task: str | None = None, epilog: str | None = None
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a function a verb of a group.

    Args:
        app: the group.
        name: the verb, if it is not the function's name.
        task: the task under which the group's page shows it.
        epilog: examples and exit codes, as they are laid out.
    """

    def made(function: Callable[..., Any]) -> Callable[..., Any]:
        def later() -> Callable[..., Any]:
            return function

        called = name or function.__name__.replace("_", "-")
        register = app.command(
            called, cls=Verb, help=function.__doc__, epilog=epilog, rich_help_panel=task
        )
        register(later)
        return function

    return made


def _about(text: str | None, formatter: Any) -> None:
    if text:
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(translated(" ".join(text.split())))


def _first_line(command: Any) -> str:
    """What a verb does. It is shown whole, over two lines if need be."""
    return str(command.help or "").split("\n", 1)[0]


def _write(formatter: Any, sections: Iterable[tuple[str, list[tuple[str, str]]]]) -> None:
    for title, rows in sections:
        with formatter.section(translated(title)):
            _write_rows(formatter, [(name, _told(told)) for name, told in rows])


def _write_rows(formatter: Any, rows: list[tuple[str, str]]) -> None:
    """Write the rows of a section.

    Click folds a text where it has spaces, and counts its characters. Chinese has no spaces, and
    its characters are two columns wide.
    """
    if spoken() == "en":
        formatter.write_dl(rows)
        return
    from remediator.views.rows import folded

    indent = formatter.current_indent
    begin = min(max(len(name) for name, _told in rows) + 2, _WIDEST)
    for name, told in rows:
        head, *others = list(folded(told, formatter.width - indent - begin - 1)) or [""]
        if len(name) + 2 > begin:
            formatter.write(f"{'':{indent}}{name}\n{'':{indent + begin}}{head}\n")
        else:
            formatter.write(f"{'':{indent}}{name:{begin}}{head}\n")
        for line in others:
            formatter.write(f"{'':{indent + begin}}{line}\n")


def _told(help_text: str) -> str:
    """The help of an option, before what Click says of its default and its variable."""
    text, bracket, details = help_text.partition("  [")
    return translated(text) + bracket + details


def _epilog(text: str | None, formatter: Any) -> None:
    if text:
        formatter.write_paragraph()
        for line in text.strip().splitlines():
            words = line.lstrip()
            formatter.write(f"{' ' * (len(line) - len(words))}{translated(words)}\n")
