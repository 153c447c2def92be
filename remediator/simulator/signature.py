"""The signatures in links of Azure's long-running operations: long, and opaque to clients."""

import base64
import hashlib
from datetime import datetime


def signature(operation: str, began: datetime, certificate: int) -> dict[str, str]:
    """Make the query ``t``, ``c``, ``s``, ``h`` of a link, in the recorded order.

    ``certificate`` is the length of ``c``; each service has its own. Nobody checks the signature,
    because Azure's answer to a wrong one was not recorded.
    """

    def opaque(name: str, size: int) -> str:
        seed = f"{name}/{operation}".encode()
        blob = b"".join(hashlib.sha256(seed + bytes([n])).digest() for n in range(size // 42 + 1))
        return base64.urlsafe_b64encode(blob).decode().rstrip("=")[:size]

    ticks = str(int(began.timestamp() * 10_000_000) + 621_355_968_000_000_000)
    return {
        "t": ticks,
        "c": opaque("c", certificate),
        "s": opaque("s", 342),
        "h": opaque("h", 43),
    }
