"""The house: its rooms stand on each other, and are few enough to be known."""

from tests.rooms import House, house


def test_no_rooms_import_each_other_and_a_person_can_know_them() -> None:
    floors = house().floors()
    assert len(floors) <= 40
    assert floors["cli"] > floors["flow"] > floors["run"] > floors["plan"] > floors["job"]


def test_a_floor_is_one_above_the_highest_room_below() -> None:
    built = House({"a": frozenset({"b", "c"}), "b": frozenset({"c"}), "c": frozenset()})
    assert built.floors() == {"c": 0, "b": 1, "a": 2}
