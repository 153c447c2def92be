"""Rules on values, for any value: ids, times, tiers, plans, locks, codes, the choice of a rung."""

import json
import os
import shlex
import string
import subprocess
import sys
from argparse import ArgumentParser
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from remediator import ids
from remediator.actions import discovered
from remediator.actions.remove_locks import RemoveLocks, put_back_command
from remediator.change.operations import Operation
from remediator.change.step import Change, Held, Impact, Lost, Manual, Request, Step, Unchanged
from remediator.conditions import CONDITIONS, State
from remediator.conditions.locks import why_lock_stays
from remediator.errors import BadInputError, PlanFileError
from remediator.facts import (
    Collection,
    Extension,
    Facts,
    Known,
    Lock,
    Point,
    Policy,
    Provisioning,
    RecoveryPoint,
    Source,
    Tier,
    Unknown,
)
from remediator.facts.vaulted import SAME_MOMENT, proved_in_vault
from remediator.guards.consent import Consent
from remediator.inspect.collections import is_backups_of
from remediator.inspect.recovery_points import parse as parse_recovery_point
from remediator.inspect.wire import moment, quoted
from remediator.job.dictionary import Dictionary, Entry
from remediator.job.failure import Confidence, Failure, classify
from remediator.job.job import ErrorDetail, Job, JobRef, Task, VaultRef
from remediator.json_text import json_text
from remediator.plan.plan import Ladder, Plan, PlaybookRef, Said, parse_plan, sealed
from remediator.playbook.catalogue import read_catalogue
from remediator.playbook.playbook import Manual as Guidance
from remediator.playbook.playbook import Playbook, Rung, choose

