"""Scrubbing Azure's sentences: the sentence stays, and what looks like a name is replaced."""

import re
from typing import Final

from remediator.recording.addresses import Addresses
from remediator.recording.forms import harmless, is_address, is_type, is_version
from remediator.recording.names import GUID, Names
from remediator.redaction import MASK, redacted

_SPECIAL: Final = re.compile(
    rf"""(?xi)
      (?P<url>[a-z][a-z0-9+.-]{{1,14}}://[^\s"'<>|，。；）]+)
    | (?P<path>/?(?:subscriptions|providers)/[^\s"'<>|,，。；）]+)
    | (?P<container>\b[a-z]+(?:;[^\s;"'<>,/，。；）]+){{2,}})
    | (?P<mail>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)
    | (?P<guid>{GUID.pattern.replace("(?i)", "")})
    | (?P<time>\b\d{{4}}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?)
    | (?P<stamp>\b\d{{8}}T\d{{6}}Z\b)
    | (?P<address>(?<![\w.:])(?:\d{{1,3}}(?:\.\d{{1,3}}){{3}}
        |[0-9a-f]{{0,4}}(?::[0-9a-f]{{0,4}}){{2,7}})(?![\w:]))
    | (?P<file>[a-z]:\\[^\s"'<>|]*|\\\\[^\s"'<>|]+|(?<![\w/.<])/(?:[\w.-]+/)+[\w.-]*)
    """
)
_QUOTED: Final = re.compile(
    r"""(?<![A-Za-z0-9])(['"‘“「])(?=\S)([^'"’”」]{1,200})(?<=\S)(['"’”」])(?!\w)"""
)
_TOKEN: Final = re.compile(r"[A-Za-z0-9_\\@+~$%#&^./-]*[A-Za-z0-9_][A-Za-z0-9_\\@+~$%#&^./-]*")
_PLAIN: Final = re.compile(
    r"""(?x)
      [A-Za-z]+                                     # a word
    | [A-Za-z]+(?:/[A-Za-z]+)+                      # read/write
    | (?:[A-Za-z]\.){1,3}[A-Za-z]?                  # e.g.
    | [A-Za-z]?[a-z]+\.[A-Z][a-z]+                  # an end and a beginning without a blank
    | \d+(?:[.,:/]\d+)*%?                           # a number, a version, a time
    | \d+[A-Za-z]{1,2}                              # 32GB
    | 0x[0-9A-Fa-f]+ | KB\d+ | [xX](?:64|86) | IPv[46] | TLS\d(?:\.\d)? | [Ee]xt[34] | SHA\d+
    | (?i:microsoft|system|windows)(?:\.[A-Za-z]+)+
    """
)
_HYPHENED: Final = re.compile(
    r"""(?xi)
      (?:non|pre|re|recovery|shut|start|read|on|up|cross|multi|self|built|in|file|app|crash|anti|sub|co|de|auto|e
        |out|write|post|user|third|fire|end|time|short|long|well|set|sign|plug|set|day)
      (?:-[a-z]+){1,3}
    | [a-z]+-(?:based|level|side|only|specific|related|protected|enabled|managed|up|in|out|off|wide
        |case|end|time|line|check|point|consistent|demand|premises)
    """
)


class Sentences:
    """Scrubs sentences with one set of names."""

    def __init__(self, names: Names, addresses: Addresses) -> None:
        """A scrubber with the replacements and the addresses that one file shares."""
        self._names = names
        self._addresses = addresses

    def scrubbed(self, text: str) -> str:
        """A sentence without names, ids, addresses and secrets.

        A text in quotation marks counts as a name. So does every token that is not an ordinary
        word: letters with digits, underscores, hyphens. Azure's error codes stay if they are known.
        """
        text = redacted(text)
        out, at = [], 0
        for found in _SPECIAL.finditer(text):
            out.append(self._quoted(text[at : found.start()]))
            out.append(self._special(found))
            at = found.end()
        return "".join([*out, self._quoted(text[at:])])

    def _special(self, found: re.Match[str]) -> str:
        what, said = found.lastgroup, found[0]
        core = said.rstrip(".,;:!?)]}*") if what in ("url", "path", "file") else said
        end = said[len(core) :]
        match what:
            case "url":
                return self._addresses.url(core) + end
            case "path":
                return self._addresses.path(core) + end
            case "container":
                return self._addresses.container(core)
            case "mail":
                return f"{self._names.of('user', core)}@example.com"
            case "guid":
                return self._names.guid(core)
            case "address" if is_address(said):
                return self._names.address(said)
            case "address" if not harmless(said):
                return self._quoted(said)
            case "file":
                return self._names.of("path", core) + end
            case _:
                return said

    def _quoted(self, text: str) -> str:
        out, at = [], 0
        for found in _QUOTED.finditer(text):
            out.append(self._plain(text[at : found.start()]))
            out.append(f"{found[1]}{self._name_in_quotes(found[2])}{found[3]}")
            at = found.end()
        return "".join([*out, self._plain(text[at:])])

    def _name_in_quotes(self, text: str) -> str:
        if harmless(text) or is_type(text) or is_version(text) or text == MASK:
            return text
        if text.lower().startswith("microsoft.") and "/" in text:
            return self._addresses.below_provider(text)
        return self._addresses.container(text)

    def _plain(self, text: str) -> str:
        if not text.strip():
            return text
        pieces, at = [], 0
        for start, end, new in self._names.places(text):
            pieces.append(_TOKEN.sub(self._token, text[at:start]))
            pieces.append(new)
            at = end
        return "".join([*pieces, _TOKEN.sub(self._token, text[at:])])

    def _token(self, found: re.Match[str]) -> str:
        said = found[0]
        core = said.strip("./-")
        if (
            not core
            or _PLAIN.fullmatch(core)
            or _HYPHENED.fullmatch(core)
            or is_type(core)
            or is_version(core)
            or self._names.is_word(core)
        ):
            return said
        start = said.index(core)
        return said[:start] + self._names.of("name", core) + said[start + len(core) :]
