"""The language of what is shown, chosen where the command line starts."""

import os


def use_language(said: str | None) -> str | None:
    """Speak the language that was asked for, else the locale's."""
    from remediator.language import language_of, speak

    speak(said or language_of(os.environ))
    return said
