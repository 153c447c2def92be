"""Limits: how far the tool may go without a person, whatever a playbook plans."""

from typing import Final, Self

from remediator.errors import BadInputError
from remediator.guards.windows import Window
from remediator.ids import is_segment, same_name
from remediator.value import Value

ATTEMPTS: Final = 3
"""The last automatic rung of any ladder is for three tries. With a budget of three, each rung gets
its turn, and the steps after the last rung are not tried for ever."""

COOL_DOWN: Final = 24.0
"""Hours. Azure's own clean-up after an attempt takes a few hours, and the scheduled backup of the
day shows whether it helped."""


class OptOut(Value):
    """The tag with which an owner keeps the tool away."""

    name: str = "remediate"
    values: tuple[str, ...] = ("off", "false", "no")
    """The values that opt out, in any casing. If empty, any value does. Programs that write tags
    from YAML turn `off` into `false`."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `NAME`, which any value sets, or `NAME=VALUE`.

        Raises:
            BadInputError: there is no name, or no value after the equals sign.
        """
        name, equals, value = (part.strip() for part in text.partition("="))
        if not name or (equals and not value):
            raise BadInputError(f"--opt-out-tag {text!r} is neither NAME nor NAME=VALUE")
        return cls(name=name, values=(value,) if value else ())

    def set_by(self, tags: tuple[tuple[str, str], ...]) -> str | None:
        """The tag that opts out, as it is written. None when there is none.

        Azure treats tag names as equal in any casing.
        """
        for name, value in tags:
            meant = not self.values or value.strip().lower() in map(str.lower, self.values)
            if same_name(name, self.name) and meant:
                return f"{name}={value}"
        return None


class Limits(Value):
    """The limits for a plan and for its run. If the two differ, both sets apply."""

    max_targets: int | None = None
    """The most VMs that one command may change."""
    max_errors: int | None = None
    """How many of these VMs may fail. After one more failure, the remaining VMs are left alone."""
    subscriptions: tuple[str, ...] = ()
    """Only these subscriptions. If empty, all."""
    groups: tuple[str, ...] = ()
    """Only these resource groups, by name or id. If empty, all."""
    opt_out: OptOut | None = OptOut()
    """The opt-out tag. None: nobody can opt out."""
    opt_out_named: bool = False
    """Whether the person named the tag. Then a dry run also searches for it everywhere."""
    windows: tuple[Window, ...] = ()
    """The windows for changes that are more than reversible. If empty, they are allowed at any
    time."""
    attempts: int = ATTEMPTS
    """How many on-demand backups of a VM may have failed with one code since its last success."""
    cool_down: float = COOL_DOWN
    """Hours of rest after the last of these attempts."""

    @classmethod
    def told(
        cls,
        *,
        max_targets: int | None = None,
        max_errors: int | None = None,
        only_subscription: tuple[str, ...] = (),
        only_resource_group: tuple[str, ...] = (),
        opt_out_tag: str | None = None,
        ignore_opt_out: bool = False,
        window: tuple[str, ...] = (),
        attempts: int = ATTEMPTS,
        cool_down: float = COOL_DOWN,
    ) -> Self:
        """The limits as the command line gives them.

        Raises:
            BadInputError: one of them cannot be understood. No limit is skipped.
        """
        if opt_out_tag is not None and ignore_opt_out:
            raise BadInputError("--opt-out-tag and --ignore-opt-out contradict each other")
        named = OptOut.parse(opt_out_tag) if opt_out_tag is not None else OptOut()
        return cls(
            max_targets=max_targets,
            max_errors=max_errors,
            subscriptions=tuple(map(_subscription, only_subscription)),
            groups=tuple(map(_group, only_resource_group)),
            opt_out=None if ignore_opt_out else named,
            opt_out_named=opt_out_tag is not None,
            windows=tuple(map(Window.parse, window)),
            attempts=attempts,
            cool_down=cool_down,
        )


def _subscription(text: str) -> str:
    name = text.strip().strip("/")
    name = name[len("subscriptions/") :] if name.lower().startswith("subscriptions/") else name
    if not is_segment(name):
        raise BadInputError(f"--only-subscription {text!r} is not the id of a subscription")
    return name


def _group(text: str) -> str:
    text = text.strip()
    parts = text.strip("/").split("/")
    kinds = [parts[0].lower(), *(part.lower() for part in parts[2:3])]
    whole = len(parts) == 4 and kinds == ["subscriptions", "resourcegroups"]
    if not all(map(is_segment, parts)) or (len(parts) != 1 and not whole):
        raise BadInputError(
            f"--only-resource-group {text!r} is neither a group's name nor "
            "/subscriptions/S/resourceGroups/G"
        )
    return "/" + "/".join(parts) if whole else parts[0]


NO_LIMITS: Final = Limits()
"""The limits when nobody gave any: the defaults."""
