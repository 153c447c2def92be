"""The actions, one file each. Every file of this package is found.

The author of an action writes only `plan`, which turns facts into steps. No code here sends
anything.
"""

import importlib
import pkgutil
from abc import abstractmethod
from collections.abc import Iterator
from functools import cache
from typing import Any, ClassVar

from remediator.change.operations import SHAPES, Operation
from remediator.change.step import Change, Held, Impact, Lost, Manual, Request, Step, Unchanged
from remediator.facts import Facts, Source, Unknown
from remediator.value import Value


class Action(Value):
    """A typed step of a playbook. Its fields are the settings of the playbook.

    `needs` names the facts that `plan` uses. They are read before the plan, and again before each
    change. A change has settled when `plan` yields no more change for its target.
    """

    needs: ClassVar[frozenset[Source]]
    needs_late: ClassVar[frozenset[Source]] = frozenset()
    """The part of `needs` that a plan reads only if it has a change that nothing holds. Without
    these facts `plan` still tells what could be done."""
    needs_to_send: ClassVar[frozenset[Source]] = frozenset()
    """The facts that are read in addition, right before a change is sent. Reading them for each dry
    run would cost too much."""
    seen_in: ClassVar[frozenset[Source]] = frozenset()
    """The facts that alone show whether a change has settled. If empty, `plan` is asked again."""
    awaited: ClassVar[str] = ""
    """What is awaited, in words. If empty, the state that the change names."""
    changes: ClassVar[frozenset[str]] = frozenset()
    """The conditions of `when` that may be others after this step: what the action changes, what it
    waits for, or what the person does whom it tells. `tries` is not among them: attempts are
    counted."""
    once: ClassVar[bool] = False
    """Whether a rung with this step is taken only once until a backup succeeds: the step disturbs
    the VM, and if it did not help, it will not help a second time."""
    action: str

    def needs_more(self, _facts: Facts) -> frozenset[Source]:
        """The facts that a plan reads in addition, because these facts do not decide alone."""
        return frozenset()

    @abstractmethod
    def plan(self, facts: Facts) -> Iterator[Step]:
        """The steps of this action for these facts. Pure: the same facts give the same steps."""

    def settled(self, _target: str, _facts: Facts) -> bool | Unknown:
        """Whether the facts that `seen_in` names show the change of a target."""
        raise NotImplementedError

    def change(
        self,
        operation: Operation,
        target: str,
        *,
        what: str,
        why: tuple[str, ...],
        before: dict[str, Any],
        after: dict[str, Any],
        impact: Impact,
        undo: str,
        body: dict[str, Any] | None = None,
        loses: tuple[Lost, ...] = (),
        always: bool = False,
        go_on_unsettled: bool = False,
    ) -> Change:
        """A change. Its request and permission follow from the operation."""
        shape = SHAPES[operation]
        # Backup ids begin with `/Subscriptions/`. The SDK writes the form that the API documents.
        path = "/subscriptions/" + target.split("/", 2)[2] + shape.suffix
        return Change(
            action=self.action,
            target=target,
            what=what,
            why=why,
            operation=operation,
            request=Request(method=shape.method, url=path, body=body),
            before=before,
            after=after,
            impact=impact,
            permission=shape.permission,
            undo=undo,
            loses=loses,
            always=always,
            if_unsettled="go-on" if go_on_unsettled else "stop",
        )

    def unchanged(self, target: str, *why: str) -> Unchanged:
        """A step with nothing to do."""
        return Unchanged(action=self.action, target=target, why=why)

    def held(self, target: str, *why: str) -> Held:
        """A step that is not decidable or not allowed."""
        return Held(action=self.action, target=target, why=why)

    def manual(self, target: str, *why: str, commands: tuple[str, ...] = ()) -> Manual:
        """A step for a person."""
        return Manual(action=self.action, target=target, why=why, commands=commands)


@cache
def discovered() -> dict[str, type[Action]]:
    """Every action of this package, by its name.

    Raises:
        TypeError: two files claim one name, or a file has no action.
    """
    found: dict[str, type[Action]] = {}
    for module in pkgutil.iter_modules(__path__):
        if module.name.startswith("_"):
            continue  # a helper module of several actions
        loaded = importlib.import_module(f"{__name__}.{module.name}")
        mine = [
            thing
            for thing in vars(loaded).values()
            if isinstance(thing, type)
            and issubclass(thing, Action)
            and thing.__module__ == loaded.__name__
        ]
        if not mine:
            raise TypeError(f"{loaded.__name__} has no action")
        for action in mine:
            name = action.model_fields["action"].default
            if name in found:
                raise TypeError(f"two actions are called {name!r}")
            found[name] = action
    return found
