"""Where runs are kept, by the person's choice."""

from remediator.record.state import State, state_at


def state_of(said: str | None) -> State:
    """The state that the person named, else the one in the user's own state folder."""
    from platformdirs import user_state_path

    return state_at(said, user_state_path("remediate"))
