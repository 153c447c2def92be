"""The control API under ``/_simulator/``, for tests and demonstrations. It is not part of Azure."""

import time
from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from remediator.simulator.backup.state import Item
from remediator.simulator.clock import Clock
from remediator.simulator.compute.state import Vm
from remediator.simulator.faults import Fault, FaultBook
from remediator.simulator.log import RequestLog
from remediator.simulator.others import ACTS
from remediator.simulator.reply import Json, Reply
from remediator.simulator.scenario.load import ScenarioError
from remediator.simulator.times import seven_decimals
from remediator.simulator.world import World

PREFIX = "/_simulator/"


class Control:
    """Answers the control API."""

    def __init__(
        self, world: World, faults: FaultBook, log: RequestLog, reload: Callable[[str], Json]
    ) -> None:
        self._reload = reload
        self._world = world
        self._faults = faults
        self._log = log

    def answer(self, method: str, path: str, body: Any) -> Reply:
        """Answer one request."""
        match (method, path.removeprefix(PREFIX)):
            case ("GET", "requests"):
                return Reply(200, {"value": self._log.entries()})
            case ("DELETE", "requests"):
                self._log.clear()
                return Reply(204)
            case ("GET", "cost"):
                cost = {"cpu_seconds": time.process_time(), "requests": self._log.count}
                return Reply(200, cost)
            case ("GET", "state"):
                self._world.settle()
                return Reply(200, state(self._world))
            case ("GET", "clock"):
                return Reply(200, _clock(self._world.clock))
            case ("POST", "advance"):
                return self._advance(body)
            case ("POST", "reload"):
                return self._begin_anew(body)
            case ("POST", "act"):
                return self._act(body)
            case ("POST", "faults"):
                return self._add_fault(body)
            case ("GET", "faults"):
                faults = [fault.model_dump() for fault in self._faults.faults]
                return Reply(200, {"value": faults})
            case ("DELETE", "faults"):
                self._faults.faults.clear()
                return Reply(204)
        return Reply(404, {"error": "the control API has no such thing"})

    def _advance(self, body: Any) -> Reply:
        seconds = body.get("seconds") if isinstance(body, dict) else None
        if not isinstance(seconds, int | float):
            return Reply(400, {"error": 'say {"seconds": n}'})
        try:
            self._world.clock.advance(seconds)
        except ValueError as error:
            return Reply(409, {"error": str(error)})
        self._world.settle()
        return Reply(200, _clock(self._world.clock))

    def _begin_anew(self, body: Any) -> Reply:
        scenario = body.get("scenario") if isinstance(body, dict) else None
        if not isinstance(scenario, str):
            return Reply(400, {"error": 'say {"scenario": name or path}'})
        try:
            return Reply(200, self._reload(scenario))
        except ScenarioError as error:
            return Reply(400, {"error": str(error)})

    def _act(self, body: Any) -> Reply:
        act = ACTS.get(body.get("act", "")) if isinstance(body, dict) else None
        if act is None:
            return Reply(400, {"error": f'say {{"act": one of {", ".join(ACTS)}, "vm": name}}'})
        self._world.settle()
        return Reply(200, {"done": act(self._world, str(body.get("vm", "")))})

    def _add_fault(self, body: Any) -> Reply:
        try:
            fault = Fault.model_validate(body)
        except ValidationError as error:
            return Reply(400, {"error": str(error)})
        self._faults.faults.append(fault)
        return Reply(201, fault.model_dump())


def _clock(clock: Clock) -> Json:
    return {"now": seven_decimals(clock.now()), "mode": clock.mode, "speed": clock.speed}


def state(world: World) -> Json:
    """Describe the cloud from inside, including hidden facts."""
    jobs = _jobs(world)
    failed = {
        name: [row["id"] for row in rows if row["status"] == "Failed"]
        for name, rows in jobs.items()
    }
    return {
        "now": seven_decimals(world.now),
        "failed_jobs": {name: found for name, found in failed.items() if found},
        "jobs": jobs,
        "vms": [_vm(world, vm) for vm in world.vms],
        "items": [_item(item) for item in world.items],
        "collections": [
            {
                "id": each.arm_id,
                "source": each.source,
                "points": [point.name for point in each.points],
            }
            for each in world.collections
        ],
        "locks": [
            {
                "id": lock.arm_id,
                "level": lock.level,
                "deleted": lock.deleted is not None,
                "in_force": lock.in_force(world.now),
            }
            for lock in world.locks.locks
        ],
        "key_vaults": [
            {
                "id": each.arm_id,
                "access": {
                    who: {"keys": sorted(may.keys), "secrets": sorted(may.secrets)}
                    for who, may in each.access.items()
                },
            }
            for each in world.key_vaults
        ],
        "role_assignments": [
            {"id": each.arm_id, "role": each.role, "principal": each.principal}
            for each in world.role_assignments
        ],
        "groups": [group.arm_id for group in world.groups],
    }


def _jobs(world: World) -> dict[str, list[Json]]:
    jobs: dict[str, list[Json]] = {}
    for job in sorted(world.jobs, key=lambda job: job.started):
        row: Json = {
            "id": job.arm_id,
            "name": job.name,
            "vault": job.vault.name,
            "operation": job.operation,
            "status": job.status,
            "started": seven_decimals(job.started),
            "ended": seven_decimals(job.ended) if job.ended else None,
            "user_triggered": job.user_triggered,
            "activity_id": job.activity_id,
            "tasks": {name: task.status for name, task in job.tasks.items()},
            "codes": [error.get("errorTitle", "") for error in job.errors],
        }
        jobs.setdefault(job.machine, []).append(row)
    return jobs


def _vm(world: World, vm: Vm) -> Json:
    return {
        "name": vm.name,
        "id": vm.arm_id,
        "power": vm.power,
        "agent_ready": vm.agent.well,
        "provisioning": "Succeeded" if vm.provisioning.well else "Failed",
        "extensions": {each.name: each.state for each in vm.extensions},
        "ailments": [
            each.code or each.message for each in vm.ailments if each.ails(each.stage, world.now)
        ],
        "scripts": [
            {"script": each.text, "parameters": each.parameters, "status": each.status}
            for each in vm.scripts
        ],
    }


def _item(item: Item) -> Json:
    return {
        "vm": item.vm,
        "id": item.arm_id,
        "state": item.state,
        "policy": item.policy.name,
        "excluded_luns": item.excluded_luns,
        "deleted": item.deleted is not None,
        "recovery_points": len(item.points),
        "snapshot_only": sum(1 for point in item.points if not point.vaulted),
    }
