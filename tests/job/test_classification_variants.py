"""A message in another form is still known. A sentence that is only near a message is not.

The tests use every message of `data/failures.yaml`. They test the built-in catalogue only with the
messages that it has.
"""

import random
import re
from collections.abc import Callable, Iterator

import pytest

from remediator.job.dictionary import Dictionary, Entry, Known, Message
from remediator.job.failure import Confidence, classify
from remediator.job.wording import message
from tests.job.messages import CATALOGUE, LANGUAGES, ROWS, TEXTS, error, has_playbook, job

ALL = Dictionary(
    (Entry(code, playbook=row["codes"][0]) for row in ROWS for code in row["codes"]),
    (
        Message(message(text), row["codes"][0])
        for row in ROWS
        for language in LANGUAGES
        for text in row.get(language, ())
    ),
)
HAN = re.compile(r"[\u4e00-\u9fff]")
WIDE = str.maketrans(",:;()?!-+/.", "，：；（）？！－＋／．")
NARROW = str.maketrans("，：；（）。＋“”", ',:;().+""')
VM = "/subscriptions/0000-1/resourceGroups/rg app/providers/Microsoft.Compute/virtualMachines/web"
NAMES = (
    "'web-01'",
    "“sql_prod”",
    "「VM-7」",
    '"fileserver.contoso.local"',
    "web01",
    "(3)",
    "{0}",
    "[12]",
    VM.replace(" ", "-"),
    "4b0a9c0e-6a54-4d1e-9a38-1f0a2b3c4d5e",
    "{4B0A9C0E-6A54-4D1E-9A38-1F0A2B3C4D5E}",
    "2026-01-02T03:04:05.678Z",
    "1/2/2026 3:04:05 PM",
)
WRAPPED = (
    "Error Code: 400239\nError Message: {}\nRecommended Action: look again.",
    "Backup failed on web-01: {} (Activity ID: 4b0a9c0e-6a54-4d1e-9a38-1f0a2b3c4d5e)",
    "Task 'Take Snapshot' ended with an error. {} Please contact the owner of 'web'.",
    "错误：{}。请稍后重试。",
    "作业失败。错误消息：“{}” 活动 ID：4b0a9c0e-6a54-4d1e-9a38-1f0a2b3c4d5e",
    "錯誤訊息：{}；請連絡系統管理員。",
    "[2026-01-02 03:04:05] {} | web-01",
)


def edges(text: str) -> list[int]:
    """The places where an insertion cuts no word: at spaces, and between Chinese characters."""
    return [
        n
        for n in range(1, len(text))
        if text[n] == " " or (HAN.match(text[n]) and HAN.match(text[n - 1]))
    ]


def spaced(text: str, chance: random.Random) -> str:
    for at in sorted(chance.sample(edges(text), min(3, len(edges(text)))), reverse=True):
        text = text[:at] + chance.choice((" ", "  ", "\u00a0", "\t", "\u3000", "\n")) + text[at:]
    return text


def unspaced(text: str, _: random.Random) -> str:
    return re.sub(r"(?<=[\u4e00-\u9fff]) +| +(?=[\u4e00-\u9fff])", "", text)


def named(text: str, chance: random.Random) -> str:
    places = [0, *edges(text), len(text)]
    at = chance.choice(places)
    return f"{text[:at]} {chance.choice(NAMES)} {text[at:]}"


def stopped(text: str, chance: random.Random) -> str:
    return text.rstrip(".。：: ") + chance.choice(("", ".", "。", "．", " 。", "!", "...", ";"))


def cased(text: str, chance: random.Random) -> str:
    return chance.choice((str.upper, str.lower, str.title, str.swapcase))(text)


def wrapped(text: str, chance: random.Random) -> str:
    return chance.choice(WRAPPED).format(text)


def hidden(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text))
    return text[:at] + chance.choice("\u200b\u00ad\u200e\ufeff") + text[at:]


MUTATIONS: tuple[Callable[[str, random.Random], str], ...] = (
    spaced,
    unspaced,
    named,
    stopped,
    cased,
    wrapped,
    hidden,
    lambda text, _: text.translate(WIDE),
    lambda text, _: text.translate(NARROW),
    lambda text, _: "".join(
        chr(ord(c) + 0xFEE0) if c.isalpha() and c.isascii() else c for c in text
    ),
    lambda text, _: text.replace("'", "’"),
)


def mutated() -> Iterator[tuple[str, tuple[str, ...], str]]:
    chance = random.Random(20260102)  # noqa: S311 - a test must use the same values each time
    for text, codes, where in TEXTS:
        for _ in range(8):
            changed = text
            chosen = chance.sample(MUTATIONS, chance.choice((1, 1, 2, 3)))
            for mutation in sorted(chosen, key=lambda m: m is wrapped):
                changed = mutation(changed, chance)
            yield changed, codes, where


MUTATED = list(mutated())


def missed(known: Known, codes: Callable[[str], bool]) -> list[str]:
    found = (
        (where, text, classify(job(error(text)), known), wanted)
        for text, wanted, where in MUTATED
        if codes(wanted[0])
    )
    return [
        f"{where}: {text!r}: {failure.code} ({failure.evidence})"
        for where, text, failure, wanted in found
        if failure.code not in wanted or failure.confidence is not Confidence.TEXT
    ]


