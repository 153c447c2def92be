"""A target of an estate is small: ten thousand of them fit into the memory of a small machine."""

import tracemalloc
from datetime import UTC, datetime

from remediator.report.batch import Standing
from remediator.report.estate import EstateTarget

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def _target(number: int) -> EstateTarget:
    return EstateTarget(
        subscription="s",
        group="rg",
        vm=f"vm-{number}",
        vm_id=None,
        vault="v",
        job=None,
        failed_at=NOW,
        code=None,
        last_good=NOW,
        overdue_hours=1.0,
        standing=Standing.HUMAN,
        text="t",
    )


def test_a_target_takes_less_than_two_kibibytes_beside_its_texts() -> None:
    _target(0).changed(changes=1)
    tracemalloc.start()
    try:
        kept = [_target(number).changed(changes=1) for number in range(500)]
        size, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size / len(kept) < 2048


def test_a_changed_target_keeps_the_rest_and_leaves_the_first_as_it_was() -> None:
    before = _target(1)
    after = before.changed(standing=Standing.FIXED, text="done")
    assert (after.standing, after.text, after.vm) == (Standing.FIXED, "done", "vm-1")
    assert (before.standing, before.text) == (Standing.HUMAN, "t")
    assert EstateTarget.model_validate_json(after.model_dump_json()) == after
