"""Masks secrets in texts that others wrote, before anything keeps or shows the texts.

Azure's messages, a guest's answers and the errors of libraries may quote a request: a signed
address, a connection string, a token. Foreign secrets are found by their shape. The secrets that
this process itself holds are found by their value. Locks are left as they are: a lock must be put
back exactly as it was taken off.
"""

import json
import re
from functools import lru_cache
from typing import Any, AnyStr, Final
from urllib.parse import quote

MASK: Final = "***"

_SECRET_FROM: Final = 16
"""The least length of a secret, in characters. A shorter one is a word, and may be in any text."""

_HELD_AT_MOST: Final = 32
"""How many secrets are remembered. A token lasts an hour, and a worker may run for weeks."""

_held: dict[str, None] = {}

# Each pattern passes over a text once: none starts again inside the part that it has looked at. The
# group `kept` stays in the text and says what was masked.
_SECRETS: Final = (
    # A private key, even one that is cut off. Python 3.11.2 matches a possessive repeat of a group
    # wrongly, so there is none here.
    (
        r"(?P<kept>-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----)(?!\*\*\*)[^-]*(?:-(?!----)[^-]*)*"
        r"(?:-----END [A-Z ]{0,40}PRIVATE KEY-----)?"
    ),
    # A JSON Web Token.
    r"(?P<kept>)(?<![\w-])eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*)?",
    r"(?i)\b(?P<kept>Bearer\s{1,9})[A-Za-z0-9._~+/=-]{20,}",
    # The parts of a connection string, a form or JSON whose names say that they are secret.
    (
        r"(?i)\b(?P<kept>(?:AccountKey|SharedAccessKey|SharedAccessSignature|client_secret"
        r"|client_assertion|access_token|refresh_token|password|pwd)"
        r"(?:\s?=\s?\"?|\\?\"\s{0,9}:\s{0,9}\\?\"))[^\s;\"'&,<>\\*]+"
    ),
    # The signature of an address: that of a SAS, or of a long-running operation.
    r"(?i)(?P<kept>(?:(?<![a-z])|(?<=%3F)|(?<=%26))sig(?:=|%3D))[^\s&\"'<>;,\\*]+",
    r"(?P<kept>[?&][shc]=)[^\s&\"'<>;,\\*]+",
    # A password inside an address.
    r"(?P<kept>://[^/\s:@]{0,200}:)[^/\s@]++(?=@)",
    # A storage account's key, and a client secret of Entra. Only their form gives them away.
    r"(?P<kept>)(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{86}==",
    r"(?P<kept>)(?<![\w.~-])[\w.~-]{3}\dQ~[\w.~-]{31,34}(?![\w~-])",
)
_SHAPES: Final = tuple(re.compile(pattern) for pattern in _SECRETS)


def hold(secret: str) -> None:
    """Remember a secret that this process holds. It is masked in every text."""
    if len(secret) < _SECRET_FROM:
        return
    _held.pop(secret, None)
    _held[secret] = None
    while len(_held) > _HELD_AT_MOST:
        _held.pop(next(iter(_held)))


def without(said: AnyStr, secret: str) -> AnyStr:
    """A text, or its bytes, without a secret: as it is, inside JSON, or inside an address."""
    if len(secret) < _SECRET_FROM:
        return said
    for form in _forms(secret):
        if isinstance(said, bytes):
            said = said.replace(form.encode(), MASK.encode())
        else:
            said = said.replace(form, MASK)
    return said


@lru_cache(maxsize=_HELD_AT_MOST)
def _forms(secret: str) -> frozenset[str]:
    """A secret as it may stand in a text. Texts are many and secrets few, so this is kept."""
    in_json = json.dumps(secret)[1:-1]
    return frozenset((secret, in_json, in_json.replace("/", "\\/"), quote(secret, safe="")))


def redacted(text: str) -> str:
    """The text without the secrets of this process, and without parts that look like secrets."""
    for secret in _held:
        text = without(text, secret)
    for shape in _SHAPES:
        text = shape.sub(lambda found: f"{found['kept']}{MASK}", text)
    return text


def redacted_in(data: Any) -> Any:
    """The same for every text inside JSON."""
    match data:
        case str():
            return redacted(data)
        case dict():
            return {redacted(str(name)): redacted_in(value) for name, value in data.items()}
        case list() | tuple():
            return [redacted_in(value) for value in data]
        case _:
            return data
