"""The base of every frozen value that is shown, saved or compared."""

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """An immutable value: unknown fields are refused, so that a typing error never passes."""

    model_config = ConfigDict(frozen=True, extra="forbid")
