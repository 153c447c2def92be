"""Groups of options: a command takes a frozen dataclass; Typer sees one option per field.

    @dataclass(frozen=True, slots=True)
    class Place:
        cloud: Annotated[str | None, typer.Option("--cloud")] = None
        zones: Annotated[tuple[str, ...], typer.Option("--zone")] = ()

    @app.command()
    @grouped(DEBUG)
    def look(*, place: Place) -> int: ...

For Typer this is the same as `look(*, cloud: … = None, zones: list[str] | None = None, debug: … =
False)`. So an option, its default and its place in the code are written only once, in the group.

- A field without a typer.Option is not an option. It has its default.
- A field that is a tuple is a repeatable option.
- If two groups have the same option, it is one option and both groups get it. It stands at the
  place of the later group.
- The options stand in the order of the parameters, panel by panel.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache, wraps
from inspect import Parameter, Signature, signature
from types import GenericAlias
from typing import Annotated, Any, get_args, get_origin

from remediator.cli.masking import learn_given
from remediator.cli.options import PANELS

Verb = Callable[..., int]


def grouped(*silent: Parameter) -> Callable[[Verb], Verb]:
    """Let a command take groups. It also has the `silent` options, which act by themselves.

    Raises:
        TypeError: two options have the same name but differ.
    """

    def decorate(verb: Verb) -> Verb:
        taken = signature(verb).parameters
        options: dict[str, Parameter] = {}
        for option in (*_flat(taken.values()), *silent):
            if options.pop(option.name, option) != option:
                raise TypeError(f"{verb.__name__}: two options {option.name}")
            options[option.name] = option

        @wraps(verb)
        def collecting(**given: Any) -> int:
            learn_given(given)
            return verb(**{name: _taken(each, given) for name, each in taken.items()})

        seen = sorted(options.values(), key=_panel)
        collecting.__signature__ = Signature(seen, return_annotation=int)  # type: ignore[attr-defined]
        return collecting

    return decorate


def _flat(parameters: Iterable[Parameter]) -> Iterator[Parameter]:
    for each in parameters:
        yield from _of(each.annotation) if _is_group(each.annotation) else (each,)


@cache
def _of(group: Any) -> tuple[Parameter, ...]:
    """The options of a group, as parameters that Typer understands."""
    return tuple(_parameter(field) for field in fields(group) if _is_option(field))


def _parameter(field: Field[Any]) -> Parameter:
    kind: Any = field.type
    default = Parameter.empty if field.default is MISSING else field.default
    if _is_repeatable(field):
        # Typer knows only lists, and None if the option is not given.
        items, option = get_args(kind)
        kind = Annotated[GenericAlias(list, get_args(items)[0]) | None, option]
        default = None
    return Parameter(field.name, Parameter.KEYWORD_ONLY, default=default, annotation=kind)


def _taken(parameter: Parameter, given: dict[str, Any]) -> Any:
    """The value for one parameter of a command."""
    group: Any = parameter.annotation
    if not _is_group(group):
        return given[parameter.name]
    own = {field.name: field for field in fields(group) if _is_option(field)}
    values = {
        name: tuple(given[name] or ()) if _is_repeatable(field) else given[name]
        for name, field in own.items()
    }
    return group(**values)


def _is_group(annotation: Any) -> bool:
    return is_dataclass(annotation)


def _is_option(field: Field[Any]) -> bool:
    return get_origin(field.type) is Annotated


def _is_repeatable(field: Field[Any]) -> bool:
    return get_origin(get_args(field.type)[0]) is tuple


def _panel(parameter: Parameter) -> int:
    [option] = parameter.annotation.__metadata__
    return PANELS.index(option.rich_help_panel)
