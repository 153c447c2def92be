"""Secrets taken out of texts that others wrote, before anything keeps or shows them.

Azure's messages, a guest's answers and the errors of libraries may quote what was sent: a signed
address, a connection string, a token. They are masked by their shape, and the secrets that this
process itself holds by their value. Locks are left as they are: what is put back must be what was
taken off.
"""

import json
import re
from typing import Any, AnyStr, Final
from urllib.parse import quote

MASK: Final = "***"

_SECRET_FROM: Final = 16
"""Characters that a secret has at least. A shorter one is a word, and may stand in any text."""

_HELD_AT_MOST: Final = 32
"""How many secrets are kept in mind: a token lasts an hour, and a worker may run for weeks."""

_held: dict[str, None] = {}

# A text costs one pass for each: none begins anew inside of what it has looked at. The group `kept`
# stays and says what was masked.
_SECRETS: Final = (
    # A private key, also one that is cut off.
    (
        r"(?P<kept>-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----)(?!\*\*\*)(?:[^-]|-(?!----))*+"
        r"(?:-----END [A-Z ]{0,40}PRIVATE KEY-----)?"
    ),
    # A JSON Web Token.
    r"(?P<kept>)(?<![\w-])eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*)?",
    r"(?i)\b(?P<kept>Bearer\s{1,9})[A-Za-z0-9._~+/=-]{20,}",
    # The parts of a connection string, a form or JSON that are secret by their names.
    (
        r"(?i)\b(?P<kept>(?:AccountKey|SharedAccessKey|SharedAccessSignature|client_secret"
        r"|client_assertion|access_token|refresh_token|password|pwd)"
        r"(?:\s?=\s?\"?|\\?\"\s{0,9}:\s{0,9}\\?\"))[^\s;\"'&,<>\\*]+"
    ),
    # What signs an address: a SAS, or that of a long-running operation.
    r"(?i)(?P<kept>(?:(?<![a-z])|(?<=%3F)|(?<=%26))sig(?:=|%3D))[^\s&\"'<>;,\\*]+",
    r"(?P<kept>[?&][shc]=)[^\s&\"'<>;,\\*]+",
    # A password inside an address.
    r"(?P<kept>://[^/\s:@]{0,200}:)[^/\s@]++(?=@)",
    # A storage account's key, and a client secret of Entra, by their forms alone.
    r"(?P<kept>)(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{86}==",
    r"(?P<kept>)(?<![\w.~-])[\w.~-]{3}\dQ~[\w.~-]{31,34}(?![\w~-])",
)
_SHAPES: Final = tuple(re.compile(pattern) for pattern in _SECRETS)


def hold(secret: str) -> None:
    """Keep in mind a secret that this process holds: it is masked wherever it stands."""
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
    in_json = json.dumps(secret)[1:-1]
    for form in {secret, in_json, in_json.replace("/", "\\/"), quote(secret, safe="")}:
        if isinstance(said, bytes):
            said = said.replace(form.encode(), MASK.encode())
        else:
            said = said.replace(form, MASK)
    return said


def redacted(text: str) -> str:
    """The text without the secrets of this process, and without what looks like a secret."""
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
