"""Create Azure Backup's resource group, with the tags that a policy demands."""

from collections.abc import Iterator
from shlex import join
from typing import ClassVar, Literal

from remediator.actions import Action
from remediator.change.operations import Operation
from remediator.change.step import Impact, Step
from remediator.conditions.locks import locks_on
from remediator.facts import Absent, Facts, Known, Source, Unknown
from remediator.facts.backup_group import Wanted, wanted_group


class CreateBackupGroup(Action):
    """Create the empty group that Azure Backup needs, but a policy forbids Azure Backup to make.

    A group that exists already is never written to. Reversible: an empty group costs nothing,
    protects nothing and gives nobody access.
    """

    needs: ClassVar = frozenset(
        {Source.VM, Source.POLICY, Source.GROUPS, Source.TAG_DEMANDS, Source.LOCKS}
    )
    changes: ClassVar = frozenset({"backup_group"})
    action: Literal["create-backup-group"] = "create-backup-group"

    def plan(self, facts: Facts) -> Iterator[Step]:
        """One change, or the reason for no change."""
        target = facts.job.vm_id or facts.job.id
        wanted = wanted_group(facts)
        match wanted, facts.vm:
            case Unknown(reason=reason), _:
                yield self.held(target, f"cannot tell which resource group to make: {reason}")
            case _, Unknown(reason=reason):
                yield self.held(target, f"VM not known: {reason}")
            case _, Absent(source=source):
                yield self.held(target, f"no such VM ({source})")
            case Wanted() as group, Known(value=vm):
                yield self._of(group, vm.location, facts)

    def _of(self, group: Wanted, location: str, facts: Facts) -> Step:
        if group.there:
            return self.unchanged(group.id, f"group {group.name} is there: {group.because}")
        locks = locks_on(facts, group.id)
        if isinstance(locks, Unknown):
            return self.held(group.id, f"locks not known: {locks.reason}")
        for lock in locks:
            if lock.read_only:
                return self.held(group.id, f"ReadOnly lock {lock.name} on {lock.scope} forbids it")
        tags = {tag.name: tag.value for tag in group.tags}
        open_tags = [tag for tag in group.tags if tag.value is None]
        if open_tags or not group.tags:
            told = "; ".join(f"{tag.name}: {tag.because}" for tag in open_tags)
            return self.held(
                group.id,
                told or "this tool understands no policy that demands a tag",
                "make the group yourself, then run this again: " + _by_hand(group, location, tags),
            )
        return self.change(
            Operation.PUT_GROUP,
            group.id,
            what=f"create the empty resource group {group.name} with the demanded tags",
            why=(
                f"Azure Backup may not make the group itself: {group.because}",
                *(f"the tag {tag.name} is needed: {tag.because}" for tag in group.tags),
            ),
            before={"group": None},
            after={"group": group.name, "location": location, "tags": tags},
            impact=Impact.REVERSIBLE,
            undo=(
                "only while the group is empty, because this also deletes the restore points "
                "that a backup puts there: "
                + join(["az", "group", "delete", "--name", group.name, *_at(group)])
            ),
            body={"location": location, "tags": tags},
        )


def _at(group: Wanted) -> list[str]:
    return ["--subscription", group.id.split("/")[2]]


def _by_hand(group: Wanted, location: str, tags: dict[str, str | None]) -> str:
    pairs = [f"{name}={value or 'VALUE'}" for name, value in tags.items()] or ["NAME=VALUE"]
    words = ["az", "group", "create", "--name", group.name, "--location", location]
    return join([*words, "--tags", *pairs, *_at(group)])
