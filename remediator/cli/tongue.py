"""The language of all output. It is chosen when the command line starts."""

import os


def use_language(said: str | None) -> str | None:
    """Use the language that the person chose, else the locale's."""
    from remediator.language import language_of, speak

    speak(said or language_of(os.environ))
    return said
