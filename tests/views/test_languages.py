"""A text for people exists in three languages. A text for machines exists in one."""

import gettext
import io
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from remediator.language import LANGUAGES, language_of
from remediator.locales.__main__ import LANGUAGES as CATALOGUES
from remediator.locales.__main__ import compiled, po_path, renewed, texts, untranslated
from remediator.simulator.process import SimulatorProcess
from tests.command import environment, remediate


def messages(language: str) -> dict[str, str]:
    with po_path(language).open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file) if m.id}


@pytest.mark.parametrize("language", CATALOGUES)
def test_a_catalogue_has_every_text_and_none_is_left_over(language: str) -> None:
    """A text without a translation is shown in English, so an author need not know Chinese."""
    assert sorted(messages(language)) == sorted(set(texts())), "run make generate"


def test_a_text_without_a_translation_stays_english_and_is_named() -> None:
    catalogue = Catalog(locale="zh_CN")
    catalogue.add("known", "已知")
    catalogue.add("new", "")
    assert untranslated(catalogue) == ["new"]
    shown = gettext.GNUTranslations(io.BytesIO(compiled(catalogue)))
    assert (shown.gettext("known"), shown.gettext("new")) == ("已知", "new")


@pytest.mark.parametrize("language", CATALOGUES)
def test_a_translation_has_the_same_places_for_values_and_the_same_commands(language: str) -> None:
    for text, translated in messages(language).items():
        if not translated:
            continue  # it is shown in English
        for pattern in (r"\{\w+\}", r"--[a-z-]+", r"`[^`]+`"):
            wanted, got = (sorted(set(re.findall(pattern, t))) for t in (text, translated))
            assert got == wanted, text


@pytest.mark.parametrize("language", CATALOGUES)
def test_the_compiled_catalogue_is_that_of_the_text(language: str) -> None:
    with po_path(language).with_suffix(".mo").open("rb") as file:
        known = gettext.GNUTranslations(file)
    fresh = gettext.GNUTranslations(io.BytesIO(renewed(language)[1]))
    for text in messages(language):
        assert known.gettext(text) == fresh.gettext(text)


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
