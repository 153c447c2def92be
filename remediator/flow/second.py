"""No second run for a VM while an earlier run of it has not ended."""

from pathlib import Path
from typing import Any

from remediator import ids
from remediator.errors import BadInputError, PlanFileError, VmBusyError
from remediator.flow.events import Note
from remediator.flow.ports import Engine, Listener
from remediator.plan.plan import Plan, parse_plan
from remediator.record.records import read_record


async def refuse_second(engine: Engine, listener: Listener, folder: Path, vm_id: str) -> None:
    """Refuse a run for a VM if an earlier run of it has not ended: things could be done twice.

    Args:
        engine: knows the runs that have not ended.
        listener: is told of runs whose VM is not known.
        folder: where the records of runs are kept.
        vm_id: the VM.

    Raises:
        VmBusyError: there is such a run; the message names it.
    """
    for other, payload in await engine.begun():
        plan = _plan_of(listener, folder, other, payload)
        if plan is not None and ids.same(plan.job.vm_id or plan.job.id, vm_id):
            raise VmBusyError(
                f"{vm_id}: run {other} of this VM has not ended; nothing was changed: "
                f"remediate resume {other}"
            )


def _plan_of(listener: Listener, folder: Path, run_id: str, payload: dict[str, Any]) -> Plan | None:
    """The plan of a run that has not ended. None if nothing tells it; then the listener is told.

    If the run's state is damaged, or written with another key, the record tells the plan.
    """
    try:
        if payload:
            return parse_plan(str(payload.get("plan", "")), f"the plan of {run_id}")
        return read_record(folder / "runs" / f"{run_id}.jsonl")[0].plan
    except (PlanFileError, BadInputError) as error:
        text = (
            f"{run_id} has not ended, and its VM cannot be read ({error}). To put its locks back "
            f"from its record: remediate restore-locks {run_id}"
        )
        listener.hear(Note(text))
        return None
