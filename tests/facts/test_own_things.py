"""Which groups and extensions are Azure Backup's own."""

from hypothesis import given
from hypothesis import strategies as st

from remediator.facts import Extension, Policy, Provisioning
from tests.any_value import NAMES


@given(NAMES, NAMES, st.one_of(st.integers(0, 999).map(str), NAMES, st.just(""), st.just("²")))
def test_a_customised_group_is_prefix_number_suffix_and_nothing_else(
    prefix: str, suffix: str, middle: str
) -> None:
    policy = Policy(id="", instant_retention_days=2, group_prefix=prefix, group_suffix=suffix)
    named = policy.names_group((prefix + middle + suffix).swapcase())
    assert named == (middle.isascii() and middle.isdecimal())
    assert not policy.names_group(prefix + suffix)
    assert not Policy(
        id="", instant_retention_days=2, group_prefix=None, group_suffix=suffix
    ).names_group("1" + suffix)


@given(st.text(max_size=30), st.text(max_size=30))
def test_only_azure_backups_own_extension_is_one(publisher: str, kind: str) -> None:
    found = Extension(name="VMSnapshot", publisher=publisher, type=kind, state=Provisioning.FAILED)
    assert found.is_backup == (
        publisher.lower() == "microsoft.azure.recoveryservices"
        and kind.lower() in ("vmsnapshot", "vmsnapshotlinux")
    )
