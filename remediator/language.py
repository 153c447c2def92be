"""The language of the texts for people: English, Simplified or Traditional Chinese.

Plans, reports and records are data and stay in English. The parts that a person reads are
translated when they are shown. A text without a translation, such as one of a user's own playbook,
is shown as written.
"""

import gettext
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

LANGUAGES: Final = {"en": "en", "zh-CN": "zh_CN", "zh-TW": "zh_TW"}
"""The names that `--lang` takes, and the names of gettext's folders for them."""

_DOMAIN: Final = "remediate"
_FOLDER: Final = Path(__file__).parent / "locales"
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


@cache
def translations(language: str) -> gettext.NullTranslations:
    """The catalogue of one of `LANGUAGES`."""
    return gettext.translation(_DOMAIN, _FOLDER, [LANGUAGES[language]], fallback=True)


class _Speaker:
    """Holds the catalogue in use. The command line sets it once at its start, like a locale."""

    catalogue: gettext.NullTranslations = translations("en")


def speak(language: str) -> None:
    """Choose the language of this process."""
    _Speaker.catalogue = translations(language)


def _(text: str) -> str:
    """The text in the chosen language."""
    return _Speaker.catalogue.gettext(text) if text else text


def marked(text: str) -> str:
    """The text itself; it is translated later, where it is shown."""
    return text
