"""`--mask`: a command shows pseudonyms instead of names. Chosen once, like the language.

Only what is shown is masked. What is done, and what is saved to be applied, keeps the real names.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from remediator.recording.masking import Masker

T = TypeVar("T")

_NAMES: Final = {
    "vm": "vm",
    "vms": "vm",
    "vault": "vault",
    "vaults": "vault",
    "resource_group": "group",
    "groups": "group",
    "only_resource_group": "group",
    "subscriptions": "subscription",
    "only_subscription": "subscription",
    "management_groups": "mg",
    "job": "job",
    "job_id": "job",
}
"""Options that name something, with the kind of the name."""

_JOBS: Final = ("job", "job_id")
"""Options that also take `@FILE`, and `-` for stdin."""

_PLACES: Final = ("output", "state", "named")
"""Options that are a path or a word. A word is no path if it has neither a folder nor an ending."""


class _Chosen:
    """Holds the choice of this process. One command uses the same pseudonyms everywhere."""

    masker: "Masker | None" = None


def use_mask(said: bool) -> bool:
    """Show pseudonyms from now on."""
    if said:
        from remediator.recording.masking import Masker

        _Chosen.masker = Masker()
    return said


def learn_given(given: Mapping[str, object]) -> None:
    """Know the names and paths among the values of a command's options.

    An error may tell them before any value of Azure's does.
    """
    if _Chosen.masker is None:
        return
    for option, value in given.items():
        for each in value if isinstance(value, list | tuple) else (value,):
            if path := _path(option, each):
                _Chosen.masker.path(str(path))
            elif option in _NAMES and isinstance(each, str) and each != "-":
                _Chosen.masker.learn(_NAMES[option], each)


def _path(option: str, value: object) -> Path | None:
    """The path that an option names. None if its value is no path."""
    if isinstance(value, Path):
        return value
    if not isinstance(value, str):
        return None
    if option in _JOBS and value.startswith("@"):
        return Path(value[1:])
    path = Path(value)
    placed = option in _PLACES and "://" not in value and (path.suffix or len(path.parts) > 1)
    return path if placed else None


def is_masked() -> bool:
    """Whether pseudonyms are shown."""
    return _Chosen.masker is not None


def masked(value: T) -> T:
    """A value as it is to be shown."""
    return _Chosen.masker.of(value) if _Chosen.masker else value


def masked_text(text: str) -> str:
    """A line as it is to be shown.

    Names are found if a value had them, if they stand in an id, or if the line names a lock.
    """
    return _Chosen.masker.text(text) if _Chosen.masker else text


def masked_path(path: str) -> str:
    """The path of a file as it is to be shown. Its name may tell a VM."""
    return _Chosen.masker.path(path) if _Chosen.masker else path
