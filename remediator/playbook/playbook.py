"""Playbook: data keyed by error code. One YAML file per remedy; no expression language.

`when:` maps a condition to one allowed value or a list of them: keys are *and*, a list is *or*.
Every mistake in a file is reported with its line, all at once.
"""

from collections.abc import Iterator, Mapping
from functools import cache, reduce
from operator import or_
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    TypeAdapter,
    ValidationError,
    create_model,
)

from remediator.actions import Action, discovered
from remediator.checks import check_names, needed
from remediator.conditions import CONDITIONS
from remediator.errors import PlaybookError, did_you_mean
from remediator.facts import Source
from remediator.job.index import digest
from remediator.job.wording import message
from remediator.playbook.manual import Manual, command_problems
from remediator.value import Value
from remediator.yaml_file import plain, read_bytes, read_yaml

SHORTEST_MESSAGE: Final = 3
"""The least number of words, or Chinese characters, in a message. A shorter one would fit too
much."""


def _as_list(value: object) -> object:
    return value if isinstance(value, list) else [value]


Texted = Annotated[
    tuple[str, ...],
    BeforeValidator(_as_list, json_schema_input_type=str | tuple[str, ...]),
]


def _is_check(name: str) -> str:
    if name not in check_names():
        raise ValueError(f"no such check; there are {', '.join(sorted(check_names()))}")
    return name


ErrorNumber = Annotated[int, Field(strict=True, ge=10_000, le=9_999_999)]
"""Azure's number for a code: five to seven digits, in the form that texts are searched for."""


class Texts(Value):
    """Azure's texts for one code, by language. Each is a text or a list of variants."""

    en: Texted = Field(min_length=1)
    zh_cn: Texted = Field(default=(), alias="zh-CN")
    zh_tw: Texted = Field(default=(), alias="zh-TW")

    def every(self) -> tuple[str, ...]:
        """All texts, English first."""
        return (*self.en, *self.zh_cn, *self.zh_tw)


class Rung(Value):
    """One remedy on the ladder."""

    rung: str
    """A short name, unique in the playbook."""
    title: str
    when: dict[str, Texted] = Field(default_factory=dict)
    """Conditions and their values under which this remedy applies. If empty, it always applies."""
    steps: tuple[Action, ...]
    """The steps, in order. If the plan holds one step, no change of the rung is made."""
    only_asked: bool = False
    """Whether this remedy is taken only if a script of this ladder has asked for it, in the last
    visit."""
    with_manual: bool = False
    """Whether the plan shows `manual` too: for a rung that only looks, or that may not be
    enough."""
    read_late: bool = False
    """Whether its steps' sources are read only once it is chosen, because that is seldom."""

    def reads(self) -> frozenset[Source]:
        """The sources for choosing this rung and planning its steps.

        Sources that are read only later, or only if it comes to a change, are left out.
        """
        return self.judged_by() | self.carried_out_by()

    def judged_by(self) -> frozenset[Source]:
        """The sources that tell whether this rung is taken."""
        conditions = (*self.when, *(("tries",) if self.only_asked else ()))
        return frozenset(source for name in conditions for source in CONDITIONS[name].sources)

    def carried_out_by(self) -> frozenset[Source]:
        """The sources that the steps need as soon as this rung can be taken."""
        early = () if self.read_late else (step.needs - step.needs_late for step in self.steps)
        return frozenset[Source]().union(*early)

    def reads_late(self) -> frozenset[Source]:
        """The sources that are read after the rung was chosen, although no change is planned."""
        return frozenset(s for step in self.steps if self.read_late for s in step.needs)


