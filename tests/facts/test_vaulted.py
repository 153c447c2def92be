"""One valid copy proves that a restore point is in the vault, if the copy fits no other point."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from remediator.facts import Point, RecoveryPoint, Tier
from remediator.facts.vaulted import SAME_MOMENT, proved_in_vault
from tests.any_value import NOW

MINUTES = st.integers(0, 60)


@given(
    st.lists(st.one_of(st.none(), MINUTES), max_size=6),
    st.lists(st.tuples(MINUTES, st.sets(st.sampled_from(list(Tier)))), max_size=6),
)
def test_a_point_is_proved_only_by_exactly_one_valid_copy_that_no_other_point_claims(
    made: list[int | None], copies: list[tuple[int, set[Tier]]]
) -> None:
    points = tuple(
        Point(
            id=f"/p/{n}",
            name=str(n),
            collection_id="/p",
            created=None if m is None else NOW + timedelta(minutes=m),
            consistency="",
        )
        for n, m in enumerate(made)
    )
    recovery = tuple(
        RecoveryPoint(
            time=NOW + timedelta(minutes=m), consistency="", valid=frozenset(tiers), in_use=False
        )
        for m, tiers in copies
    )

    def near(point: Point) -> list[int]:
        return [
            n
            for n, copy in enumerate(recovery)
            if point.created and abs(copy.time - point.created) <= SAME_MOMENT
        ]

    proved = proved_in_vault(points, recovery)
    for point in points:
        fitting = near(point)
        alone = len(fitting) == 1 and not any(
            fitting[0] in near(other) for other in points if other is not point
        )
        assert (point.id in proved) == (alone and recovery[fitting[0]].in_both)
        if point.id in proved:
            assert proved[point.id] is recovery[fitting[0]]
