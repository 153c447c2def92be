"""Ids are equal in any casing, cover what is below them, and hold nothing that changes a path."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remediator import ids
from tests.any_value import FLAGS, NAMES, recased


@st.composite
def resource_ids(draw: st.DrawFn) -> ids.ResourceId:
    depth = draw(st.integers(1, 3))
    return ids.ResourceId(
        subscription=draw(NAMES),
        group=draw(NAMES),
        namespace=draw(NAMES),
        types=tuple(draw(NAMES) for _ in range(depth)),
        names=tuple(draw(NAMES) for _ in range(depth)),
    )


@given(resource_ids(), FLAGS, st.sampled_from(["", "/", " ", "\n"]))
def test_an_id_in_any_casing_is_the_same_id(
    one: ids.ResourceId, upper: list[bool], tail: str
) -> None:
    text = str(one)
    assert ids.ResourceId.parse(text) == one
    other = ids.ResourceId.parse(recased(text, upper) + tail)
    assert ids.same(str(other), text)
    assert ids.normal(str(other)) == ids.normal(text)
    assert other.is_a("/".join((one.namespace, *one.types)).swapcase())
    assert ids.group_name(text) == one.group


@given(resource_ids(), NAMES)
def test_a_scope_covers_itself_and_what_is_below_and_no_name_that_only_begins_alike(
    one: ids.ResourceId, more: str
) -> None:
    text, group = str(one), one.group_id
    for scope in (text, group, f"/subscriptions/{one.subscription}", text.upper(), group + "/"):
        assert ids.covers(scope, text)
        assert ids.covers(scope, f"{text}/locks/{more}")
        longer = text.replace(group, group + more, 1)
        if ids.normal(scope) != f"/subscriptions/{one.subscription.lower()}":
            assert not ids.covers(scope, longer)
        assert not ids.covers(scope, f"/subscriptions/{one.subscription}{more}/resourceGroups/x")
    assert not ids.covers(text, group)
    assert not ids.covers(text, text + more)
    assert not ids.same(text, text + more)
    assert not ids.same(None, None)


@given(
    resource_ids(),
    st.integers(0, 30),
    st.sampled_from(["?", "#", "%2f", "\\", "\x00", "\n", "\x7f", " ", "/..", "/.", "//"]),
)
def test_no_id_holds_what_changes_a_path(one: ids.ResourceId, at: int, bad: str) -> None:
    text = str(one)
    spoilt = text[: 15 + at % (len(text) - 16)] + bad + text[15 + at % (len(text) - 16) :]
    try:
        found = ids.ResourceId.parse(spoilt)
    except ValueError:
        return
    # An extra slash may make another id, but never one with an upward step or an empty part.
    assert bad.startswith("/")
    assert not {"", ".", ".."} & set(str(found).strip("/").split("/"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("RG-GRÖSSE", "rg-grösse"),
        ("БЭКАП", "бэкап"),
        ("ΑΘΗΝΑΣ", "αθηνας"),
        ("Ǆ", "ǆ"),
        ("ᾳ", "ᾼ"),
        ("µ", "Μ"),
        ("rg-ÿ", "RG-Ÿ"),
    ],
)
def test_names_are_one_by_simple_capitals_beyond_ascii(one: str, other: str) -> None:
    assert ids.same_name(one, other)
    group = "/subscriptions/s/resourceGroups/{}/providers/Microsoft.Compute/virtualMachines/web"
    assert ids.same(group.format(one), group.format(other))
    assert ids.covers(f"/subscriptions/s/resourceGroups/{one}", group.format(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("straße", "strasse"),  # the full capital of ß has two letters, the simple one is ß
        ("ı", "i"),
        ("İ", "i"),
        ("ſ", "s"),
        ("\u212a", "k"),  # KELVIN SIGN is already a capital
        ("é", "e\u0301"),  # nothing is normalised
        ("ﬁ", "fi"),
    ],
)
def test_names_that_only_look_or_sound_alike_are_two(one: str, other: str) -> None:
    assert not ids.same_name(one, other)


@given(st.text(max_size=12), st.text(max_size=12))
def test_the_one_spelling_is_one_letter_for_one_and_stays(one: str, other: str) -> None:
    assert len(ids.folded(one)) == len(one)
    assert ids.folded(ids.folded(one)) == ids.folded(one)
    assert ids.folded(one + other) == ids.folded(one) + ids.folded(other)
    if one.isascii():
        assert ids.folded(one) == one.lower()


@given(st.text(max_size=30))
def test_the_scope_of_a_lock_is_what_stands_before_it(name: str) -> None:
    """It holds for letters that become two in lower case, which moves the text after them."""
    scope = f"/subscriptions/s/resourceGroups/{name}"
    lock = f"{scope}/PROVIDERS/Microsoft.Authorization/LOCKS/keep"
    assert ids.lock_scope(lock) == scope
