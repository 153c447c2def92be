"""Sentences are told in the language asked for. Azure's own words stay as they are."""

from collections.abc import Iterator

import pytest

from remediator.language import speak
from remediator.language.translation import translated
from remediator.locales.sentences import patterns


@pytest.fixture
def chinese() -> Iterator[None]:
    speak("zh-CN")
    yield
    speak("en")


def test_the_code_tells_its_sentences_and_their_values() -> None:
    code = '''
"""A docstring is for developers."""
def made(lock, jobs):
    """And so is this one."""
    words = "select source target".split()
    raise TypeError("two of them have one name")
    told = f"lock {lock.name} of {str(lock.owner)} is on" + f", seen {lock.seen} times"
    return told, "plain words of ours", f"{len(jobs)} jobs, {'many of them' if jobs else ''}"
'''
    assert [text for _line, text in patterns(code)] == [
        "lock {name} of {owner} is on, seen {seen} times",
        "plain words of ours",
        "{jobs} jobs, {value}",
        "many of them",
    ]


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize(
    ("english", "told"),
    [
        ("take lock keep off group-1", "从 group-1 上移除锁 keep"),
        ("back up web now and follow the job", "立即备份 web 并跟踪作业"),
        # A sentence inside a sentence.
        (
            "useless without another step, which is held: take lock keep off group-1",
            "：从 group-1 上移除锁 keep",
        ),
        # Azure's own sentences, whole and inside of ours.
        ("The flux of the machine is not aligned with its backup.", None),
        (
            "Azure says: The disk of the machine is on.",
            "Azure 报告：The disk of the machine is on.",
        ),
        ("lock-of-mine", None),
    ],
)
def test_a_sentence_is_told_again_with_its_values(english: str, told: str | None) -> None:
    found = translated(english)
    assert found.endswith(told or english)
    assert (found == english) == (told is None)


def test_in_english_nothing_is_touched() -> None:
    assert translated("take lock keep off group-1") == "take lock keep off group-1"
