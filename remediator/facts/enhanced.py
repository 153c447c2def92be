"""Enhanced policies: the second kind of backup policies of VMs ("Enhanced policy")."""

from remediator.value import Value


class EnhancedPolicies(Value):
    """The Enhanced policies of the vault that protects the VM."""

    in_use: bool
    """Whether the VM's own policy is one of them."""
    policies: tuple[str, ...]
    """Their ids."""
