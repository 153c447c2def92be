"""The words for the states of a VM. They are single words, which are else left as they are."""

from typing import Final

from remediator.language import marked

NAMES: Final = ("agent", "impact", "power", "provisioning")
"""The names of the values that are such words, or the word for a class of impact."""

PREFIXES: Final = (marked("done"), marked("none"), marked("not done"), marked("seen"))
"""What may stand before a sentence and a colon."""

STATES: Final = (  # collected for the catalogues, where the words are looked up
    marked("absent"),
    marked("deallocated"),
    marked("deleting"),
    marked("failed"),
    marked("not-ready"),
    marked("other"),
    marked("ready"),
    marked("running"),
    marked("stopped"),
    marked("succeeded"),
    marked("under-way"),
)
