"""The form of the backup service's answers, by api-version and by the words of the request.

Every difference between api-versions is a property here. Its docstring tells the traffic that shows
it. "Old" traffic is of 2017 to 2021 (api-versions 2016-12-01 to 2021-01-01), "new" traffic of 2024
to 2026 (api-versions 2024-04-01 to 2025-02-01).
"""

from dataclasses import dataclass

from remediator.simulator.routing import Call

_NEW = "2024-04-01"


def is_new(version: str) -> bool:
    """Tell whether an api-version has the forms that were recorded from 2024 on."""
    return version >= _NEW


@dataclass(frozen=True)
class Form:
    """The form of one answer."""

    version: str
    """The api-version of the request."""
    vault: str
    """The vault's id in the casing of the request. All ids in the answer begin with it.

    Recorded at every api-version: a request with `/Subscriptions/` got `/Subscriptions/`, and one
    with `/subscriptions/` got `/subscriptions/`.
    """
    base: str = ""
    """Scheme and host of Azure Resource Manager."""

    @property
    def new(self) -> bool:
        """Whether words replace numbers, tasks have times, links are signed, and so on."""
        return is_new(self.version)

    @property
    def knows_enhanced(self) -> bool:
        """Whether enhanced (V2) policies are known.

        The specification has them from this version on.
        """
        return self.version >= "2022-01-01"

    @property
    def tells_who_triggered(self) -> bool:
        """Whether a workload's job has `isUserTriggered`. A VM's job has it at no version."""
        return self.version >= "2020-10-01"

    @property
    def knows_archive(self) -> bool:
        """Whether items and recovery points tell about the archive.

        From this version on they always do.
        """
        return self.version >= "2021-01-01"

    @property
    def scans_sources(self) -> bool:
        """Whether an item has `sourceSideScanning`: seen at 2024-04-01, absent at 2025-02-01."""
        return _NEW <= self.version < "2024-10-01"

    @property
    def knows_policy_type(self) -> bool:
        """Whether an item has `policyType`: absent at 2024-04-01, seen at 2025-02-01."""
        return self.version >= "2024-10-01"

    def bare_restores(self, operation: str) -> bool:
        """Whether a VM's restore lacks `containerName`, and `VM Name` in its property bag.

        All sixteen old restores (2017) lack them. A restore in a list of 2024 has its
        `containerName`.
        """
        return operation == "Restore" and not self.new

    @property
    def cancellable(self) -> list[int | str]:
        """The `actionsInfo` of a job of a kind that can be cancelled, even after its end."""
        return ["Cancellable"] if self.new else [1]

    def tier(self, kind: str) -> dict[str, int | str]:
        """Write a tier (`InstantRP` or `HardenedRP`) of a recovery point."""
        if self.new:
            return {"type": kind, "status": "Valid"}
        return {"type": {"InstantRP": 1, "HardenedRP": 2}[kind], "status": 1}


def form_of(call: Call) -> Form:
    """Return the form of the answer to a request that names a vault."""
    parts = call.path.split("/")
    # The path begins with a slash: "", subscriptions, S, resourceGroups, G, providers, N, vaults, V
    return Form(call.api_version, "/".join(parts[:9]), call.base)
