"""Where runs are kept, as the person says."""

from remediator.record.state import State, state_at


def state_of(said: str | None) -> State:
    """Where runs are kept: as the person says, else in the user's own state folder."""
    from platformdirs import user_state_path

    return state_at(said, user_state_path("remediate"))
