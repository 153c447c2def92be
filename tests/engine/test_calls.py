"""In a workflow, each call to the engine is a step. DBOS keeps the result: it must be JSON.

Other results of DBOS, such as a handle or a status, are not JSON. A guard that asked for one died
after its first wait.
"""

import ast
import inspect
from collections.abc import Iterator
from typing import Final

from remediator.engine import dbos_ledger, durable

WORKFLOWS: Final = {"run", "_live", "guard", "_watch", "once"}
"""The functions that run as a workflow, or that a workflow calls as a part of itself."""

KEPT: Final = {
    "run_step_async": "rows of ours",
    "recv_async": "the text that we send, or nothing",
    "send_async": "nothing",
    "start_workflow_async": "the id of what it begins",
    "workflow_id": "no call: the workflow's own id",
}
"""The engine's functions that may be used there, and what DBOS keeps of each."""


def _functions(tree: ast.AST) -> Iterator[ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef))


def _steps(workflow: ast.AsyncFunctionDef) -> set[str]:
    """The functions that a workflow hands over as steps, by name. Calls inside a step are plain."""
    return {
        name.id
        for call in ast.walk(workflow)
        if isinstance(call, ast.Call)
        if isinstance(call.func, ast.Attribute)
        if call.func.attr == "run_step_async"
        for argument in call.args
        for name in ast.walk(argument)
        if isinstance(name, ast.Name)
    }


def _used(node: ast.AST, within: set[str]) -> Iterator[str]:
    """What a function uses of the engine, without the steps that it defines."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.AsyncFunctionDef) and child.name in within:
            continue
        if (
            isinstance(child, ast.Attribute)
            and isinstance(child.value, ast.Name)
            and child.value.id == "DBOS"
        ):
            yield child.attr
        yield from _used(child, within)


def used_in_workflows(source: str) -> dict[str, set[str]]:
    """For each part of a workflow: what it uses of the engine, outside its steps."""
    return {
        function.name: set(_used(function, _steps(function)))
        for function in _functions(ast.parse(source))
        if function.name in WORKFLOWS
    }


def test_workflows_ask_the_engine_for_nothing_that_cannot_be_kept() -> None:
    used: dict[str, set[str]] = {}
    for module in (dbos_ledger, durable):
        used |= used_in_workflows(inspect.getsource(module))
    assert set(used) == WORKFLOWS
    assert {name for names in used.values() for name in names} <= set(KEPT), used


def test_a_status_that_is_asked_for_in_a_workflow_is_seen() -> None:
    planted = """
async def _watch(run_id, again):
    async def ended():
        return (await DBOS.get_workflow_status_async(run_id)).status
    while await DBOS.recv_async("done") is None:
        if (await DBOS.retrieve_workflow_async(run_id)).status == "SUCCESS":
            break
    await DBOS.run_step_async({"name": "look"}, ended)
"""
    assert used_in_workflows(planted)["_watch"] - set(KEPT) == {"retrieve_workflow_async"}
