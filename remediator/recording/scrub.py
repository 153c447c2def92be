"""Taking names, ids, addresses and secrets out of recorded answers.

It follows the structure and an allow-list. A text stays if its form names nobody (a time, a
number), if it is a known word of Azure's APIs, or if its property holds such words. Azure's
sentences stay, without the names in them. Everything else is replaced. The same value always gets
the same replacement, so that the relations between answers stay.
"""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from remediator.recording.addresses import Addresses
from remediator.recording.forms import (
    harmless,
    is_address,
    is_like_a_word,
    is_type,
    is_version,
)
from remediator.recording.names import GUID, Names
from remediator.recording.pair import NOT_JSON, Pair
from remediator.recording.rules import Rules
from remediator.recording.sentences import Sentences
from remediator.recording.vocabulary import (
    HEADERS,
    PLAIN_HEADERS,
    SEALED,
    TEXTS,
    VERSIONS,
    WORD_PROPERTIES,
    WORDS,
)
from remediator.redaction import redacted

_KEY: Final = re.compile(r"[$@]?[A-Za-z][A-Za-z0-9]{0,63}(?:[ .()][A-Za-z()]{1,40}){0,7} ?\.?")
_RATE_LIMIT: Final = re.compile(r"[A-Za-z0-9./;, ]{1,400}")
_PLAIN_HEADER: Final = re.compile(r"[A-Za-z0-9 ,;:=/.+*-]{0,120}")
_SERVER: Final = re.compile(r"Microsoft-[A-Za-z]+(?:API)?/[\d.]+(?: Microsoft-[A-Za-z]+/[\d.]+)*")
_CIDR: Final = re.compile(r"([0-9a-fA-F.:]+)/(\d{1,3})")
_PROPERTIES: Final = (
    WORDS
    | TEXTS
    | SEALED
    | WORD_PROPERTIES
    | {"id", "properties", "extendedinfo", "propertybag", "instanceview", "statuses", "nextlink"}
)
"""Properties that keep their names, even if something of the customer has the same name."""
_KINDS: Final = {
    "entityfriendlyname": "vm",
    "friendlyname": "vm",
    "vm name": "vm",
    "computername": "computer",
    "adminusername": "user",
    "policyname": "policy",
    "policy name": "policy",
    "storageaccountname": "account",
    "target storage account name": "account",
    "storage account name": "account",
    "target resource group": "group",
    "azurebackuprgnameprefix": "prefix",
    "azurebackuprgnamesuffix": "suffix",
    "displayname": "title",
    "rolename": "role",
}


def scrub(pairs: Sequence[Pair], endpoint: str) -> tuple[Pair, ...]:
    """The pairs without names, ids, addresses and secrets.

    All pairs are scrubbed twice. The first time shows which names there are. So the second time
    also finds a name in a sentence that comes before the answer with the name.

    Args:
        pairs: the requests and answers as they came.
        endpoint: the address of the cloud that was asked.
    """
    scrubber = _Scrubber(pairs, endpoint)
    for pair in pairs:
        scrubber.pair(pair)
    scrubber.names.prepare()
    return tuple(scrubber.pair(pair) for pair in pairs)


