"""Ids are cut for reading, and what stands around them stays readable."""

import pytest

from remediator.language import speak
from remediator.views.plain import brief, short

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


def test_the_requests_that_prove_it_are_left_out_in_chinese_too() -> None:
    proof = f"(GET https://arm{VM}?$expand=instanceView&api-version=2024-11-01)"
    speak("zh-CN")
    try:
        told = brief(f"VM is succeeded, running, its agent not-ready {proof}")
        where = short("the tag of /subscriptions/s-1: off")
    finally:
        speak("en")
    assert told == "VM 状态为成功、正在运行，其代理为未就绪"
    assert "/subscriptions/" not in where
