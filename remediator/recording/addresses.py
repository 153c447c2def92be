"""Scrubbing ids of resources and URLs: the structure stays, the names in it are replaced."""

import re
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from remediator.recording.forms import harmless, is_type
from remediator.recording.names import GUID, Names
from remediator.recording.vocabulary import (
    HOST_SUFFIXES,
    KEPT_SEGMENTS,
    PUBLIC_HOSTS,
    REGIONS,
    TYPES,
)
from remediator.redaction import MASK

ENDPOINT: Final = "https://management.azure.com"
"""The endpoint in every recording, whatever cloud was asked."""

KINDS: Final = {
    "virtualmachines": "vm",
    "vaults": "vault",
    "backuppolicies": "policy",
    "disks": "disk",
    "snapshots": "snapshot",
    "networkinterfaces": "nic",
    "virtualnetworks": "vnet",
    "subnets": "subnet",
    "networksecuritygroups": "nsg",
    "securityrules": "rule",
    "publicipaddresses": "ip",
    "ipconfigurations": "ipconfig",
    "storageaccounts": "account",
    "locks": "lock",
    "restorepointcollections": "collection",
    "restorepoints": "point",
    "diskrestorepoints": "point",
    "extensions": "extension",
    "managementgroups": "mg",
    "policyassignments": "assignment",
    "policydefinitions": "definition",
    "policysetdefinitions": "definition",
    "keys": "key",
    "secrets": "secret",
    "subscriptions": "subscription",
}
"""The kind of a name, by the type that stands before it in an id."""
_NAMESPACE: Final = re.compile(r"(?i)microsoft(?:\.[a-z]+)+")
_LITERAL: Final = re.compile(r"'((?:[^']|'')*)'")
_ARM: Final = re.compile(r"(?i)/?(?:subscriptions|providers)/")
_PUBLIC_PATH: Final = re.compile(r"[A-Za-z0-9/._-]*")
_PARAMETERS: Final = frozenset(
    {
        "api-version", "$filter", "$expand", "$top", "$skip", "$skiptoken", "$select", "$orderby",
        "statusonly", "monitor", "t", "c", "s", "h", "sig", "se", "sp", "sv", "sr", "st", "spr",
        "timespan", "interval", "metricnames", "aggregation", "metricnamespace", "linkid",
        "fabricname", "skiptoken", "%24skiptoken", "operationcontinuationtoken", "p",
    }
)  # fmt: skip
_WORDS: Final = frozenset({"$expand", "$select", "$orderby", "aggregation"})
_WORD_LIST: Final = re.compile(r"[A-Za-z]+(?:,[A-Za-z]+)*")
_LINKED: Final = frozenset({"linkid", "clcid", "view", "tabs"})


