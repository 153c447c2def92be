"""Telling a state that cannot be written, such as on a full disk, from all other failures."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from remediator.errors import StateError, UnwrittenError
from remediator.record.state import State


@contextmanager
def keeping(state: State) -> Iterator[None]:
    """Raise UnwrittenError if the state cannot be written, such as on a full disk."""
    try:
        yield
    except SQLAlchemyError as error:
        raise unkept(state, error) from error


@contextmanager
def beginning(state: State) -> Iterator[None]:
    """The same for a beginning. The error then says that nothing was begun.

    Raises:
        StateError: the state cannot be written.
    """
    try:
        with keeping(state):
            yield
    except UnwrittenError as error:
        raise StateError(f"{error}; nothing was begun") from error


def unkept(state: State, error: SQLAlchemyError) -> UnwrittenError:
    """The error that the state cannot be written, with the reason."""
    cause = getattr(error, "orig", None) or error
    return UnwrittenError(f"cannot write the state of runs {state.shown}: {_first_line(cause)}")


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
