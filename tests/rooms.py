"""`make rooms`: the rooms of the package, the floors that their imports make, and every circle.

A room is a folder or a single module directly in `remediator/`. Its floor is one above the highest
room that it imports.
"""

import sys
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Final

import grimp

PACKAGE: Final = "remediator"


@dataclass(frozen=True)
class House:
    """The rooms and their imports."""

    arrows: Mapping[str, frozenset[str]]
    """For each room, the rooms that it imports."""

    def floors(self) -> dict[str, int]:
        """The floor of each room. The ground floor is 0.

        Raises:
            CycleError: rooms import each other in a circle. Its second argument names them.
        """
        found: dict[str, int] = {}
        for room in TopologicalSorter(self.arrows).static_order():
            found[room] = max((found[below] + 1 for below in self.arrows[room]), default=0)
        return found


def house() -> House:
    """The house that the imports make."""
    graph = grimp.build_graph(PACKAGE)
    arrows: defaultdict[str, set[str]] = defaultdict(set)
    for module in sorted(graph.modules):
        inside = arrows[_room(module)]
        inside.update(map(_room, graph.find_modules_directly_imported_by(module)))
        inside.discard(_room(module))
    return House({room: frozenset(below) for room, below in arrows.items()})


def _room(module: str) -> str:
    return [*module.split("."), PACKAGE][1]


def main() -> int:
    """Print the house. Returns 1 if there is a circle."""
    built = house()
    arrows = sum(map(len, built.arrows.values()))
    try:
        floors = built.floors()
    except CycleError as circle:
        print(f"a circle: {' -> '.join(circle.args[1])}")
        return 1
    for floor in range(max(floors.values()), -1, -1):
        print(f"{floor:>3}  {' '.join(sorted(room for room, on in floors.items() if on == floor))}")
    print(f"{len(floors)} rooms, {max(floors.values()) + 1} floors, {arrows} arrows, no circle")
    return 0


if __name__ == "__main__":
    sys.exit(main())
