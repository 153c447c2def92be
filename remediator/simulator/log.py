"""The request log: requests and answers in their order, without any secret."""

import itertools
import json
import os
import tempfile
import time
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from remediator.simulator.reply import Json

_KEPT_HEADERS = (
    "user-agent",
    "accept-language",
    "x-ms-client-request-id",
    "x-ms-correlation-request-id",
    "x-ms-return-client-request-id",
    "if-match",
    "if-none-match",
)
_SECRET_FIELDS = {"client_secret", "client_assertion", "access_token", "refresh_token"}
_KEPT_ENTRIES = 50_000
TRAFFIC = "REMEDIATE_SIMULATOR_TRAFFIC"
"""The environment variable that names a folder.

Every simulator writes its log there while it answers. Later checks read it.
"""


def traffic_file() -> Path | None:
    """Make this simulator's own file in the folder that the environment names, if there is one."""
    folder = os.environ.get(TRAFFIC)
    if not folder:
        return None
    Path(folder).mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix="simulator-", suffix=".jsonl", dir=folder)
    os.close(handle)
    return Path(name)


class RequestLog:
    """The newest requests since the start or the last clearing."""

    def __init__(self, traffic: Path | None = None, *, brief: bool = False) -> None:
        self._traffic = traffic
        self._brief = brief
        self.count = 0
        """How many requests came since the start."""
        self._entries: deque[Json] = deque(maxlen=_KEPT_ENTRIES)
        self._numbers = itertools.count(1)
        # Arrivals and answers share one counter, so that their order alone shows the round trips.
        self._events = itertools.count(1)

    def arrived(self, method: str, path: str, url: str, headers: Mapping[str, str]) -> Json:
        """Note a request."""
        self.count += 1
        names = () if self._brief else _KEPT_HEADERS
        kept: Json = {name: headers[name] for name in names if name in headers}
        scheme = headers.get("authorization", "").partition(" ")[0]
        kept["authorization"] = scheme or None
        entry: Json = {
            "n": next(self._numbers),
            "arrived": time.monotonic(),
            "answered": None,
            "arrived_order": next(self._events),
            "answered_order": None,
            "sim_time": None,
            "method": method,
            "path": path,
            "query": {},
            "url": url,
            "api_version": None,
            "headers": kept,
            "body": None,
            "status": None,
            "response_headers": {},
            "response": None,
            "read_like": method in {"GET", "HEAD"},
        }
        self._entries.append(entry)
        return entry

    def answered(self, entry: Json, status: int | None, headers: Json, body: Any) -> None:
        """Note an answer. A status of None is a connection that was cut."""
        entry["answered"] = time.monotonic()
        entry["answered_order"] = next(self._events)
        entry["status"] = status
        if self._brief:
            entry["body"] = None
            return
        entry["response_headers"] = headers
        entry["response"] = redacted(body)
        if self._traffic is not None:
            with self._traffic.open("a", encoding="utf-8") as file:
                file.write(json.dumps(entry, ensure_ascii=False) + "\n")

    def entries(self) -> list[Json]:
        """Return the log, oldest first."""
        return list(self._entries)

    def clear(self) -> None:
        """Forget all entries. The numbers go on."""
        self._entries.clear()


def redacted(value: Any) -> Any:
    """Hide the secrets of the token endpoint."""
    if not isinstance(value, dict):
        return value
    return {key: "(hidden)" if key in _SECRET_FIELDS else each for key, each in value.items()}
