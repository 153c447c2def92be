"""Subscriptions, groups and scopes, found by the short names of a scenario."""

from remediator.simulator import ids
from remediator.simulator.resources.state import Group
from remediator.simulator.scenario.load import ScenarioError
from remediator.simulator.scenario.models import Scenario
from remediator.simulator.world import World


class Places:
    """Finds places. Naming a resource group also makes it."""

    def __init__(self, scenario: Scenario, world: World) -> None:
        self._scenario = scenario
        self._world = world

    def location(self, name: str | None) -> str:
        """Return the named region, or the scenario's region."""
        return name or self._scenario.location

    def subscription(self, name: str | None) -> str:
        """Return the id of the named subscription, or of the first one."""
        subscriptions = self._scenario.subscriptions
        chosen = next(iter(subscriptions)) if name is None else name
        if chosen not in subscriptions:
            raise ScenarioError(f"no subscription is named {chosen!r}")
        return subscriptions[chosen]

    def group(self, subscription: str, name: str, location: str | None = None) -> str:
        """Return a group's name in its first spelling. Make the group if it does not exist."""
        group = self._world.group(subscription, name)
        if group is None:
            group = Group(subscription, name, location or self._scenario.location)
            self._world.groups.append(group)
        return group.name

    def scope(self, text: str) -> str:
        """Turn a shorthand into a scope. A full scope stays as it is.

        ``SUBSCRIPTION/NAME`` distinguishes equal names in several subscriptions.
        """
        if text.startswith("/"):
            return text
        kind, _, name = text.partition(":")
        place, _, name = name.rpartition("/")
        within = f"/subscriptions/{self.subscription(place)}" if place else ""
        if kind == "subscription":
            return f"/subscriptions/{self.subscription(name or None)}"
        if kind == "collection":
            tail = f"/virtualMachines/{name}".lower()
            found = [c.arm_id for c in self._world.collections if c.source.lower().endswith(tail)]
        else:
            known: dict[str, list[tuple[str, str]]] = {
                "group": [(each.name, each.arm_id) for each in self._world.groups],
                "vm": [(each.name, each.arm_id) for each in self._world.vms],
                "vault": [(each.name, each.arm_id) for each in self._world.vaults],
                "key-vault": [(each.name, each.arm_id) for each in self._world.key_vaults],
                "storage": [(each.name, each.arm_id) for each in self._world.storage_accounts],
            }
            found = [arm_id for each, arm_id in known.get(kind, []) if ids.same(each, name)]
        found = [arm_id for arm_id in found if not within or ids.within(arm_id, within)]
        if not found:
            raise ScenarioError(f"nothing is meant by the scope {text!r}")
        return found[0]
