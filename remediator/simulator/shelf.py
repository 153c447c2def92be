"""A list whose entries are also found by a key, so that a large cloud answers quickly too.

The simulator is measured beside the programs that use it. If it searched through ten thousand VMs
for each request, the search would be measured.
"""

from collections.abc import Callable, Hashable, Iterable
from typing import Any, SupportsIndex, TypeVar

T = TypeVar("T")


class Shelf(list[T]):
    """A list with one index for each function that makes a key of an entry.

    An entry's keys must not change while it is in the list. Entries are added and removed one at a
    time.
    """

    def __init__(self, **keys: Callable[[T], Hashable]) -> None:
        super().__init__()
        self._keys = keys
        self._found: dict[str, dict[Hashable, list[T]]] = {name: {} for name in keys}

    def having(self, name: str, key: Hashable) -> list[T]:
        """Return the entries with a key, in the order in which they were added.

        ``name`` tells which of the functions made the key.
        """
        return list(self._found[name].get(key, ()))

    def first(self, name: str, key: Hashable) -> T | None:
        """Return the first entry with a key, or None."""
        found = self._found[name].get(key)
        return found[0] if found else None

    def append(self, entry: T) -> None:
        """Add an entry."""
        super().append(entry)
        for name, make in self._keys.items():
            self._found[name].setdefault(make(entry), []).append(entry)

    def remove(self, entry: T) -> None:
        """Remove an entry."""
        super().remove(entry)
        for name, make in self._keys.items():
            self._found[name][make(entry)].remove(entry)

    def __setitem__(self, at: Any, entry: Any) -> None:
        """Put an entry in the place of another one."""
        old = self[at]
        super().__setitem__(at, entry)
        for name, make in self._keys.items():
            self._found[name][make(old)].remove(old)
            self._found[name].setdefault(make(entry), []).append(entry)

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
