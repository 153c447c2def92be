"""What all parts of a scenario have in common."""

from typing import Any

from pydantic import BaseModel, ConfigDict


def as_list(value: Any) -> Any:
    """Let a single thing stand for a list of it."""
    return value if isinstance(value, list) or value is None else [value]


def named(value: Any) -> Any:
    """Let a bare name stand for a thing that needs nothing else."""
    return {"name": value} if isinstance(value, str) else value


class Part(BaseModel):
    """Unknown keys are errors, so that a slip of the pen does not go unnoticed."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)
