"""Collecting the answers that a session reads."""

import json

from remediator.recording.pair import Pair


class Recorder:
    """Keeps each different answer once, in the order of arrival."""

    def __init__(self) -> None:
        self._pairs: dict[str, Pair] = {}

    def __call__(self, pair: Pair) -> None:
        """Keep an answer."""
        same = json.dumps([pair.method, pair.uri, pair.status, pair.body], sort_keys=True)
        self._pairs.setdefault(same, pair)

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """The answers that were kept."""
        return tuple(self._pairs.values())
