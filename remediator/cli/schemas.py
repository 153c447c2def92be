"""The JSON Schemas that users and their editors need."""

import json
from collections.abc import Iterator
from typing import Any, Literal, get_args

from pydantic import BaseModel

from remediator.playbook.docstrings import field_docstrings

What = Literal["plan", "report", "batch", "scan", "playbook", "check", "history"]


def text(what: What) -> str:
    """A schema, as JSON text."""
    return json.dumps(_schema(what), indent=2, ensure_ascii=False) + "\n"


def _schema(what: What) -> dict[str, Any]:
    match what:
        case "plan":
            from remediator.plan.plan import Plan

            return _described(Plan.model_json_schema(mode="serialization"), Plan)
        case "report":
            from remediator.report.report import Report

            return _described(Report.model_json_schema(mode="serialization"), Report)
        case "batch":
            from remediator.report.batch import Batch

            return _described(Batch.model_json_schema(mode="serialization"), Batch)
        case "scan":
            from remediator.report.estate import Estate

            return _described(Estate.model_json_schema(mode="serialization"), Estate)
        case "check":
            from remediator.plan.checkup import Checkup

            return _described(Checkup.model_json_schema(mode="serialization"), Checkup)
        case "history":
            from remediator.report.history import History

            return _described(History.model_json_schema(mode="serialization"), History)
        case "playbook":
            from remediator.playbook.playbook import file_model, schema

            return _described(schema(), file_model())


def _described(schema: dict[str, Any], root: type[BaseModel]) -> dict[str, Any]:
    """The schema with each field's docstring as its description.

    pydantic could do this when it makes each model, but then every start would take longer.
    """
    models = {model.__name__: model for model in _below(root, set())}
    for name, part in [(schema.get("title"), schema), *schema.get("$defs", {}).items()]:
        for model in reversed(getattr(models.get(str(name)), "__mro__", ())):
            for field, docstring in field_docstrings(model):
                if field in part.get("properties", {}):
                    part["properties"][field].setdefault("description", docstring)
    return schema


def _below(part: Any, seen: set[Any]) -> Iterator[type[BaseModel]]:
    """The models that a type is made of. Names alone would mix up models of different rooms."""
    if isinstance(part, type) and issubclass(part, BaseModel) and part not in seen:
        seen.add(part)
        yield part
        for field in part.model_fields.values():
            yield from _below(field.annotation, seen)
    for inner in get_args(part):
        yield from _below(inner, seen)