class _Scrubber:
    def __init__(self, pairs: Sequence[Pair], endpoint: str) -> None:
        whole = json.dumps([pair.model_dump() for pair in pairs], ensure_ascii=False)
        self.names = Names(whole)
        self._addresses = Addresses(self.names, endpoint)
        self._sentences = Sentences(self.names, self._addresses)
        self._rules = Rules(self.names)
        for pair in pairs:
            self._learn(pair.body)

    def pair(self, pair: Pair) -> Pair:
        """One pair, scrubbed."""
        return Pair(
            method=pair.method,
            uri=self._addresses.url(pair.uri),
            sent=None,
            status=pair.status,
            headers=dict(self._headers(pair.headers)),
            body=self._value("", pair.body, ()),
        )

    def _learn(self, node: Any) -> None:
        """Note what other places depend on: types of extensions, codes, prefixes of groups."""
        match node:
            case dict():
                if isinstance(node.get("publisher"), str) and isinstance(node.get("type"), str):
                    self._learn_word(node["type"])
                for key in ("errorTitle", "title", "code"):
                    if isinstance(said := node.get(key), str) and re.fullmatch(
                        "[A-Za-z0-9]+", said
                    ):
                        self._learn_word(said)
                prefix = node.get("azureBackupRGNamePrefix")
                if isinstance(prefix, str) and prefix:
                    self._addresses.prefixes = (*self._addresses.prefixes, prefix)
                for each in node.values():
                    self._learn(each)
            case list():
                for each in node:
                    self._learn(each)

    def _learn_word(self, word: str) -> None:
        if is_like_a_word(word):
            self.names.learn_word(word)

    def _headers(self, headers: dict[str, str]) -> Iterable[tuple[str, str]]:
        for name, value in headers.items():
            if name.startswith("x-ms-ratelimit-"):
                if _RATE_LIMIT.fullmatch(value):
                    yield name, value
            elif name == "server" and not _SERVER.fullmatch(value):
                continue
            elif name in HEADERS:
                yield name, self._header(name, value)

    def _header(self, name: str, value: str) -> str:
        if name == "server" or (name in PLAIN_HEADERS and _PLAIN_HEADER.fullmatch(value)):
            return value
        if "://" in value:
            return self._addresses.url(value)
        return self._sentences.scrubbed(value)

    def _value(self, key: str, node: Any, above: tuple[str, ...]) -> Any:
        """A part of a body, scrubbed.

        Args:
            key: the part's property. For a part of a list, the list's property.
            node: the part.
            above: the properties around it in lower case, the outermost first.
        """
        if key.lower() in SEALED and not _is_word_there(key, above):
            return self._sealed("tag" if key.lower() == "tags" else "text", node)
        match node:
            case dict():
                return self._object(node, (*above, key.lower()))
            case list():
                return [self._value(key, each, above) for each in node]
            case str():
                return self._text(key.lower(), node, above)
            case _:
                return node

    def _object(self, node: dict[str, Any], above: tuple[str, ...]) -> dict[str, Any]:
        if node.keys() == {NOT_JSON}:
            return {NOT_JSON: f"{len(str(node[NOT_JSON]))} characters that are not JSON"}
        # The id comes first: it tells what kind of thing a name belongs to.
        first = sorted(node, key=lambda key: key != "id")
        done = {key: self._value(key, node[key], above) for key in first}
        foreign = _is_of_foreign_extension(node, above)
        if foreign:
            done |= {
                key: self._sealed("text", node[key], messages=True)
                for key in ("statuses", "substatuses")
                if key in node
            }
        return {self._key(key, above): done[key] for key in node}

    def _key(self, key: str, above: tuple[str, ...]) -> str:
        if above and above[-1] == "parameters":
            return self.names.of("parameter", key)
        if _KEY.fullmatch(key) and (key.lower() in _PROPERTIES or not self.names.knows(key)):
            return key
        return self._addresses.path(key) if key.startswith("/") else self._sentences.scrubbed(key)

    def _sealed(self, kind: str, node: Any, *, messages: bool = False) -> Any:
        """The customer's content, replaced. Structure, booleans and harmless texts stay.

        With `messages`, only the messages of a list of statuses are the customer's.
        """
        match node:
            case dict() if messages:
                return {
                    key: self._sealed(kind, each)
                    if key == "message"
                    else self._value(key, each, ())
                    for key, each in node.items()
                }
            case dict():
                return {
                    self.names.of(kind, key): self._sealed("value", v) for key, v in node.items()
                }
            case list():
                return [self._sealed(kind, each, messages=messages) for each in node]
            case str():
                return node if harmless(node) and not node.isdigit() else self.names.of(kind, node)
            case bool() | None:
                return node
            case _:
                return 0

    def _text(self, key: str, text: str, above: tuple[str, ...]) -> str:
        if harmless(text):
            return self.names.of("id", text) if _is_an_id(key, text) else text
        if GUID.fullmatch(text):
            return self.names.guid(text)
        if "policyrule" in above or "parameters" in above:
            return self._rules.scrubbed(text) if not text.startswith("/") else self._path(text)
        if key in TEXTS:
            return self._sentences.scrubbed(text)
        if text.startswith("/") and self._addresses.is_path(text):
            return self._path(text)
        if redacted(text) != text:
            return self.names.of("secret", text)
        return self._word(key, text, above)

    def _word(self, key: str, text: str, above: tuple[str, ...]) -> str:
        if is_type(text) or self.names.is_word(text):
            return text
        if key in ("location", "locations", "resourceregion"):
            return self._addresses.region(text)
        if VERSIONS.fullmatch(key) and is_version(text):
            return text
        if _holds_words(key, above) and is_like_a_word(text) and not self.names.knows(text):
            return text
        return self._name(key, text)

    def _name(self, key: str, text: str) -> str:
        if "://" in text:
            return self._addresses.url(text)
        if is_address(text):
            return self.names.address(text)
        if (net := _CIDR.fullmatch(text)) and is_address(net[1]):
            return f"{self.names.address(net[1])}/{net[2]}"
        if "@" in text:
            return self._sentences.scrubbed(text)
        if key in ("resourcegroup", "resourcegroupname", "target resource group"):
            return self._addresses.group(text)
        if ";" in text:
            return self._addresses.container(text)
        return self.names.of(_KINDS.get(key, "name"), text)

    def _path(self, text: str) -> str:
        return self._addresses.path(text)


def _holds_words(key: str, above: tuple[str, ...]) -> bool:
    """Whether a property holds words of the API."""
    parent = above[-1] if above else ""
    if key in WORD_PROPERTIES:
        return parent != "plan"  # the name of a private offer tells whose it is
    return (
        (parent == "sku" and key in ("name", "tier"))
        or (parent == "imagereference")
        or (parent == "name" and key in ("value", "localizedvalue"))
    )


def _is_word_there(key: str, above: tuple[str, ...]) -> bool:
    """Whether a sealed word has another meaning here: the permissions on a vault's secrets."""
    return key.lower() == "secret" and "permissions" in above


def _is_an_id(key: str, text: str) -> bool:
    """Whether a number in a text is an id of something of the customer."""
    return text.isdigit() and len(text) >= 6 and key.endswith("id")


def _is_of_foreign_extension(node: dict[str, Any], above: tuple[str, ...]) -> bool:
    """Whether this is an extension that may quote the output of a customer's script."""
    if not any(part in ("extensions", "resources") for part in above):
        return False
    told = f"{node.get('type', '')} {node.get('name', '')}".lower()
    return "recoveryservices" not in told and "vmsnapshot" not in told
