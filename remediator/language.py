"""The language a person is spoken to in: English, Simplified or Traditional Chinese.

Plans, reports and records are data and stay in English; what a person reads of them is translated
when it is shown. What has no translation, such as a user's own playbook, is shown as it is
written.
"""

import gettext
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

LANGUAGES: Final = {"en": "en", "zh-CN": "zh_CN", "zh-TW": "zh_TW"}
"""As `--lang` names them, and as gettext names their folders."""

_DOMAIN: Final = "remediate"
_FOLDER: Final = Path(__file__).parent / "locales"
_TRADITIONAL: Final = ("zh_tw", "zh_hk", "zh_mo", "zh_hant")


def language_of(environment: Mapping[str, str]) -> str:
    """The language that the locale's variables ask for; English when it is none of ours.

    In gettext's order: LANGUAGE (a list), LC_ALL, LC_MESSAGES, LANG.
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
    """Which catalogue is in use. Set once, where the command line starts, as a locale is."""

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
