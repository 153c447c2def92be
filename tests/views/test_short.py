"""Ids are cut for reading, and what stands around them stays readable."""

import pytest

from remediator.views.plain import short

VM = "/subscriptions/s-1/resourceGroups/rg-app/providers/Microsoft.Compute/virtualMachines/web"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"{VM} is off", "rg-app:virtualMachines/web is off"),
        (f"404 on GET https://arm:443{VM}?a=b: no", "404 on GET rg-app:virtualMachines/web: no"),
        ("GET http://arm/elsewhere: no", "GET http://arm/elsewhere: no"),
        ("a lock on /subscriptions/s-1", "a lock on the subscription s-1"),
    ],
)
def test_an_id_is_cut_to_group_and_name(text: str, shown: str) -> None:
    assert short(text) == shown
