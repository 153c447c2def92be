"""Collect what a person reads into the catalogues, and compile these: `make generate`.

For developers; needs Babel. What has no translation yet stays English; `make untranslated` names it
before a release.
"""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from remediator.locales.foreign import FOREIGN
from remediator.locales.sentences import patterns

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent.parent
LANGUAGES = ("zh_CN", "zh_TW")

_NEVER = datetime(2000, 1, 1, tzinfo=UTC)
_MARKED = {"_": None, "marked": None, "passed": (1,), "failed": (1,), "left_open": (1,)}
"""Calls whose argument is a text for people, even if it is one word."""

_SILENT = ("assumptions", "locales", "proving", "simulator")
"""Rooms whose sentences are for developers."""


def texts() -> Iterator[str]:
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


def _of_module(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        for _, text, _, _ in extract("python", file, _MARKED):
            yield text if isinstance(text, str) else text[0]
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
    for text in sorted(set(texts())):
        known = old.get(text)
        new.add(text, known.string if known else "")
    editable = BytesIO()
    write_po(editable, new, width=100, no_location=True, omit_header=True)
    header = (
        b'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        b'"Language: ' + language.encode() + b'\\n"\n\n'
    )
    return header + editable.getvalue(), compiled(new)


def compiled(catalogue: Catalog) -> bytes:
    """A catalogue as it is read, without the texts that have no translation: they stay English."""
    for text in untranslated(catalogue):
        catalogue.delete(text)  # compiled empty, it would be shown as nothing
    written = BytesIO()
    write_mo(written, catalogue)
    return written.getvalue()


def untranslated(catalogue: Catalog) -> list[str]:
    """The texts that have no translation, and are shown in English."""
    return [str(message.id) for message in catalogue if message.id and not message.string]


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
        return untranslated(read_po(file))


if __name__ == "__main__":
    sys.exit(main())
