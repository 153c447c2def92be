"""A text for people exists in three languages. A text for machines exists in one."""

import gettext
import io
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from remediator.language import LANGUAGES, _n, language_of
from remediator.locales.__main__ import LANGUAGES as CATALOGUES
from remediator.locales.__main__ import Text, compiled, po_path, renewed, texts, untranslated
from remediator.simulator.process import SimulatorProcess
from tests.command import environment, remediate


def messages(language: str) -> dict[Text, str]:
    """Each text with its translation. Chinese has one form for every count."""
    with po_path(language).open("rb") as file:
        found = read_po(file, locale=language)
    return {
        (m.id[0], m.id[1]) if m.pluralizable else str(m.id): "".join(m.string or "")
        for m in found
        if m.id
    }


def several(text: Text) -> str:
    """The form for several."""
    return text if isinstance(text, str) else text[1]


@pytest.mark.parametrize("language", CATALOGUES)
def test_a_catalogue_has_every_text_and_none_is_left_over(language: str) -> None:
    """A text without a translation is shown in English, so an author need not know Chinese."""
    assert set(messages(language)) == set(texts()), "run make generate"


def test_a_text_without_a_translation_stays_english_and_is_named() -> None:
    catalogue = Catalog(locale="zh_CN")
    catalogue.add("known", "已知")
    catalogue.add("new", "")
    assert untranslated(catalogue) == ["new"]
    shown = gettext.GNUTranslations(io.BytesIO(compiled(catalogue)))
    assert (shown.gettext("known"), shown.gettext("new")) == ("已知", "new")


def test_a_text_for_a_count_has_as_many_forms_as_its_language() -> None:
    forms = ("{count} thing", "{count} things")
    for locale, translated in {
        "zh_CN": ("{count} 件",),
        "pl": ("rzecz", "rzeczy", "wiele"),
    }.items():
        catalogue = Catalog(locale=locale)
        catalogue.add(forms, translated)
        catalogue.add(("one new", "many new"), ("",))
        assert untranslated(catalogue) == ["one new"]
        known = gettext.GNUTranslations(io.BytesIO(compiled(catalogue)))
        assert {known.ngettext(*forms, count) for count in (0, 1, 2, 5)} == set(translated)
        assert [known.ngettext("one new", "many new", n) for n in (0, 1, 2)] == [
            *("many new", "one new", "many new")
        ]


def test_both_forms_of_a_text_for_a_count_are_collected() -> None:
    found = set(texts())
    assert ("{count} change", "{count} changes") in found
    assert ("{count} needs consent", "{count} need consent") in found


def test_a_text_that_gets_a_second_form_keeps_its_translation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "zh_CN" / "LC_MESSAGES").mkdir(parents=True)
    monkeypatch.setattr("remediator.locales.__main__.FOLDER", tmp_path)
    old = 'msgid "{count} changes"\nmsgstr "{count} 项更改"\n\nmsgid "job"\nmsgstr "作业"\n'
    po_path("zh_CN").write_text(old, encoding="utf-8")
    for _time in range(2):
        editable, binary = renewed("zh_CN")
        assert b'"Plural-Forms: nplurals=1; plural=0;\\n"' in editable
        po_path("zh_CN").write_bytes(editable)
        known = gettext.GNUTranslations(io.BytesIO(binary))
        assert known.ngettext("{count} change", "{count} changes", 1) == "{count} 项更改"
        assert known.gettext("job") == "作业"


def test_english_has_a_form_for_one_and_a_form_for_the_rest() -> None:
    shown = [_n("{count} thing", "{count} things", n).format(count=n) for n in (0, 1, 2)]
    assert shown == ["0 things", "1 thing", "2 things"]


@pytest.mark.parametrize("language", CATALOGUES)
def test_a_translation_has_the_same_places_for_values_and_the_same_commands(language: str) -> None:
    for text, translated in messages(language).items():
        if not translated:
            continue  # it is shown in English
        for pattern in (r"\{\w+\}", r"--[a-z-]+", r"`[^`]+`"):
            both = (several(text), translated)
            wanted, got = (sorted(set(re.findall(pattern, each))) for each in both)
            assert got == wanted, text


@pytest.mark.parametrize("language", CATALOGUES)
def test_the_compiled_catalogue_is_that_of_the_text(language: str) -> None:
    with po_path(language).with_suffix(".mo").open("rb") as file:
        known = gettext.GNUTranslations(file)
    fresh = gettext.GNUTranslations(io.BytesIO(renewed(language)[1]))
    for text in messages(language):
        if isinstance(text, str):
            assert known.gettext(text) == fresh.gettext(text)
        else:
            assert known.ngettext(*text, 2) == fresh.ngettext(*text, 2)


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh-CN"),
        ({"LANG": "zh_TW.UTF-8"}, "zh-TW"),
        ({"LANG": "zh_HK.UTF-8"}, "zh-TW"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_US.UTF-8"}, "en"),
        ({"LANGUAGE": "zh_TW:en", "LANG": "de_DE.UTF-8"}, "zh-TW"),
    ],
)
def test_without_lang_the_locale_decides(variables: dict[str, str], language: str) -> None:
    assert language_of(variables) == language


def test_a_plan_is_read_in_the_language_asked_for_and_stays_one_plan(tmp_path: Path) -> None:
    with SimulatorProcess("limit-reached") as azure:
        env = environment(azure, tmp_path)
        job = azure.failed_jobs("web")[-1]
        shown = {
            language: remediate("--job-id", job, "--dry-run", "--lang", language, env=env).check(0)
            for language in LANGUAGES
        }
        assert "for a human" not in shown["zh-CN"].out
        assert "可以修复" in shown["zh-CN"].out
        assert "可以修復" in shown["zh-TW"].out
        assert "Can be fixed" in shown["en"].out
        by_locale = remediate("--job-id", job, "--dry-run", env=env | {"LC_ALL": "zh_CN.UTF-8"})
        assert "可以修复" in by_locale.check(0).out

        file = tmp_path / "plan.json"
        remediate("plan", "--job-id", job, "--out", str(file), "--lang", "zh-TW", env=env).check(0)
        remediate("show", str(file), "--lang", "en", env=env).check(0)
        assert "還原點" not in file.read_text(encoding="utf-8")