class Playbook(Value):
    """A remedy for one or more error codes."""

    codes: tuple[str, ...] = Field(min_length=1)
    """Symbolic codes; a number as a string where its code is not known. Each belongs to exactly one
    playbook."""
    numbers: dict[str, ErrorNumber] = Field(default_factory=dict)
    """Azure's number for a code, from recordings, otherwise from Microsoft's articles. Each number
    belongs to exactly one code."""
    named_here: tuple[str, ...] = ()
    """The codes whose names are ours: Azure sends the message without a code."""
    triage: bool = False
    """Whether the codes are catch-alls. If the job's inner cause is known, the inner cause counts.
    This playbook is taken only if it is not known."""
    narrows: tuple[str, ...] = ()
    """Other catch-alls, by their playbooks' names, that say less than this one. If the job names
    both, this one counts."""
    of_agent: bool = False
    """Whether the codes are of backups through the VM agent, its extension or the guest. Under a
    policy that takes only crash-consistent points, nothing of these is repaired."""
    messages: dict[str, Texts] = Field(default_factory=dict)
    """Azure's messages, by code. They identify a job that names no known code."""
    title: str
    sources: tuple[str, ...] = Field(min_length=1)
    """The pages where Microsoft says so."""
    causes: tuple[str, ...]
    checks: tuple[Annotated[str, AfterValidator(_is_check)], ...] = ()
    """Health checks whose findings belong in the plan, for causes that no rung can detect."""
    ladder: tuple[Rung, ...]
    """Cheapest and most reversible first. The first rung whose `when` holds is planned."""
    manual: Manual
    origin: str = "built-in"
    """`built-in`, or the file that a user brought."""
    digest: str = ""
    """The digest of the file's content. It tells two versions of a playbook apart."""

    @property
    def name(self) -> str:
        """The playbook's name: its first code."""
        return self.codes[0]

    def reads(self) -> frozenset[Source]:
        """All sources of all rungs and of the health checks.

        The VM tells its operating system, which chooses the guidance for a person.
        """
        asked = needed(self.checks)
        asked |= {Source.POLICY} if self.of_agent else frozenset()
        asked |= {Source.VM} if self.manual.systems else frozenset()
        return asked.union(*(rung.reads() for rung in self.ladder))

    def may_read(self) -> frozenset[Source]:
        """All sources that may be read for a plan, whichever rung is chosen."""
        return self.reads().union(*(rung.reads_late() for rung in self.ladder))


# --- files --------------------------------------------------------------------------------------


@cache
def _models() -> tuple[type[Value], TypeAdapter[Action]]:
    """The playbook model with the discovered actions in it, and the adapter of one step."""
    union = reduce(or_, discovered().values())
    step: Any = Annotated[union, Field(discriminator="action")]
    rung = create_model(
        "PlaybookRung",
        __base__=Rung,
        __doc__=Rung.__doc__,
        steps=(tuple[step, ...], Field(min_length=1)),
    )
    model = create_model(
        "PlaybookFile",
        __base__=Playbook,
        __doc__=Playbook.__doc__,
        ladder=(tuple[rung, ...], ...),  # type: ignore[valid-type]
    )
    return model, TypeAdapter(step)


def action_from(data: Mapping[str, Any]) -> Action:
    """The action that a plan's recipe names.

    Raises:
        pydantic.ValidationError: the action does not exist, or the fields are not its fields.
    """
    return _models()[1].validate_python(dict(data))


def file_model() -> type[Value]:
    """The model of a playbook file, with every action in it."""
    return _models()[0]


def schema() -> dict[str, Any]:
    """The JSON Schema of a playbook file, for editors. `load` has the final say."""
    found = _models()[0].model_json_schema()
    for own in ("origin", "digest"):
        found["properties"].pop(own, None)
    properties = {}
    for fact in CONDITIONS.values():
        value = {"enum": list(fact.values)}
        properties[fact.name] = {
            "description": fact.meaning,
            "anyOf": [value, {"type": "array", "items": value, "minItems": 1}],
        }
    found["$defs"]["PlaybookRung"]["properties"]["when"] = {
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
    }
    return found


def load(path: Path, origin: str) -> Playbook:
    """Read one playbook file.

    Raises:
        PlaybookError: with every problem of the file, each with file and line.
    """
    raw = read_bytes(path)
    data = read_yaml(path, raw)
    if not isinstance(data, dict):
        raise PlaybookError(f"{path}:1: a playbook is a mapping, with at least codes and title")
    problems = [f"{path}:{line}: {text}" for line, text in sorted(set(_problems(data)))]
    if problems:
        raise PlaybookError("\n".join(problems))
    whole = plain(data) | {"origin": origin, "digest": digest(raw)}
    loaded = _models()[0].model_validate(whole)
    assert isinstance(loaded, Playbook)  # noqa: S101 - tells mypy what create_model made
    return loaded


