"""How much is said beside the data: `--quiet` and `--verbose`. Chosen once, like the language."""


class _Loudness:
    """Holds the choice of this process."""

    quiet: bool = False
    verbose: bool = False


def use_quiet(said: bool) -> bool:
    """Leave out progress and passing notes. Data, questions, warnings and errors stay."""
    _Loudness.quiet = said
    return said


def use_verbose(said: bool) -> bool:
    """Tell each request to Azure."""
    _Loudness.verbose = said
    return said


def is_quiet() -> bool:
    """Whether only data, questions, warnings and errors are wanted."""
    return _Loudness.quiet


def is_verbose() -> bool:
    """Whether each request to Azure is told."""
    return _Loudness.verbose
