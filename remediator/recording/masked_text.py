"""Texts with pseudonyms: ids, commands and sentences."""

import re
from shlex import quote as shell_quoted
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from remediator.recording.addresses import KINDS, Addresses
from remediator.recording.forms import is_address
from remediator.recording.names import GUID
from remediator.recording.pseudonyms import Pseudonyms
from remediator.recording.vocabulary import HOST_SUFFIXES, KEPT_SEGMENTS

_MORE_KINDS: Final = {
    "resourcegroups": "group",
    "backupjobs": "job",
    "recoverypoints": "point",
    "tenants": "tenant",
    "locations": "region",
}
_PUBLIC: Final = frozenset(
    {
        "management.azure.com",
        "management.chinacloudapi.cn",
        "management.usgovcloudapi.net",
        "localhost",
        "127.0.0.1",
        "::1",
    }
)
"""Hosts of Azure Resource Manager that tell nothing, and those of this machine."""

_PIECE: Final = rf"""
      (?P<endpoint>(?<=--arm-endpoint\ )[^\s"']+)
    | (?P<id>/(?:subscriptions|providers)/[^\s"'`<>|]+)
    | (?P<container>\b(?:vm;)?iaasvmcontainer(?:v2)?;[^\s;"'<>,/]+;[^\s;"'<>,/)?]+)
    | (?P<mail>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)
    | (?P<guid>{GUID.pattern.replace("(?i)", "")})
    | (?P<address>(?<![\w.:-])(?:\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?!\.?\w)
        |[0-9a-f]{{0,4}}(?::[0-9a-f]{{0,4}}){{2,7}})(?![\w:]))
    | (?P<home>(?:(?<![\w/])/(?:home|users)/|\b[a-z]:\\users\\)[^/\\\s"']+)
    | (?P<word>[\w-]+(?:\.[\w-]+)*)
"""
_WITH_CONTAINER: Final = ("protectioncontainers", "protecteditems", "protectableitems")
"""Types of Azure Backup whose names are made of several names."""

_TAIL: Final = re.compile(r"[.,:;)\]]+$")
_PLAIN_NAME: Final = re.compile(r"[\w-]+(?:\.[\w-]+)*")
_QUOTES: Final = "'\"`‘’“”「」"
_NAMING: Final = re.compile(
    r"(?:^|\s)(?:-n|-g|--(?:[a-z-]+-)?(?:name|names|vm|vault|group|disk|item|policy))[ =]$"
)
"""The end of a command's text right before a name."""

_LOCKED: Final = re.compile(r" \((?:CanNotDelete|ReadOnly)\) on /\S+")
"""What stands behind the name of a lock."""

_BEFORE_LOCK: Final = re.compile(r".*?(?:\block |: )|^; ", re.DOTALL)
"""What stands before the name of a lock."""

_LEAST_FIRST_NUMBER: Final = 10
"""The first number of an address that is masked. A smaller one begins a version."""


