"""The language of all output. It is chosen when the command line starts."""

import os
from itertools import pairwise


def use_language(said: str | None) -> str | None:
    """Use the language that the person chose, else the locale's."""
    from remediator.language import language_of, speak

    speak(said or language_of(os.environ))
    return said


def language_before(arguments: list[str]) -> str | None:
    """The language that a command asks for, found before its options are read.

    Help and complaints about options are told before. None: a word that is no language, or none.
    """
    from remediator.language import LANGUAGES

    wanted = [after for flag, after in pairwise(arguments) if flag == "--lang"]
    wanted += [each.partition("=")[2] for each in arguments if each.startswith("--lang=")]
    wanted.append(os.environ.get("REMEDIATE_LANG", ""))
    return next((each for each in wanted if each in LANGUAGES), None)