def _problems(data: Any) -> Iterator[tuple[int, str]]:
    for own in ("origin", "digest"):
        if own in data:
            yield _line(data, (own,)), f"{own} is not written by a playbook's author"
    try:
        _models()[0].model_validate(plain(data))
    except ValidationError as error:
        for problem in error.errors(include_url=False):
            at = problem["loc"]
            if problem["type"] == "too_short" and problem["input"]:
                continue  # the items are there and wrong; they were reported already
            where = ".".join(str(part) for part in at)
            yield _line(data, at), f"{where}: {problem['msg']}{_meant(problem)}"
    yield from _ladder_problems(data)
    yield from _message_problems(data)
    for place, told in command_problems(data.get("manual")):
        yield _line(data, ("manual", *place)), told


def _meant(problem: Any) -> str:
    """The closest action, if a step names none that exists."""
    if problem["type"] != "union_tag_invalid":
        return ""
    return did_you_mean(str(problem["ctx"]["tag"]), discovered(), "remediate actions")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _ladder_problems(data: Any) -> Iterator[tuple[int, str]]:
    """The problems that the model cannot find.

    They are reported even if the model reports others.
    """
    names: list[str] = []
    for n, rung in enumerate(_list(data.get("ladder"))):
        if not isinstance(rung, dict):
            continue
        if (name := str(rung.get("rung"))) in names:
            yield _line(data, ("ladder", n, "rung")), f"two rungs are called {name!r}"
        names.append(name)
        actions: set[str] = set()
        for m, step in enumerate(_list(rung.get("steps"))):
            action = str(step.get("action")) if isinstance(step, dict) else ""
            if action and action in actions:
                line = _line(data, ("ladder", n, "steps", m))
                yield line, f"{action} stands twice in rung {name!r}; a rung has each action once"
            actions.add(action)
        when = rung.get("when")
        for condition, allowed in when.items() if isinstance(when, dict) else ():
            line = _line(data, ("ladder", n, "when", condition))
            if condition not in CONDITIONS:
                near = did_you_mean(str(condition), CONDITIONS)
                known = ", ".join(CONDITIONS)
                yield line, f"unknown condition {str(condition)!r}; known are {known}{near}"
                continue
            for value in allowed if isinstance(allowed, list) else [allowed]:
                if value not in CONDITIONS[condition].values:
                    known = ", ".join(CONDITIONS[condition].values)
                    yield line, f"{condition} is never {value!r}; it is one of {known}"


def _message_problems(data: Any) -> Iterator[tuple[int, str]]:
    codes = [str(code) for code in _list(data.get("codes"))]
    told = ", ".join(codes)
    for n, code in enumerate(_list(data.get("named_here"))):
        if str(code) not in codes:
            yield _line(data, ("named_here", n)), f"{code!r} is not one of codes: {told}"
    if data.get("narrows") and not data.get("triage"):
        yield _line(data, ("narrows",)), "narrows is only for a catch-all: triage: true"
    yield from _number_problems(data, codes)
    messages = data.get("messages")
    for code, texts in messages.items() if isinstance(messages, dict) else ():
        if str(code) not in codes:
            yield _line(data, ("messages", code)), f"{code!r} is not one of codes: {told}"
        for language, said in texts.items() if isinstance(texts, dict) else ():
            for text in said if isinstance(said, list) else [said]:
                if isinstance(text, str) and len(message(text).split()) < SHORTEST_MESSAGE:
                    line = _line(data, ("messages", code, language))
                    yield line, f"{text!r} is too short to know a failure by"


def _number_problems(data: Any, codes: list[str]) -> Iterator[tuple[int, str]]:
    numbers = data.get("numbers")
    owners: dict[Any, str] = {}
    for code, number in numbers.items() if isinstance(numbers, dict) else ():
        line = _line(data, ("numbers", code))
        if str(code) not in codes:
            yield line, f"{code!r} is not one of codes: {', '.join(codes)}"
        if (other := owners.setdefault(str(number), str(code))) != str(code):
            yield line, f"number {number} belongs to code {other} already"


def _line(data: Any, at: tuple[Any, ...]) -> int:
    """The line of the deepest part of `at` that exists in the file.

    pydantic puts the tag of a union into the location. Such parts are skipped.
    """
    node, line = data, 1
    for part in at:
        try:
            if isinstance(node, dict) and part in node:
                line = node.lc.key(part)[0] + 1  # type: ignore[attr-defined]
            elif isinstance(node, list) and isinstance(part, int) and part < len(node):
                line = node.lc.item(part)[0] + 1  # type: ignore[attr-defined]
            else:
                continue
        except (AttributeError, KeyError, TypeError):
            return line
        node = node[part]
    return line