class Addresses:
    """Scrubs ids and URLs with one set of names."""

    def __init__(self, names: Names, endpoint: str) -> None:
        """A scrubber of addresses.

        Args:
            names: the replacements. Everything that scrubs the same file shares them.
            endpoint: the address of the cloud that was asked.
        """
        self._names = names
        self._host = urlsplit(endpoint).netloc.lower()
        self.prefixes: tuple[str, ...] = ()
        """The prefixes of the names of Azure Backup's own groups, as policies tell them."""

    @staticmethod
    def is_path(text: str) -> bool:
        """Whether a text begins like an id."""
        return _ARM.match(text) is not None

    def path(self, text: str) -> str:
        """An id or the path of a request. Its types stay, and its names are replaced."""
        if "%2f" in text.lower() and "/" not in text.strip("/"):
            return quote(self.path(unquote(text)), safe="")
        out: list[str] = []
        mode = "type"
        for part in text.split("/"):
            if not part:
                out.append(part)
            elif mode == "type":
                known = part.lower() in TYPES
                out.append(part if known else self._named("", part))
                mode = part.lower() if known else "type"
            elif mode == "providers":
                known = _NAMESPACE.fullmatch(part) is not None
                out.append(part if known else self._names.of("namespace", part))
                mode = "type"
            else:
                out.append(self._named(mode, part))
                mode = "type"
        return "/".join(out)

    def below_provider(self, text: str) -> str:
        """A resource as ARM names it in sentences: `Microsoft.Compute/virtualMachines/web`."""
        return self.path(f"providers/{text}").removeprefix("providers/")

    def container(self, text: str, kind: str = "name") -> str:
        """A name of Azure Backup made of several names, such as `iaasvmcontainerv2;rg;vm`."""
        parts = text.split(";")
        kinds = [kind] * len(parts)
        if any(part.lower().startswith("iaasvmcontainer") for part in parts) and len(parts) > 2:
            kinds[-1], kinds[-2] = "vm", "group"
        return ";".join(
            self.group(part) if its == "group" else self._named_plain(its, part)
            for its, part in zip(kinds, parts, strict=True)
        )

    def group(self, name: str) -> str:
        """The replacement of a resource group's name."""
        return self._names.group(name, self.prefixes)

    def region(self, name: str) -> str:
        """A region, in either of Azure's spellings. An unknown region is replaced."""
        if name.replace(" ", "").lower() in REGIONS:
            return name
        return self._names.of("region", name)

    def url(self, text: str) -> str:
        """A URL. The cloud's endpoint becomes the public one. Other private hosts are replaced."""
        try:
            parts = urlsplit(text)
            host = (parts.hostname or "").lower()
        except ValueError:
            return self._names.of("url", text)
        if parts.netloc.lower() == self._host or host == urlsplit(ENDPOINT).hostname:
            return f"{ENDPOINT}{self.path(parts.path)}{self._query(parts.query)}"
        if host in PUBLIC_HOSTS and _PUBLIC_PATH.fullmatch(parts.path):
            return f"https://{host}{parts.path}{self._query(parts.query)}"
        path = "/".join(
            part and (part if harmless(part) else self._named("", part))
            for part in parts.path.split("/")
        )
        scheme = parts.scheme if parts.scheme in ("http", "https") else "https"
        return f"{scheme}://{self.host(host)}{path}{self._query(parts.query)}"

    def host(self, host: str) -> str:
        """The replacement of a host's name or of its IP address."""
        host = host.lower().rstrip(".")
        if host in PUBLIC_HOSTS:
            return host
        if harmless(host.replace(".", "")) or ":" in host:
            return self._names.address(host)
        for suffix in HOST_SUFFIXES:
            if host.endswith(suffix):
                label, _, rest = host[: -len(suffix)].partition(".")
                middle = "".join(
                    f".{self._names.of('host', part)}" for part in rest.split(".") if part
                )
                return f"{self._names.of('account', label)}{middle}{suffix}"
        return f"{self._names.of('host', host)}.example.com"

    def _named(self, of_type: str, part: str) -> str:
        name = unquote(part)
        new = self._new_name(of_type, name)
        if new == name:
            return part
        return quote(new, safe="/-._~;()$") if name != part and ";" not in part else new

    def _new_name(self, of_type: str, name: str) -> str:
        if of_type == "locations":
            return self.region(name)
        if of_type == "resourcegroups":
            return self.group(name)
        if of_type == "recoverypoints" and name.isdigit():
            return name
        if name.lower() in KEPT_SEGMENTS.get(of_type, ()):
            return name
        if "/" in name:
            return self.path(name)
        return self.container(name, KINDS.get(of_type, "thing"))

    def _named_plain(self, kind: str, name: str) -> str:
        if GUID.search(name):
            return (
                GUID.sub(lambda found: self._names.guid(found[0]), name)
                if len(name) == 36
                else (self._names.of(kind, name))
            )
        return self._names.of(kind, name)

    def _query(self, query: str) -> str:
        if not query:
            return ""
        kept = []
        for name, value in parse_qsl(query, keep_blank_values=True):
            key = name if name.lower() in _PARAMETERS | _LINKED else self._names.of("option", name)
            kept.append(
                f"{quote(key, safe='$-')}={quote(self._option(name, value), safe='*-._~()$')}"
            )
        return "?" + "&".join(kept)

    def _option(self, name: str, value: str) -> str:
        low = name.lower()
        if low in ("t", "c", "s", "h") or (low.startswith("s") and low != "statusonly"):
            return MASK
        if low == "$skiptoken":
            return MASK
        if low == "$filter":
            return self.filter(value)
        if low in _WORDS and _WORD_LIST.fullmatch(value):
            return value
        if low in _LINKED or harmless(value) or self._names.is_word(value):
            return value
        return self._names.of("value", value)

    def filter(self, text: str) -> str:
        """A filter in OData. Its literals are replaced, except words and times."""
        out, at = [], 0
        for found in _LITERAL.finditer(text):
            out.append(self._words_of(text[at : found.start()]))
            out.append(f"'{self._literal(found[1])}'")
            at = found.end()
        return "".join([*out, self._words_of(text[at:])])

    def _literal(self, value: str) -> str:
        if harmless(value) or is_type(value) or self._names.is_word(value):
            return value
        if self.is_path(value):
            return self.path(value)
        return self.container(value)

    def _words_of(self, text: str) -> str:
        return re.sub(
            r"[^\s()]+",
            lambda found: (
                found[0]
                if self._names.is_word(found[0]) or harmless(found[0])
                else self._names.of("value", found[0])
            ),
            text,
        )
