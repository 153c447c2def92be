"""The JSON Schemas that users and their editors need."""

import json
from typing import Any, Literal


def text(what: Literal["plan", "report", "playbook"]) -> str:
    """A schema, printed."""
    return json.dumps(_schema(what), indent=2, ensure_ascii=False) + "\n"


def _schema(what: Literal["plan", "report", "playbook"]) -> dict[str, Any]:
    match what:
        case "plan":
            from remediator.plan import Plan

            return Plan.model_json_schema(mode="serialization")
        case "report":
            from remediator.report import Report

            return Report.model_json_schema(mode="serialization")
        case "playbook":
            from remediator.playbook import schema

            return schema()