def test_a_thousand_variants_and_more_are_known() -> None:
    assert len(MUTATED) >= 1_000
    assert len({text for text, *_ in MUTATED}) >= 1_000
    assert missed(ALL, lambda _: True) == []


def test_the_built_in_catalogue_knows_the_variants_of_its_messages() -> None:
    assert missed(CATALOGUE, has_playbook) == []


STATEMENTS = sorted(
    {
        text.rstrip(".。：")
        for text, *_ in TEXTS
        if not re.search(r"[.。:：]\s*\S| - |[,，;\"]|Please|[请請]", text.rstrip(".。："))
    }
)
"""Messages of one statement: if one part is missing, the rest is no message."""


def near_misses() -> Iterator[str]:
    for text in STATEMENTS:
        if HAN.search(text):
            yield text[:-2]
            yield text[2:]
            yield f"如果{text}"
            yield f"{text}的原因不明"
            continue
        words = text.split()
        yield " ".join(words[:-1])
        yield " ".join(words[: len(words) // 2])
        yield " ".join(words[1:] if words[0].lower() not in ("the", "a", "an") else words[2:])
        yield " ".join([*words[:-1], "unicorn"])
        yield " ".join([*words[: len(words) // 2], "never", *words[len(words) // 2 :]])
        yield f"It was checked whether {text}"
        yield f"{text} Server"


@pytest.mark.parametrize("known", [ALL, CATALOGUE], ids=["all", "built-in"])
def test_what_is_only_near_a_message_is_not_known(known: Known) -> None:
    messages = {message(text) for text, *_ in TEXTS}
    tried = [text for text in near_misses() if message(text) not in messages]
    assert len(tried) >= 100
    found = ((text, classify(job(error(text)), known)) for text in tried)
    assert [(text, f.code, f.candidates) for text, f in found if f.known or f.candidates] == []


@pytest.mark.parametrize(
    "text",
    [
        # A negation was removed or added.
        "VM is in a state that allows backups.",
        "The VM is not in failed provisioning state",
        "The VM is in succeeded provisioning state",
        "Snapshot operation did not fail due to COM+ error",
        "Copying backed up data from vault never timed out",
        "VM Agent able to communicate with Azure Backup",
        "The virtual machine does exist",
        "The Restore Point collection max limit has not been reached.",
        "VM 处于允许备份的状态。",
        "VM 未处于预配失败状态",
        "虚拟机存在",
        "未达到还原点集合的最大限制。",
        "VM 代理可以与 Azure 备份进行通信",
        "VM 目前的狀態允許備份。",
        "虛擬機器存在",
        # Another noun, or one word that changes the meaning.
        "Snapshot operation failed due to COM error",
        "由于 COM 错误导致快照操作失败",
        "Copying backed up data from disk timed out",
        "SQL Agent unable to communicate with Azure Backup",
        "VM Agent unable to communicate with Azure Backup Server",
        "VM Agent unable to communicate with Azure Site Recovery",
        "The configured memory size(s) is currently not supported by Azure Backup.",
        "Snapshot operation failed due to no network connectivity on the storage account",
        "failure to install Visual C++ Redistributable for Visual Studio 2012",
        "由于 Visual C++ Redistributable for Visual Studio 2019 安装失败，因此快照操作失败。",
        "Snapshot operation failed due to VSS (Volume Shadow Copy) service in good state.",
        "从保管库复制备份的数据成功",
        "扩展状态支持备份操作",
        "无法与 SQL 代理通信以获取快照状态",
        "已达到存储帐户的最大限制。",
        "找不到 Azure 存储帐户。",
        # Only a part of a message.
        "VM is not in a state",
        "Could not communicate with the VM agent",
        "Could not perform the operation",
        "Unable to initiate backup",
        "Backup failed",
        "Backup failed due to an error.",
        "无法执行该操作",
        "无法启动备份",
        "备份失败",
        "快照操作失败",
        "快照集作業失敗",
        "因為 VM 已經不存在",
        # Codes that are cut, lengthened, or part of another word.
        "UserErrorRpCollectionLimit",
        "UserErrorRpCollectionLimitReachedTwice",
        "XUserErrorRpCollectionLimitReached",
        "UserErrorRpCollectionLimitReached.log was written",
        "see C:\\logs\\x-UserErrorRpCollectionLimitReached",
        "https://example.invalid/UserErrorRpCollectionLimitReached",
        "/subscriptions/s/resourceGroups/UserErrorRpCollectionLimitReached/providers/x",
        "User Error Rp Collection Limit Reached",
        "OperationNotAllowed",
        "Code=OperationNotAllowed; too many requests",
        "The disk has 320001 blocks",
        "1320001",
        "3200010",
        # No message at all.
        "",
        " ",
        "。。。",
        "+",
        "\x00\x1b[2J",
        "{" * 500,
        '{"code": ["Locked"]}',
        '{"message": "all is well", "code": null}',
    ],
)
def test_none_of_these_is_a_known_failure(text: str) -> None:
    for known in (ALL, CATALOGUE):
        found = classify(job(error(text), dynamic=text), known)
        assert (found.known, found.candidates) == (False, ())


@pytest.mark.parametrize("code", [code for row in ROWS for code in row["codes"] if len(code) > 9])
def test_a_cut_code_is_not_known(code: str) -> None:
    for cut in (code[:-3], code[3:], code + "x"):
        found = classify(job(error(f"It ended with {cut}.", title=cut)), ALL)
        assert not found.known
        assert not found.candidates