class MaskedText:
    """Replaces names in texts. It knows the names that were given to it or that stood in ids."""

    def __init__(self) -> None:
        """Start without any name."""
        self.names = Pseudonyms()
        self._addresses = Addresses(self.names, "")
        self._odd: dict[str, str] = {}
        self._ids: dict[str, str] = {}
        self._pieces = self._compiled()

    def learn(self, kind: str, name: str) -> str:
        """The pseudonym of a name that a field holds. From now on sentences are searched for it."""
        if kind == "file":  # a path looks like an id, and has no types
            return self.names.of(kind, name)
        if name.startswith("/"):
            return self.id(name)
        new = self.names.of(kind, name)
        if new != name and not _PLAIN_NAME.fullmatch(name) and name.strip():
            self.learn_odd(name, new)
        return new

    def learn_word(self, kind: str, name: str) -> None:
        """Learn a name from a list. What is not one word is no name there."""
        if _PLAIN_NAME.fullmatch(name):
            self.learn(kind, name)

    def learn_locks(self, text: str) -> None:
        """Learn the locks that a list or a sentence names together with their level and scope."""
        for before in _LOCKED.split(text)[:-1]:
            if name := _BEFORE_LOCK.sub("", before).strip():
                self.learn("lock", name)

    def learn_odd(self, name: str, new: str) -> None:
        """Search for a name that is not one word, also in the form that a shell needs."""
        forms = {name, shell_quoted(name).strip("'"), name.strip()} - self._odd.keys()
        if forms:
            self._odd |= dict.fromkeys(forms, new)
            self._pieces = self._compiled()

    def learn_path(self, path: str) -> str:
        """The pseudonym of a path that a person typed. From now on sentences are searched for it.

        A path that is one word, such as `plan`, is searched for as a name is.
        """
        new = self.names.of("file", path)
        if not _PLAIN_NAME.fullmatch(path):
            self.learn_odd(path, new)
        return new

    def learn_endpoint(self, url: str) -> None:
        """Search for the host of an endpoint, unless it is public."""
        self._endpoint(url)

    def id(self, text: str) -> str:
        """An ARM id, or the path of a request. Its types and actions stay.

        A recording scrubs ids by a list of known types, because it trusts nothing. Here the place
        in the id says what is a type. So no type of Azure's is lost to the reader.
        """
        if text not in self._ids:
            self._ids[text] = self._id(text)
        return self._ids[text]

    def _id(self, text: str) -> str:
        path, mark, query = text.partition("?")
        out: list[str] = []
        of_type = ""
        place = "type"
        for part in path.split("/"):
            if not part:
                out.append(part)
            elif place == "name":
                out.append(self._named(of_type, part))
                place = "type"
            elif place == "namespace":
                out.append(part)
                place = "type"
            else:
                out.append(part)
                of_type = part.lower()
                place = "namespace" if of_type == "providers" else "name"
        return "/".join(out) + mark + (self.text(query) if query else "")

    def text(self, text: str, *, learning: bool = False) -> str:
        """A text with pseudonyms.

        Args:
            text: a sentence, a command, or any other text.
            learning: whether only ids are looked at, to learn the names in them. Which kind of
                thing a GUID stands for may still come to be known.
        """
        if learning:
            self.learn_locks(text)
        return self._pieces.sub(lambda found: self._piece(found, learning=learning), text)

    def _compiled(self) -> re.Pattern[str]:
        longest_first = sorted(self._odd, key=len, reverse=True)
        odd = "|".join(re.escape(name).replace("#", r"\#") for name in longest_first) or r"(?!)"
        return re.compile(rf"(?P<odd>(?<!\w)(?:{odd})(?!\w))|{_PIECE}", re.VERBOSE | re.IGNORECASE)

    def _piece(self, found: re.Match[str], *, learning: bool) -> str:
        text = found[0]
        match found.lastgroup:
            case "odd":
                return self._odd.get(text, "") or self._odd_in_other_case(text)
            case "endpoint":
                return self._endpoint(text)
            case "id":
                tail = found[0] if (found := _TAIL.search(text)) else ""  # type: ignore[assignment]
                return self.id(text.removesuffix(tail)) + tail
            case "container":
                return self._container(text)
            case "mail":
                return self.names.of("user", text)
            case "guid":
                return text if learning else self.names.guid(text)
            case "address":
                return self._address(text)
            case "home":
                end = max(text.rfind("/"), text.rfind("\\")) + 1
                return text[:end] + self.names.of("user", text[end:])
            case _:
                return self._word(text, found)

    def _odd_in_other_case(self, text: str) -> str:
        return next(new for name, new in self._odd.items() if name.lower() == text.lower())

    def _named(self, of_type: str, part: str) -> str:
        name = unquote(part)
        if name.lower() in KEPT_SEGMENTS.get(of_type, ()):
            return part
        if of_type == "recoverypoints" and name.isdigit():
            return part
        if of_type in _WITH_CONTAINER and name.count(";") > 1:
            return self._container(name)
        kind = _MORE_KINDS.get(of_type) or KINDS.get(of_type, "resource")
        new = self.learn(kind, name)
        return part if new == name else quote(new, safe="/-._~;()$")

    def _container(self, text: str) -> str:
        """A name of Azure Backup made of several, such as `iaasvmcontainerv2;GROUP;VM`."""
        *kinds, group, vm = text.split(";")
        return ";".join([*kinds, self.learn("group", group), self.learn("vm", vm)])

    def _endpoint(self, url: str) -> str:
        try:
            host = urlsplit(url).hostname or ""
        except ValueError:
            return self.names.of("endpoint", url)
        if not host or host in _PUBLIC:
            return url
        return re.sub(re.escape(host), self.names.of("endpoint", host), url, flags=re.IGNORECASE)

    def _address(self, text: str) -> str:
        if not is_address(text):
            return text
        if ":" not in text and int(text.split(".", 1)[0]) < _LEAST_FIRST_NUMBER:
            return text
        return self.names.address(text)

    def _word(self, text: str, found: re.Match[str]) -> str:
        new = self.names.known(text)
        if new is not None:
            plain = not self.names.is_ordinary(text)
            return new if plain or _is_named_here(found) else text
        if text.lower().endswith(HOST_SUFFIXES):
            return self._addresses.host(text)
        if "." in text:
            parts = text.split(".")
            return ".".join(
                (not self.names.is_ordinary(part) and self.names.known(part)) or part
                for part in parts
            )
        # Names that Azure Backup makes of the names of VMs.
        return (
            self.names.of("collection", text) if text.lower().startswith("azurebackup_") else text
        )


def _is_named_here(found: re.Match[str]) -> bool:
    """Whether a word stands where only a name can stand: in quotes, or behind an option."""
    before, after = found.string[: found.start()], found.string[found.end() :]
    if before[-1:] and after[:1] and before[-1] in _QUOTES and after[0] in _QUOTES:
        return True
    if after.startswith((" (CanNotDelete)", " (ReadOnly)")):
        return True
    return _NAMING.search(before[-40:]) is not None
