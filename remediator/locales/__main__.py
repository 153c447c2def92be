"""Collect what a person reads into the catalogues, and compile these: `make generate`.

For developers; needs Babel. What has no translation yet stays English; `make untranslated` names it
before a release.
"""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from remediator.locales.foreign import FOREIGN
from remediator.locales.sentences import patterns

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent.parent
LANGUAGES = ("zh_CN", "zh_TW")

Text = str | tuple[str, str]
"""A text to translate. A text for a count has two forms: for one, and for several."""

_NEVER = datetime(2000, 1, 1, tzinfo=UTC)
_MARKED = {
    "_": None,
    "_n": (1, 2),
    "marked": None,
    "counted": (1, 2),
    "passed": (1,),
    "failed": (1,),
    "left_open": (1,),
}
"""Calls whose arguments are texts for people, even if a text is one word."""

_SILENT = ("assumptions", "locales", "proving", "simulator")
"""Rooms whose sentences are for developers."""


def texts() -> Iterator[Text]:
    """Every text there is to translate."""
    playbooks = [("*.yaml", "remediator.locales.extract:playbook")]
    for _, _, text, _, _ in extract_from_dir(ROOT / "playbooks", playbooks):
        yield text if isinstance(text, str) else text[0]
    yield from FOREIGN
    yield from _of_scripts()
    for path in sorted((ROOT / "remediator").rglob("*.py")):
        if path.relative_to(ROOT).parts[1] not in _SILENT:
            yield from _of_module(path)


def _of_scripts() -> Iterator[str]:
    """What each guest script does, as the first line of its own comment tells it."""
    for path in sorted((ROOT / "playbooks" / "scripts").iterdir()):
        lines = path.read_text("utf-8").splitlines()
        words = (line.strip("#<> ") for line in lines if not line.startswith("#!"))
        if does := next(filter(None, words)).partition(": ")[2]:
            yield does


def _of_module(path: Path) -> Iterator[Text]:
    with path.open("rb") as file:
        for _, text, _, _ in extract("python", file, _MARKED):
            yield text if isinstance(text, str) else (text[0], text[1])
    for _, text in patterns(path.read_text("utf-8")):
        yield text


def po_path(language: str) -> Path:
    """The catalogue of a language, as a person edits it."""
    return FOLDER / language / "LC_MESSAGES" / "remediate.po"


def renewed(language: str) -> tuple[bytes, bytes]:
    """A language's catalogue with exactly the texts of now, as `.po` and as `.mo`."""
    path = po_path(language)
    old = Catalog()
    if path.exists():
        with path.open("rb") as file:
            old = read_po(file, locale=language)
    # With a date of its own, each compilation would differ from the last.
    new = Catalog(
        locale=language, fuzzy=False, header_comment="", creation_date=_NEVER, revision_date=_NEVER
    )
    for text in sorted(set(texts()), key=first_form):
        new.add(text, _known(old, text))
    editable = BytesIO()
    write_po(editable, new, width=100, no_location=True, omit_header=True)
    header = (
        b'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        b'"Language: ' + language.encode() + b'\\n"\n'
        b'"Plural-Forms: ' + new.plural_forms.encode() + b'\\n"\n\n'
    )
    return header + editable.getvalue(), compiled(new)


def first_form(text: Text) -> str:
    """The text by which a catalogue knows a text. For a text with two forms it is the first."""
    return text if isinstance(text, str) else text[0]


def _known(old: Catalog, text: Text) -> str | tuple[str, ...]:
    """The translation of a text so far. Empty if there is none.

    A text that had one form and now has two keeps the translation of the form for several.
    """
    known = old.get(first_form(text))
    if isinstance(text, str):
        return known.string if known and isinstance(known.string, str) else ""
    if known and isinstance(known.string, tuple):
        return known.string
    several = old.get(text[1])
    return (several.string if several and isinstance(several.string, str) else "",)


def compiled(catalogue: Catalog) -> bytes:
    """A catalogue as it is read, without the texts that have no translation: they stay English."""
    for text in untranslated(catalogue):
        catalogue.delete(text)  # compiled empty, it would be shown as nothing
    written = BytesIO()
    write_mo(written, catalogue)
    return written.getvalue()


def untranslated(catalogue: Catalog) -> list[str]:
    """The texts that have no translation, and are shown in English."""
    return [
        first_form((message.id[0], message.id[1]) if message.pluralizable else str(message.id))
        for message in catalogue
        if message.id and not all(_forms(message))
    ]


def _forms(message: Message) -> tuple[str, ...]:
    """The translation of a text, in each form that it has."""
    return message.string if isinstance(message.string, tuple) else (str(message.string or ""),)


def renew() -> None:
    """Renew every catalogue; tell how many texts still miss."""
    for language in LANGUAGES:
        editable, binary = renewed(language)
        path = po_path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(editable)
        path.with_suffix(".mo").write_bytes(binary)
        sys.stdout.write(f"{language}: {len(_left(language))} texts without translation\n")


def main() -> int:
    """Name every text that has no translation: `make untranslated`; 1 when there is one."""
    left = [(language, text) for language in LANGUAGES for text in _left(language)]
    for language, text in left:
        sys.stdout.write(f"{language}: {text}\n")
    return 1 if left else 0


def _left(language: str) -> list[str]:
    with po_path(language).open("rb") as file:
        return untranslated(read_po(file, locale=language))


if __name__ == "__main__":
    sys.exit(main())