settings.register_profile(
    "values",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("values")

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SUBSCRIPTION = "11111111-1111-1111-1111-111111111111"

NAMES = st.text(string.ascii_letters + string.digits + "-_.()", min_size=1, max_size=12).filter(
    lambda name: name not in (".", "..")
)


def recased(text: str, upper: list[bool]) -> str:
    """The text with the letters in another casing."""
    flags = upper or [False]
    return "".join(c.upper() if flags[n % len(flags)] else c.lower() for n, c in enumerate(text))


FLAGS = st.lists(st.booleans(), min_size=1, max_size=7)


# --- ids ----------------------------------------------------------------------------------------


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
    # A slash more may make another id, but never one with a step upwards or a gap in it.
    assert bad.startswith("/")
    assert not {"", ".", ".."} & set(str(found).strip("/").split("/"))


@given(st.text(max_size=60))
def test_whatever_is_typed_for_a_job_is_a_job_or_bad_input(text: str) -> None:
    try:
        ref = JobRef.parse(text)
    except BadInputError as error:
        assert str(error)  # noqa: PT017 - that there is a message is the point
        return
    assert JobRef.parse(ref.id) == ref


@given(NAMES, NAMES, NAMES, st.uuids(), FLAGS)
def test_a_job_id_round_trips(s: str, g: str, v: str, name: Any, upper: list[bool]) -> None:
    ref = JobRef(vault=VaultRef(subscription=s, group=g, name=v), name=str(name))
    assert JobRef.parse(ref.id) == ref
    assert VaultRef.parse(ref.vault.id) == ref.vault
    assert ids.same(JobRef.parse(recased(ref.id, upper)).id, ref.id)
    for wrong in (ref.vault.id, ref.id + "/x/y", ref.id.replace("backupJobs", "backupjob")):
        with pytest.raises(BadInputError):
            JobRef.parse(wrong)


def test_among_hundreds_of_names_that_look_alike_only_the_exact_vm_is_meant() -> None:
    """`web` is a prefix of `web1`; `WEB` is `web`; and a group tells two `web` apart."""
    alike = ["web", "web1", "web-1", "web_1", "web01", "web11", "1web", "we", "web.", "xweb"]
    alike += [f"web{n}" for n in range(200)] + [f"web-{n:03}" for n in range(200)]
    group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg"

    def row(vm_id: str, name: str = "AzureBackup_web_123") -> dict[str, Any]:
        return {"name": name, "properties": {"source": {"id": vm_id}}}

    def vm_id(name: str, group: str = group) -> str:
        return f"{group}/providers/Microsoft.Compute/virtualMachines/{name}"

    mine = vm_id("web")
    found = [name for name in dict.fromkeys(alike) if is_backups_of(row(vm_id(name)), mine)]
    assert found == ["web"]
    assert is_backups_of(row(vm_id("WEB").upper()), mine)
    assert is_backups_of(row(mine, "azurebackup_WEB_1"), mine)
    assert not is_backups_of(row(vm_id("web", group + "1")), mine)
    assert not is_backups_of(row(vm_id("web", group.replace("1111-", "2222-", 1))), mine)
    assert not is_backups_of(row(mine, "customer-web"), mine)
    assert not is_backups_of(row(mine + "/extensions/x"), mine)
    collection = f"{group}/providers/Microsoft.Compute/restorePointCollections/web"
    assert not is_backups_of(row(collection), collection)
    for broken in ({}, {"name": "AzureBackup_web"}, row(""), {"name": 1, "properties": []}):
        assert not is_backups_of(broken, mine)


# --- Azure's spellings --------------------------------------------------------------------------


@given(
    st.datetimes(datetime(2002, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001 - the zone is added
    st.integers(0, 9),
    st.sampled_from([None, 0, 60, -60, 330, -720, 840]),
)
def test_a_moment_is_read_in_every_spelling(naive: datetime, digits: int, zone: int | None) -> None:
    decimals = f"{naive.microsecond:06}000"[:digits]
    micros = int(decimals[:6].ljust(6, "0")) if decimals else 0
    sign = "-" if (zone or 0) < 0 else "+"
    spelt = f"{naive:%Y-%m-%dT%H:%M:%S}" + (f".{decimals}" if decimals else "")
    offset = timedelta(minutes=zone or 0)
    hours, minutes = divmod(abs(zone or 0), 60)
    tails = ["Z", ""] if zone is None else [f"{sign}{hours:02}:{minutes:02}"]
    expected = naive.replace(microsecond=micros, tzinfo=timezone(offset)).astimezone(UTC)
    for tail in tails:
        found = moment({"a": {"b": spelt + tail}}, "a", "b")
        assert found == expected
        assert found.tzinfo is UTC


@given(st.one_of(st.text(), st.integers(), st.none(), st.booleans(), st.lists(st.text())))
def test_what_is_no_moment_is_absent(value: Any) -> None:
    assume(not (isinstance(value, str) and value[:4].isdigit()))
    assert moment({"time": value}, "time") is None


@pytest.mark.parametrize(
    "spelt",
    [
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00",
        "0001-01-01T00:00:00+14:00",
        "2001-01-01T00:00:00Z",
        "2001-01-01T00:00:00.0000000Z",
        "2026-13-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-01-01 00:00:00Z",
        "2026-01-01",
        "2026-01-01T00:00:00Z ",
    ],
)
def test_azures_words_for_never_and_not_yet_are_absent(spelt: str) -> None:
    assert moment({"time": spelt}, "time") is None


TYPES = {
    1: Tier.INSTANT,
    2: Tier.VAULT,
    3: Tier.ARCHIVE,
    "InstantRP": Tier.INSTANT,
    "HardenedRP": Tier.VAULT,
    "ArchivedRP": Tier.ARCHIVE,
    "hardenedrp": Tier.VAULT,
}
ANYTHING = st.one_of(
    st.integers(-5, 9), st.booleans(), st.none(), st.text(max_size=12), st.floats(), st.just([2])
)


@given(
    st.lists(
        st.tuples(
            st.one_of(st.sampled_from(list(TYPES)), ANYTHING),
            st.one_of(st.sampled_from([1, "Valid", "valid"]), ANYTHING),
        ),
        max_size=5,
    )
)
def test_a_tier_counts_only_when_both_its_type_and_its_status_are_understood(
    details: list[tuple[Any, Any]],
) -> None:
    row = {
        "properties": {
            "recoveryPointTime": "2026-02-01T00:00:00Z",
            "recoveryPointTierDetails": [{"type": t, "status": s} for t, s in details],
        }
    }
    understood = {str(key).lower(): tier for key, tier in TYPES.items()}
    expected = {
        understood[str(kind).lower()]
        for kind, status in details
        if type(kind) in (int, str)
        and type(status) in (int, str)
        and str(kind).lower() in understood
        and (isinstance(kind, int) or not kind.isdigit())
        and (status == 1 or str(status).lower() == "valid")
    }
    point = parse_recovery_point(row)
    assert point is not None
    assert point.valid == expected
    assert point.in_both == (expected >= {Tier.INSTANT, Tier.VAULT})


@given(st.text())
def test_an_odata_literal_ends_where_it_should(text: str) -> None:
    inner = quoted(text)[1:-1]
    assert inner.replace("''", "\x00").count("'") == 0
    assert inner.replace("''", "'") == text or "''" in text


# --- what is proved in the vault ----------------------------------------------------------------

MINUTES = st.integers(0, 60)


@given(
    st.lists(st.one_of(st.none(), MINUTES), max_size=6),
    st.lists(st.tuples(MINUTES, st.sets(st.sampled_from(list(Tier)))), max_size=6),
)
def test_a_point_is_proved_only_by_exactly_one_valid_copy_that_no_other_point_claims(
    made: list[int | None], copies: list[tuple[int, set[Tier]]]
) -> None:
    points = tuple(
        Point(
            id=f"/p/{n}",
            name=str(n),
            collection_id="/p",
            created=None if m is None else NOW + timedelta(minutes=m),
            consistency="",
        )
        for n, m in enumerate(made)
    )
    recovery = tuple(
        RecoveryPoint(
            time=NOW + timedelta(minutes=m), consistency="", valid=frozenset(tiers), in_use=False
        )
        for m, tiers in copies
    )

    def near(point: Point) -> list[int]:
        return [
            n
            for n, copy in enumerate(recovery)
            if point.created and abs(copy.time - point.created) <= SAME_MOMENT
        ]

    proved = proved_in_vault(points, recovery)
    for point in points:
        fitting = near(point)
        alone = len(fitting) == 1 and not any(
            fitting[0] in near(other) for other in points if other is not point
        )
        assert (point.id in proved) == (alone and recovery[fitting[0]].in_both)
        if point.id in proved:
            assert proved[point.id] is recovery[fitting[0]]


# --- locks --------------------------------------------------------------------------------------

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/AzureBackupRG_westeurope_1"


def collection(name: str, *, own: bool | None, group: str = GROUP) -> Collection:
    return Collection(
        id=f"{group}/providers/Microsoft.Compute/restorePointCollections/{name}",
        name=name,
        group=group.rsplit("/", 1)[-1],
        service_group=own,
    )


@given(
    st.sampled_from(["collection", "group", "subscription", "other group", "point"]),
    st.sampled_from([True, False, None]),
    st.lists(NAMES, max_size=2),
    FLAGS,
)
def test_a_lock_may_go_only_from_azure_backups_own_group_and_this_vms_collections(
    where: str, own: bool | None, owners: list[str], upper: list[bool]
) -> None:
    mine = collection("AzureBackup_web", own=own)
    scope = {
        "collection": mine.id,
        "group": GROUP,
        "subscription": f"/subscriptions/{SUBSCRIPTION}",
        "other group": GROUP + "1",
        "point": mine.id + "/restorePoints/p",
    }[where]
    lock = Lock(
        id=f"{scope}/providers/Microsoft.Authorization/locks/l",
        name="l",
        scope=recased(scope, upper),
        level="CanNotDelete",
        notes=None,
        owners=tuple(owners),
    )
    may_go = not owners and (where == "collection" or (where == "group" and own is True))
    assert (why_lock_stays(lock, (mine,)) is None) == may_go
    assert why_lock_stays(lock, ()) is not None


@example("-keep", "-keep", "ReadOnly", True)
@given(NAMES, st.text(min_size=1), st.sampled_from(["CanNotDelete", "ReadOnly"]), st.booleans())
def test_the_command_that_puts_a_lock_back_says_all_of_it(
    name: str, notes: str, level: str, on_group: bool
) -> None:
    scope = GROUP if on_group else collection("c", own=True).id
    lock = Lock(id="", name=name, scope=scope, level=level, notes=notes, owners=())
    az = ArgumentParser(allow_abbrev=False, exit_on_error=False)
    for flag in ("name", "lock-type", "resource", "resource-group", "notes", "subscription"):
        az.add_argument(f"--{flag}")
    az.add_argument("command", nargs=3)
    said = vars(az.parse_args(shlex.split(put_back_command(lock))))
    assert said == {
        "command": ["az", "lock", "create"],
        "name": name,
        "lock_type": level,
        "resource": None if on_group else scope,
        "resource_group": GROUP.rsplit("/", 1)[-1] if on_group else None,
        "notes": notes,
        "subscription": SUBSCRIPTION,
    }


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


# --- jobs, codes, the choice --------------------------------------------------------------------


def job(*errors: ErrorDetail, name: str = "j", vm: str = "web") -> Job:
    return Job(
        id=f"{GROUP}/j",
        name=name,
        operation="Backup",
        status="Failed",
        start=NOW - timedelta(hours=3),
        end=NOW - timedelta(hours=2),
        vm_name=vm,
        container=f"iaasvmcontainerv2;rg-app;{vm}",
        vault=VaultRef(subscription=SUBSCRIPTION, group="rg", name="vault"),
        management_type="AzureIaasVM",
        errors=errors,
        dynamic_error_message=None,
        activity_id=None,
        seen=NOW,
        source="GET j",
    )


def detail(title: str = "", code: int | str | None = None, *recommended: str) -> ErrorDetail:
    return ErrorDetail(code=code, title=title, text=f"text {title}", recommendations=recommended)


known = Dictionary(Entry(code, playbook=code) for code in ("Known", "Also", "400123"))


@pytest.mark.parametrize(
    ("errors", "said", "code", "confidence", "evidence"),
    [
        ([detail("KNOWN", 1)], None, "Known", "certain", "errorDetails[0].errorTitle"),
        ([detail("odd", 400123)], None, "400123", "certain", "errorDetails[0].errorCode"),
        ([detail("", 400123)], None, "400123", "certain", "errorDetails[0].errorCode"),
        ([detail("", "known")], None, "Known", "certain", "errorDetails[0].errorCode"),
        ([detail("odd", 7)], None, "odd", "none", "errorDetails[0].errorTitle"),
        ([detail("", 7)], None, "7", "none", "errorDetails[0].errorCode"),
        ([detail("", 0)], None, "0", "none", "errorDetails[0].errorCode"),
        ([detail()], None, None, "none", "names no code, and says nothing known"),
        ([], None, None, "none", "no error details"),
        ([detail("odd"), detail("known")], None, "Known", "certain", "errorDetails[1].errorTitle"),
        ([detail("also"), detail("known")], None, None, "none", "more than one playbook fits"),
        ([detail("odd", 400123), detail("known")], None, "Known", "certain", "[1].errorTitle"),
        ([detail("known")], "also", "Also", "operator", "--error-code"),
        ([detail("known")], "nonsense", "nonsense", "none", "--error-code"),
        ([], "KNOWN", "Known", "operator", "--error-code"),
    ],
)
def test_a_failure_is_classified_by_what_the_job_says(
    errors: list[ErrorDetail], said: str | None, code: str | None, confidence: str, evidence: str
) -> None:
    found = classify(job(*errors), known, said)
    assert (found.code, found.confidence) == (code, Confidence(confidence))
    assert found.known == (confidence != "none")
    assert evidence in found.evidence


@given(st.lists(st.tuples(st.text(max_size=8), st.integers(0, 9), st.text(max_size=8)), max_size=4))
def test_every_message_and_recommendation_of_a_job_is_kept(
    rows: list[tuple[str, int, str]],
) -> None:
    found = classify(job(*(detail(t, c, r) for t, c, r in rows)), known)
    assert found.recommendations == tuple(r for _, _, r in rows)
    assert all(f"text {t}" in found.message for t, _, _ in rows)


def facts(**parts: Any) -> Facts:
    failure = Failure(
        code="Known",
        known=True,
        confidence=Confidence.CERTAIN,
        evidence="",
        message="",
        recommendations=(),
    )
    return Facts(subject=job().subject, job=job(), failure=failure, **parts)


PLAYBOOKS = read_catalogue().playbooks


@given(st.sets(st.sampled_from(list(Source))))
def test_an_unknown_fact_never_passes_over_a_rung(unread: set[Source]) -> None:
    """Whatever could not be read, no rung is taken that comes after one it might concern."""
    for playbook in PLAYBOOKS:
        blind = facts(**{source.value: Unknown("was not let in") for source in unread})
        choice = choose(playbook, blind)
        for rung in playbook.ladder:
            words = {name: CONDITIONS[name].derive(blind) for name in rung.when}
            refuted = any(
                isinstance(word, State) and word.value not in rung.when[name]
                for name, word in words.items()
            )
            if refuted:
                continue
            unsure = any(isinstance(word, Unknown) for word in words.values())
            assert (choice.held is not None) == unsure
            assert choice.rung == (None if unsure else rung)
            break


def test_a_rung_that_a_known_fact_rules_out_is_passed_though_another_fact_is_unknown() -> None:
    back_up = discovered()["back-up-now"].model_validate({"action": "back-up-now"})
    ladder = tuple(
        Rung.model_validate({"rung": name, "title": "", "when": when, "steps": (back_up,)})
        for name, when in {
            "a": {"vm": "absent", "tries": "none"},
            "b": {"tries": "none"},
            "c": {},
        }.items()
    )
    playbook = Playbook(
        codes=("Known",),
        title="",
        sources=("x",),
        causes=(),
        ladder=ladder,
        manual=Guidance(text=""),
    )
    none = Known((), "GET jobs", NOW)
    unread = Unknown("403")
    assert (
        choose(playbook, facts(vm=unread, jobs=none, attempts=none)).held
        == "rung a: vm is unknown: 403"
    )
    assert choose(playbook, facts(vm=unread, jobs=unread)).rung is None
    read = facts(jobs=none, locks=unread, vm=unread)
    assert choose(playbook, replace(read, vm=unread)).rung is None


def test_locks_that_cannot_be_read_hold_their_removal() -> None:
    for parts in (
        {"locks": Unknown("403"), "collections": Known((), "", NOW)},
        {"locks": Known((), "", NOW), "collections": Unknown("403")},
    ):
        (step,) = RemoveLocks().plan(facts(**parts))
        assert isinstance(step, Held)


@given(st.text(max_size=30), st.text(max_size=30))
def test_only_azure_backups_own_extension_is_one(publisher: str, kind: str) -> None:
    found = Extension(name="VMSnapshot", publisher=publisher, type=kind, state=Provisioning.FAILED)
    assert found.is_backup == (
        publisher.lower() == "microsoft.azure.recoveryservices"
        and kind.lower() in ("vmsnapshot", "vmsnapshotlinux")
    )


# --- plan files ---------------------------------------------------------------------------------

TEXTS = st.text(max_size=20)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)
PAIRS = st.dictionaries(TEXTS, JSON, max_size=3)
WHY = st.lists(TEXTS, max_size=2).map(tuple)
MOMENTS = st.datetimes(
    datetime(2000, 1, 1),  # noqa: DTZ001
    datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.integers(-14, 14).map(lambda h: timezone(timedelta(hours=h))),
)
CHANGES = st.builds(
    Change,
    kind=st.just("change"),
    action=TEXTS,
    target=TEXTS,
    what=TEXTS,
    why=WHY,
    operation=st.sampled_from(list(Operation)),
    request=st.builds(Request, method=TEXTS, url=TEXTS, body=st.none() | PAIRS),
    before=PAIRS,
    after=PAIRS,
    impact=st.sampled_from(list(Impact)),
    permission=TEXTS,
    undo=TEXTS,
    loses=st.lists(
        st.builds(Lost, point=TEXTS, created=st.none() | MOMENTS, consistency=TEXTS), max_size=2
    ).map(tuple),
    always=st.booleans(),
    if_unsettled=st.sampled_from(["stop", "go-on"]),
)
COMMON: dict[str, Any] = {"action": TEXTS, "target": TEXTS, "why": WHY}
STEPS: st.SearchStrategy[Step] = st.one_of(
    CHANGES,
    st.builds(Unchanged, kind=st.just("unchanged"), **COMMON),
    st.builds(Held, kind=st.just("held"), change=st.none() | CHANGES, **COMMON),
    st.builds(Manual, kind=st.just("manual"), commands=WHY, **COMMON),
)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    errors = draw(st.lists(st.builds(detail, TEXTS, st.none() | st.integers() | TEXTS), max_size=2))
    task = Task(name=draw(TEXTS), status=draw(TEXTS))
    about = job(*errors, name=draw(TEXTS), vm=draw(TEXTS))
    return sealed(
        created=draw(MOMENTS),
        expires=draw(MOMENTS),
        endpoint=draw(TEXTS),
        job=about.model_copy(update={"tasks": (task,), "end": draw(st.none() | MOMENTS)}),
        failure=classify(about, known, draw(st.none() | TEXTS)),
        playbook=draw(
            st.none()
            | st.builds(
                PlaybookRef, name=TEXTS, title=TEXTS, origin=TEXTS, digest=TEXTS, sources=WHY
            )
        ),
        ladder=draw(
            st.none()
            | st.builds(Ladder, rung=TEXTS, title=TEXTS, number=st.integers(), of=st.integers())
        ),
        facts=tuple(draw(st.lists(st.builds(Said, fact=TEXTS, value=TEXTS, because=TEXTS)))),
        steps=tuple(draw(st.lists(STEPS, max_size=3))),
        recipe=tuple(draw(st.lists(PAIRS, max_size=2))),
        consent=Consent(
            impacts=draw(st.frozensets(st.sampled_from(list(Impact)))),
            data_loss=draw(st.booleans()),
        ),
        later=draw(WHY),
        notes=draw(WHY),
    )


@given(plans())
def test_a_saved_plan_is_read_as_it_was_made(plan: Plan) -> None:
    text = json_text(plan)
    assert parse_plan(text, "x") == plan
    assert json_text(parse_plan(text, "x")) == text
    compact = json.dumps(json.loads(text), ensure_ascii=True)
    assert parse_plan(compact, "x") == plan


def leaves(node: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    match node:
        case dict() if node:
            return [leaf for key, value in node.items() for leaf in leaves(value, (*at, key))]
        case list() if node:
            return [leaf for n, value in enumerate(node) for leaf in leaves(value, (*at, n))]
        case _:
            return [at]


def other(value: Any) -> list[Any]:
    """Values that differ from this one."""
    match value:
        case bool():
            return [not value, None]
        case int() | float():
            return [value + 1 if abs(value) < 2**50 else 0, str(value)]
        case str():
            return [value + " ", value[1:] if value else "x", None]
        case None:
            return ["", 0, False]
        case _:
            return ["x", None]


@given(plans(), st.data())
def test_a_plan_in_which_anything_was_changed_is_refused(plan: Plan, data: st.DataObject) -> None:
    content = json.loads(json_text(plan))
    at = data.draw(st.sampled_from(leaves(content)))
    node = content
    for key in at[:-1]:
        node = node[key]
    kind = data.draw(st.sampled_from(["other", "gone", "more"]))
    if kind == "other":
        node[at[-1]] = data.draw(st.sampled_from(other(node[at[-1]])))
    elif kind == "gone":
        del node[at[-1]]
    elif isinstance(node, list):
        node.append(node[-1])
    else:
        node["more"] = 1
    try:
        found = parse_plan(json.dumps(content), "x")
    except PlanFileError:
        return
    # Another spelling of the same, such as a default left out: nothing that anyone could mean.
    assert found == plan


def test_a_plan_is_the_same_in_every_process(tmp_path: Path) -> None:
    """Sets have another order in each: none of it may reach the plan's text, or its id."""
    plan = sealed(
        created=NOW,
        expires=NOW,
        endpoint="",
        job=job(),
        failure=classify(job(), known),
        playbook=None,
        ladder=None,
        facts=(),
        steps=(),
        recipe=(),
        consent=Consent(impacts=frozenset(Impact)),
        later=(),
        notes=(),
    )
    path = tmp_path / "plan.json"
    path.write_text(json_text(plan), encoding="utf-8")
    script = (
        "import sys; from pathlib import Path; from remediator.plan.plan import read_plan; "
        "from remediator.json_text import json_text; "
        "print(json_text(read_plan(Path(sys.argv[1]))), end='')"
    )
    for seed in ("1", "2", "3"):
        done = subprocess.run(
            [sys.executable, "-c", script, str(path)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.stdout == json_text(plan), done.stderr


# --- names that are one to Azure ----------------------------------------------------------------


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
        ("straße", "strasse"),  # the full capital has two letters, the simple one is itself
        ("ı", "i"),
        ("İ", "i"),
        ("ſ", "s"),
        ("\u212a", "k"),  # KELVIN SIGN, which is a capital already
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
    """Whatever letters it has: some have a small form of two letters, which moves what follows."""
    scope = f"/subscriptions/s/resourceGroups/{name}"
    lock = f"{scope}/PROVIDERS/Microsoft.Authorization/LOCKS/keep"
    assert ids.lock_scope(lock) == scope
