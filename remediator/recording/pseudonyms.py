"""Pseudonyms for the names in a report: `vm-1`, `vault-1`, `subscription-1`.

They differ from the replacements in a recording. A person reads them, so they say what they stand
for. Nobody parses them as Azure's answers, so a GUID becomes a short name too.
"""

import re
from typing import Final

from remediator.recording.names import GUID, Names
from remediator.recording.vocabulary import KNOWN_ADDRESSES, KNOWN_GUIDS, WORDS

_MORE_WORDS: Final = """
    a about after again all allow allowed already also an and any are as ask at automatic back
    be because been before began begin begins begun being both but by can cannot cause change
    changed changes check checks class clean code command consent cost could data day days demand
    destructive did do does done down downtime each end ended ends ever every exclude exists fact
    facts failure few file files find first fix fixed fixes for found from full give given go goes
    gone guard guest had has have held here hold holds hour hours how human if in into is it its
    keep keeps kept known last late later least left let like limit list look loses lost made make
    makes manual may memory message microsoft minute minutes more most must name named names need
    needs never new next nobody no not nothing now of off old on once one only open or other others
    out over owed own part pending plan planned plans power protect protected protection put puts
    queued reached reason refused remediate remedy repair report reported reports request reset
    restart reversible right role run running runs same say says scan scope second security see
    seen send sent service set settled show shows since so some somebody start started state stays
    step steps still stop stopped stops such system take taken takes tell tells test than that the
    their them then there these they thing this those time times to too try tries two under until
    up use used user uses value values wait waits was way well were what when where which who why
    will with without work works write written yes yet you
""".split()  # noqa: SIM905 - a list of single words would take two hundred lines
ORDINARY: Final = WORDS | frozenset(_MORE_WORDS)
"""Words of the tool's own sentences, in lower case.

A VM may have such a name. In a sentence nobody can tell the name from the word, so the word stays.
"""

_DIGITS: Final = re.compile(r"\d+")


class Pseudonyms(Names):
    """Keeps the pseudonym of each name. Names that differ only in casing have the same one."""

    def __init__(self) -> None:
        """Start without any name."""
        super().__init__("")
        self._real: set[str] = set()
        """Names that are known so far. None of them becomes the pseudonym of another name."""

    def of(self, kind: str, name: str) -> str:
        """The pseudonym of a name. A new name is called by its `kind`. Regions stay."""
        if kind == "region" or name.lower() in KNOWN_GUIDS:
            return name
        self._real.add(name.lower())
        if GUID.fullmatch(name):
            key = name.lower()
            if key not in self._guids:
                self._guids[key] = self._new(kind)
            return self._guids[key]
        return super().of(kind, name)

    def guid(self, guid: str) -> str:
        """The pseudonym of a GUID of any kind."""
        return self.of("id", guid)

    def address(self, address: str) -> str:
        """The pseudonym of an IP address. Addresses that are the same everywhere stay."""
        if address.startswith("127.") or address.lower() in KNOWN_ADDRESSES | {"::", "::1"}:
            return address
        return self.of("address", address)

    def is_word(self, text: str) -> bool:
        """No text is known to be no name: even a VM with an ordinary name gets a pseudonym."""
        del text
        return False

    def known(self, name: str) -> str | None:
        """The pseudonym of a name that is known already. None if it is not."""
        key = name.lower()
        return self._guids.get(key) or self._found.get(key)

    @staticmethod
    def is_ordinary(name: str) -> bool:
        """Whether a sentence may contain this name as a word, a number, or the `s` of `job's`."""
        return len(name) == 1 or name.lower() in ORDINARY or _DIGITS.fullmatch(name) is not None

    def _new(self, kind: str) -> str:
        while True:
            self._count[kind] += 1
            new = f"{kind}-{self._count[kind]}"
            if new not in self._real:
                return new

    def _cased(self, new: str, name: str) -> str:
        del name
        return new
