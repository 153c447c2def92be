"""The page of a history is one file that loads nothing, and tells what the JSON tells."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from remediator.language import LANGUAGES
from remediator.report.history import History, Selection
from remediator.views.history_html import history_html
from remediator.views.html.words import BECAME, history_words
from remediator.views.plain import plain
from tests.assets import VENDOR
from tests.command import remediate
from tests.controls import controls, texts_of
from tests.flow.estates import APPS, MAIN
from tests.flow.lived import Lived, live
from tests.views.html.estates import HOSTILE
from tests.views.html.histories import history, hostile, large, recurring, remedy
from tests.views.html.reader import Read, read


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    return live(tmp_path_factory.mktemp("lived"))


@pytest.fixture(scope="module")
def both(lived: Lived, tmp_path_factory: pytest.TempPathFactory) -> tuple[Read, History]:
    """The page and the JSON of one command."""
    folder = tmp_path_factory.mktemp("out")
    page, told = folder / "history.html", folder / "history.json"
    assert lived.history("-o", str(page), "-o", str(told)).check(0).out == ""
    return read(page.read_text("utf-8")), History.model_validate_json(told.read_text("utf-8"))


def shown(page: Read) -> str:
    return " ".join(" ".join(page.shown).split())


def charts(page: Read) -> dict[str, dict[str, list[int]]]:
    """The numbers of each picture, by their colours."""
    return {
        chart["name"]: {series["tone"]: series["values"] for series in chart["series"]}
        for chart in page.told["charts"]
    }


def test_the_tables_tell_what_the_json_tells(both: tuple[Read, History]) -> None:
    page, told = both
    assert [(row["name"], row["code"], row["failures"]) for row in page.rows] == [
        (row.vm, row.code or "", row.failures) for row in told.recurring
    ]
    for row, wanted in zip(page.rows, told.recurring, strict=True):
        assert (row["vm_id"], row["vault_id"]) == (wanted.vm_id or "", wanted.vault)
        assert (row["state"] == "open") == wanted.open
        assert row["seconds"] == (None if wanted.median is None else round(wanted.median))
    remedies = page.table(page.told["remedies"])
    assert [[row[name] for name in ("rung", "playbook", *BECAME)] for row in remedies] == [
        [each.rung, each.playbook, *(getattr(each, name) for name in BECAME)]
        for each in told.remedies
    ]


def test_the_head_and_the_pictures_tell_what_the_json_tells(both: tuple[Read, History]) -> None:
    page, told = both
    head = told.head
    for count, label in (
        (head.failures, "failures"),
        (head.vms, "VMs that failed"),
        (head.open, "incidents open"),
        (head.recovered, "incidents recovered"),
    ):
        assert f" {count} {label} " in shown(page)
    found = charts(page)
    assert found["trend"] == {
        "bad": [part.failures for part in told.trend],
        "good": [part.recovered for part in told.trend],
    }
    assert sum(map(sum, found["code"].values())) == head.failures
    assert sum(map(sum, found["times"].values())) == head.recovered
    assert sum(found["times"]["good"]) == told.times.by_run + told.times.by_record
    assert found["remedies"] == {
        "good": [each.recovered for each in told.remedies],
        "bad": [each.failed_again for each in told.remedies],
    }
    assert found["limits"] == {"quiet": [each.times for each in told.left_alone]}


def test_what_recurs_is_named_with_how_often_and_when(both: tuple[Read, History]) -> None:
    page, told = both
    stuck = told.recurring[0]
    assert stuck.failures == 3
    said = shown(page)
    first, last = (f"{at:%Y-%m-%d %H:%M}Z" for at in (stuck.first, stuck.last))
    assert f"stuck 3 failures {stuck.code} {first} to {last}" in said
    assert f"remediate check --vm {stuck.vm_id}" in said
    assert ("a", "href", f"#vm=stuck%20{stuck.code}") in page.attributes


def test_each_row_has_the_story_of_its_incidents(both: tuple[Read, History]) -> None:
    page, told = both
    [row] = [row for row in page.rows if row["name"] == "app"]
    [incident] = [each for each in told.incidents if each.vm == "app"]
    [section] = page.told["stories"][row["story"]]
    [step] = section["steps"]
    items = {page.text(label): page.text(text) for label, _form, text in step["items"]}
    assert items["run"] == incident.run_id
    assert items["code"] == incident.codes[0]
    assert incident.recovered_at is not None
    assert items["ended"] == f"{incident.recovered_at:%Y-%m-%d %H:%M}Z"
    assert page.text(step["badges"][0][0]) == "recovered"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_in_the_language_asked_for(language: str, lived: Lived) -> None:
    page = read(lived.history("-o", "html", "--lang", language).check(0).out)
    assert ("html", "lang", language) in page.attributes
    words = {"en": "failures", "zh-CN": "失败", "zh-TW": "失敗"}
    assert page.told["texts"]["failures"] == words[language]
    states = {"en": "open", "zh-CN": "未结束", "zh-TW": "未結束"}
    assert states[language] in {row["state"] for row in page.rows}


def test_names_can_be_masked(lived: Lived) -> None:
    page = read(lived.history("--mask", "-o", "html", "--vault", "vault-main").check(0).out)
    assert {row["name"][:3] for row in page.rows} == {"vm-"}
    told = page.data + shown(page) + "".join(value for *_, value in page.attributes)
    hidden = ("stuck", "vault-main", "rg-backup", MAIN, APPS)
    assert [name for name in hidden if name in told] == []


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_ends_no_block_and_becomes_no_tag(text: str) -> None:
    page = read(hostile())
    assert not any(controls(each) for each in texts_of(page.told))
    mine = {row["name"]: row for row in page.rows}[plain(text)]
    for column in ("vm_id", "vault_id", "subscription", "code"):
        assert mine[column] == plain(text), column
    remedies = {row["name"]: row for row in page.table(page.told["remedies"])}
    assert remedies[plain(text)]["playbook"] == remedies[plain(text)]["rung"] == plain(text)
    assert not {name for _tag, name, _value in page.attributes} & {"onerror", "onfocus"}


def test_five_thousand_vms_fit_into_a_mail() -> None:
    text = large(5000)
    assert len(text.encode()) < 5_000_000
    page = read(text)
    assert len(page.rows) == 5000
    assert len([row for row in page.rows if row["story"] is not None]) == 500
    assert sum(map(sum, charts(page)["code"].values())) == sum(row["failures"] for row in page.rows)


def test_each_run_is_in_the_picture_once() -> None:
    ended = {name: 2**n for n, name in enumerate(BECAME) if name not in ("runs", "applied")}
    only = remedy("Back up", runs=sum(ended.values()), **ended)
    found = charts(read(history_html(history(recurring("web"), remedies=(only,)))))["remedies"]
    assert sum(map(sum, found.values())) == only.runs
    assert found["good"] == [only.recovered]
    assert found["bad"] == [only.failed_again]
    assert found["unread"] == [only.uncertain]


def test_each_link_leads_to_one_row_also_where_two_vms_have_the_same_name() -> None:
    rows = [recurring(name, n, code="A", failures=3) for n, name in enumerate(("web", "WEB", "db"))]
    page = read(history_html(history(*rows)))
    keys = [row["key"].lower() for row in page.rows]
    assert len(set(keys)) == 3
    links = {unquote(value) for _tag, name, value in page.attributes if name == "href"}
    assert {link.lower() for link in links} >= {f"#vm={key}" for key in keys}
    assert "db A" in {row["key"] for row in page.rows}


def test_what_could_not_be_read_and_what_was_asked_is_said() -> None:
    unread = tuple(f"/state/scan-{n}.json.gz: damaged" for n in range(5))
    page = read(
        history_html(
            history(recurring("web"), unread=unread, selection=Selection(vaults=("vault-7",)))
        )
    )
    said = shown(page)
    assert "missing here: /state/scan-0.json.gz: damaged" in said
    assert "missing here: 2 more" in said
    assert "scan-4" not in said
    assert "narrowed to vault-7" in said


def test_nothing_recorded_is_told_with_the_next_command(tmp_path: Path) -> None:
    env = {"REMEDIATE_STATE": str(tmp_path / "none")}
    page = read(remediate("history", "-o", "html", env=env).check(0).out)
    assert "nothing recorded yet in the last 30 days" in shown(page)
    assert "remediate scan" in shown(page)
    assert page.rows == page.told["charts"] == []


def test_a_file_that_ends_in_html_is_the_page(lived: Lived, tmp_path: Path) -> None:
    path = tmp_path / "history.html"
    lived.history("-o", str(path)).check(0)
    assert path.read_text("utf-8").startswith("<!DOCTYPE html>")


def test_every_word_is_one_that_the_page_uses() -> None:
    used = "".join(path.read_text("utf-8") for path in VENDOR.parent.iterdir() if path.is_file())
    known = {"ascending", "descending", *BECAME}
    spare = {
        word
        for word in history_words()
        if not re.search(rf'say\("{word}"|texts\.{word}\b|"{word}"', used)
    }
    assert spare - known == set()
