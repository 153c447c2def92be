"""`--mask`: a command shows pseudonyms instead of names. Chosen once, like the language.

Only what is shown is masked. What is done, and what is saved to be applied, keeps the real names.
"""

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from remediator.recording.masking import Masker

T = TypeVar("T")


class _Chosen:
    """Holds the choice of this process. One command uses the same pseudonyms everywhere."""

    masker: "Masker | None" = None


def use_mask(said: bool) -> bool:
    """Show pseudonyms from now on."""
    if said:
        from remediator.recording.masking import Masker

        _Chosen.masker = Masker()
    return said


def is_masked() -> bool:
    """Whether pseudonyms are shown."""
    return _Chosen.masker is not None


def masked(value: T) -> T:
    """A value as it is to be shown."""
    return _Chosen.masker.of(value) if _Chosen.masker else value


def masked_text(text: str) -> str:
    """A line as it is to be shown. Names are found if a value had them, or if they are in an id."""
    return _Chosen.masker.text(text) if _Chosen.masker else text


def masked_path(path: str) -> str:
    """The path of a file as it is to be shown. Its name may tell a VM."""
    if _Chosen.masker:
        _Chosen.masker.learn_path(path)
    return masked_text(path)
