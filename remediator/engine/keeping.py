"""A state that cannot be written, such as one on a full disk, told from every other failure."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from remediator.errors import StateError, UnwrittenError
from remediator.record.state import State


@contextmanager
def keeping(state: State) -> Iterator[None]:
    """Tell a state that cannot be written, such as one on a full disk, from every other failure."""
    try:
        yield
    except SQLAlchemyError as error:
        raise unkept(state, error) from error


@contextmanager
def beginning(state: State) -> Iterator[None]:
    """The same where something is about to begin: then nothing was begun.

    Raises:
        StateError: the state cannot be written.
    """
    try:
        with keeping(state):
            yield
    except UnwrittenError as error:
        raise StateError(f"{error}; nothing was begun") from error


def unkept(state: State, error: SQLAlchemyError) -> UnwrittenError:
    """That the state cannot be written, and why."""
    cause = getattr(error, "orig", None) or error
    return UnwrittenError(f"cannot write the state of runs {state.shown}: {_first_line(cause)}")


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
