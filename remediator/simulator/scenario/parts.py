"""Common to all parts of a scenario."""

from typing import Any

from pydantic import BaseModel, ConfigDict


def as_list(value: Any) -> Any:
    """Let a single value mean a list of one."""
    return value if isinstance(value, list) or value is None else [value]


def named(value: Any) -> Any:
    """Let a bare name mean an object that needs nothing else."""
    return {"name": value} if isinstance(value, str) else value


class Part(BaseModel):
    """A part of a scenario. Unknown keys are errors, so that a typing error is noticed."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)
