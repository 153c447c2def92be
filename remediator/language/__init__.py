"""The language of the texts for people: English, Simplified or Traditional Chinese.

Plans, reports and records are data and stay in English. The parts that a person reads are
translated when they are shown; `translation` does it for sentences with values in them. A text
without a translation, such as one of a user's own playbook, is shown as written.
"""

import gettext
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

LANGUAGES: Final = {"en": "en", "zh-CN": "zh_CN", "zh-TW": "zh_TW"}
"""The names that `--lang` takes, and the names of gettext's folders for them."""

_DOMAIN: Final = "remediate"
_FOLDER: Final = Path(__file__).parent.parent / "locales"
_TRADITIONAL: Final = ("zh_tw", "zh_hk", "zh_mo", "zh_hant")


def language_of(environment: Mapping[str, str]) -> str:
    """The language that the locale's variables ask for. English if that is not one of ours.

    The variables count in gettext's order: LANGUAGE (a list), LC_ALL, LC_MESSAGES, LANG.
    """
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        for wanted in filter(None, environment.get(name, "").split(":")):
            locale = wanted.replace("-", "_").lower()
            if locale.startswith(_TRADITIONAL):
                return "zh-TW"
            if locale.startswith("zh"):
                return "zh-CN"
            return "en"
    return "en"


class Catalogue(gettext.GNUTranslations):
    """The texts of one language."""

    _catalog: dict[str | tuple[str, int], str]

    @property
    def texts(self) -> dict[str, str]:
        """Each English text with its translation."""
        return {
            text: told for text, told in self._catalog.items() if isinstance(text, str) and text
        }


@cache
def catalogue_of(language: str) -> Catalogue | None:
    """The catalogue of one of `LANGUAGES`. None for English, the language of the code."""
    if language == "en":
        return None
    return gettext.translation(_DOMAIN, _FOLDER, [LANGUAGES[language]], class_=Catalogue)


class _Speaker:
    """Holds the language in use. The command line sets it once at its start, like a locale."""

    language: str = "en"


def speak(language: str) -> None:
    """Choose the language of this process."""
    _Speaker.language = language


def spoken() -> str:
    """The language of this process: one of `LANGUAGES`."""
    return _Speaker.language


def _(text: str) -> str:
    """The text in the chosen language."""
    catalogue = catalogue_of(_Speaker.language)
    return catalogue.gettext(text) if catalogue and text else text


def _n(one: str, many: str, count: int) -> str:
    """The text for a count, in the chosen language.

    The language decides which form fits the count. English has two forms and Chinese has one. The
    caller puts the count in.

    Args:
        one: the English text for exactly one.
        many: the English text for none and for several.
        count: the count.
    """
    catalogue = catalogue_of(_Speaker.language)
    if catalogue is None:
        return one if count == 1 else many
    return catalogue.ngettext(one, many, count)


def listed(words: Iterable[str]) -> str:
    """Words side by side, as the chosen language parts them."""
    return _(", ").join(words)


def followed(*parts: str) -> str:
    """Parts of a line, one behind the other, as the chosen language parts them."""
    return _("; ").join(parts)


def marked(text: str) -> str:
    """The text itself; it is translated later, where it is shown."""
    return text


def counted(one: str, many: str) -> tuple[str, str]:
    """The two forms of a text for `_n`; they are translated later, where they are shown."""
    return one, many
