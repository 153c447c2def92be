"""Sentences are told in the language asked for. Azure's own words stay as they are."""

import re
from collections.abc import Iterator

import pytest

from remediator.language import catalogue_of, speak
from remediator.language.translation import filled, translated
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
        ("The flux of the machine is not aligned, and so is its backup.", None),
        (
            "Azure says: The disk of the machine is on.",
            "Azure 报告：The disk of the machine is on.",
        ),
        ("lock-of-mine", None),
        # Chinese has the moment in the middle, and no space beside its own letters.
        (
            (
                "rung one was taken at 10:00Z, and its script reported a problem; "
                "so the ladder goes on at two"
            ),
            "补救级 one 已于 10:00Z 执行，其脚本报告了问题；因此阶梯从 two 继续",
        ),
        ("the VM is running", "VM 的电源状态为正在运行"),
        ("its agent is not-ready (GET /x)", "其代理的状态为未就绪 (GET /x)"),
        ("done: start VM web", "已完成：启动 VM web"),
        # Parentheses in a value, before and inside of those at the end.
        (
            "the vault has no recovery point (protectionState X), its agent is ready (GET /x)",
            "保管库没有恢复点（protectionState 为 X），其代理的状态为就绪 (GET /x)",
        ),
        (
            "no playbook has the code A (title = A (GET /x)), so nothing is changed",
            "没有 playbook 包含代码 A（title = A (GET /x)），因此不做任何更改",
        ),
        # What is put behind a sentence.
        (
            "--cloud 'chna' is not one of public, china; did you mean china?",
            "--cloud 'chna' 不是 public, china 之一；您是否指 china？",
        ),
        (
            (
                "ScopeLocked (409) on PUT /x: The scope is locked, and stays so; "
                "a management lock forbids it [correlation id 1-2]"
            ),
            "The scope is locked, and stays so；管理锁禁止此操作 [关联 ID 1-2]",
        ),
    ],
)
def test_a_sentence_is_told_again_with_its_values(english: str, told: str | None) -> None:
    found = translated(english)
    assert found.endswith(told or english)
    assert (found == english) == (told is None)


@pytest.mark.usefixtures("chinese")
def test_a_value_that_is_a_sentence_is_told_inside_of_a_text_too() -> None:
    why = "the vault does not tell whether it is immutable (GET /v)"
    assert (
        filled("not known: {reason}", {"reason": why}) == "未知：保管库未说明其是否不可变（GET /v）"
    )
    assert filled("not known: {reason}", {"reason": "unknown"}) == "未知：unknown"


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize(
    "text",
    [
        "to be put back: az lock create '--notes=ask me, nothing to do, now' --name keep",
        "run by hand: az lock create '--notes=a: nothing to do, see: nothing to do'",
        "the next remedy: remediate --job-id 'nothing to do: x, nothing to do' --dry-run",
        "az lock create '--notes=x; nothing to do'",
    ],
)
def test_a_command_is_never_told_in_other_words(text: str) -> None:
    command = text[re.search("az |remediate ", text).start() :]  # type: ignore[union-attr]
    assert translated(text).endswith(command)


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize("text", ["a, " * 2000, "is on; " * 2000, "(x: y, " * 2000])
def test_a_long_text_of_azure_is_shown_as_it_is(text: str) -> None:
    assert translated(text) == text


@pytest.mark.usefixtures("chinese")
def test_a_text_that_nearly_fits_costs_no_more_than_its_length() -> None:
    """With regular expressions, one text of this kind took longer than anybody waits."""
    told = {text for text in catalogue_texts() if text.count("{") > 2}
    assert told
    for text in told:
        first, *pieces = re.split(r"\{\w+\}", text)
        near = first + "".join(f"x{piece}" for piece in pieces) * 40 + "!"
        assert "!" in translated(near)


def catalogue_texts() -> list[str]:
    catalogue = catalogue_of("zh-CN")
    assert catalogue is not None
    return list(catalogue.texts)


def test_in_english_nothing_is_touched() -> None:
    assert translated("take lock keep off group-1") == "take lock keep off group-1"
