"""A list whose entries are also found by a key, so that a large cloud answers as fast as a small one.

The simulator is measured beside the programs that use it. A search through ten thousand VMs for each
request would measure the search.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from typing import Any, SupportsIndex, TypeVar

T = TypeVar("T")


class Shelf(list[T]):
    """A list with one index for each function that makes a key of an entry.

    An entry's keys must not change while it is in the list. Entries are added and removed one at a
    time.
    """

    def __init__(self, *keys: Callable[[T], Hashable]) -> None:
        super().__init__()
        self._keys = keys
        self._found: list[dict[Hashable, list[T]]] = [defaultdict(list) for _ in keys]

    def having(self, number: int, key: Hashable) -> list[T]:
        """Return the entries with a key, in the order in which they were added.

        ``number`` tells which of the functions made the key.
        """
        return list(self._found[number].get(key, ()))

    def append(self, entry: T) -> None:
        """Add an entry."""
        super().append(entry)
        for make, found in zip(self._keys, self._found, strict=True):
            found[make(entry)].append(entry)

    def remove(self, entry: T) -> None:
        """Remove an entry."""
        super().remove(entry)
        for make, found in zip(self._keys, self._found, strict=True):
            found[make(entry)].remove(entry)

    def __setitem__(self, at: Any, entry: Any) -> None:
        """Put an entry in the place of another one."""
        old = self[at]
        super().__setitem__(at, entry)
        for make, found in zip(self._keys, self._found, strict=True):
            found[make(old)].remove(old)
            found[make(entry)].append(entry)

    def extend(self, entries: Iterable[T]) -> None:
        """Add entries."""
        for entry in entries:
            self.append(entry)

    def insert(self, at: SupportsIndex, entry: T) -> None:
        """Refuse it: nobody needs it, and it would not be found by its key."""
        raise NotImplementedError

    def pop(self, at: SupportsIndex = -1) -> T:
        """Refuse it, as `insert` does."""
        raise NotImplementedError
