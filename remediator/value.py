"""The base of every frozen value that is shown, saved or compared."""

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """An immutable value. Unknown fields are refused, so a typing error is always noticed."""

    model_config = ConfigDict(frozen=True, extra="forbid")
