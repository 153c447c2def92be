"""Hostile input to the commands that read files or texts: one line, no harm, a quick end."""

import json
import os
from pathlib import Path

import pytest

from tests.command import Ended, completed
from tests.controls import controls

ENV = {k: v for k, v in os.environ.items() if not k.startswith(("AZURE_", "REMEDIATE_"))}
SOON = 15.0
"""Real seconds, on a busy machine. A command that runs away takes minutes."""

CONTROL = (
    "\x1b]0;t\x07\x1b[31mThe VM is in failed\u202e provisioning state\x9b2J\x00 [red]$(id)`id`"
)


def soon(*arguments: str, stdin: bytes = b"") -> Ended:
    """Run a command. Its stdin is bytes that need not be text."""
    code, out, err = completed("remediator", *arguments, env=ENV, stdin=stdin, within=SOON)
    ended = Ended(code, out.decode(), err.decode())
    assert "Traceback" not in ended.out + ended.err
    assert controls(ended.out + ended.err) == set()
    return ended


def deep(opening: str, times: int) -> bytes:
    return (opening * times).encode()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (CONTROL.encode(), 0),
        (b"\xff\xfe\x00\xd8" * 100, 3),
        (deep("A", 1_000_000), 3),
        (deep("The VM is in failed provisioning state. ", 25_000), 0),
        (deep("已达到还原点集合的", 40_000), 3),
        (deep("{", 200_000), 3),
        (deep('{"a":', 100_000), 3),
        (deep("[", 500_000), 3),
        (deep("web-", 200_000), 3),
        (deep("web.", 200_000), 3),
        (deep("'", 500_000), 3),
        (deep("1/2/", 200_000), 3),
        (deep("/subscriptions/", 60_000), 3),
        (deep("\n", 1_000_000) + b"x", 3),
        (deep("Code: 1", 100_000), 3),
    ],
)
def test_any_text_is_explained_soon(text: bytes, code: int) -> None:
    assert soon("explain", "-", stdin=text).code == code
    told = soon("explain", "-", "--format", "json", stdin=text)
    assert told.code == code
    assert json.loads(told.out)["schema_version"] == "1"


def test_a_wrong_code_is_not_used_as_a_path_or_a_pattern() -> None:
    for word in ("../../etc/passwd", "*", ".*", "%s%n", "{vm}", "--", "\u202eX", "a\x1b[2Jb"):
        assert soon("explain", "--", word).code == 3
        assert soon("playbooks", "show", "--", word).code == 64


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(9)
)
FINE = """\
codes: [Fine]
title: "{title}"
sources: [https://example.invalid]
causes: ["{title}"]
ladder: []
manual: {{text: "{title}"}}
"""


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (BOMB.encode(), "values of it"),
        (b"codes: &a [*a]\n", "wrong.yaml"),
        (b"codes: &a {x: *a}\n", "wrong.yaml"),
        (b"&a\ncodes: *a\n", "wrong.yaml"),
        (deep("- ", 20_000), "deep"),
        (b"codes:\n" + b"".join(b" " * n + b"- \n" for n in range(1, 1200)), "wrong.yaml"),
        (deep("[", 20_000), "deep"),
        (deep("a: {", 20_000), "deep"),
        (b"\xff\xfe\x00", "wrong.yaml:1"),
        (b"codes: [\x1b[31mred]\n", "wrong.yaml:1"),
        (deep("# a comment\n", 100_000), "larger than"),
        (b"!!python/object/apply:os.system [touch pwned]\n", "mapping"),
        (b"codes: !!python/name:os.system ''\n", "wrong.yaml"),
        (b"- 1\n- 2\n", "mapping"),
        (b"", "mapping"),
        (b"\x00", "wrong.yaml:1"),
        (b"? [a, b]\n: c\n", "wrong.yaml"),
        (b"%YAML 9.9\n---\n", "wrong.yaml"),
        (b"codes: [A]\nmessages: {A: {en: [[[]]]}}\n", "messages.A.en"),
        (b"codes: [A]\nmessages: [A]\n", "messages"),
        (b"codes: [A]\nmessages: {B: {en: much too short a code}}\n", "not one of codes"),
        (b"codes: [A]\nmessages: {A: {en: 'no. '}}\n", "too short"),
        (b"codes: [A]\nnamed_here: [B]\n", "not one of codes"),
        (b"codes: [A]\nnumbers: {B: 400001}\n", "wrong.yaml:2: 'B' is not one of codes"),
        (b"codes: [A]\nnumbers: [400001]\n", "wrong.yaml:2: numbers"),
        (b"codes: [A]\nnumbers: {A: '400001'}\n", "numbers.A: Input should be a valid integer"),
        (b"codes: [A]\nnumbers: {A: 500}\n", "numbers.A: Input should be greater"),
        (b"codes: [A]\nnumbers: {A: true}\n", "numbers.A: Input should be a valid integer"),
        (b"codes: [A, B]\nnumbers: {A: 400001, B: 400001}\n", "belongs to code A already"),
    ],
)
def test_validate_refuses_what_is_no_playbook(content: bytes, says: str, tmp_path: Path) -> None:
    (tmp_path / "wrong.yaml").write_bytes(content)
    ended = soon("playbooks", "validate", str(tmp_path))
    assert ended.code == 64
    assert says in ended.err
    assert all(line.startswith("remediate: ") for line in ended.err.splitlines())
    # The file does just as little harm when it is read as a file of cases.
    (tmp_path / "wrong.yaml").rename(tmp_path / "wrong.cases.yaml")
    assert soon("playbooks", "test", str(tmp_path)).code == 64
    assert not list(tmp_path.glob("pwned"))


def test_an_error_shows_no_line_of_the_file(tmp_path: Path) -> None:
    """The user may have named the wrong file, such as one with a password."""
    (tmp_path / "wrong.yaml").write_text("codes: Sesame1\ncodes: Sesame2\n", "utf-8")
    said = soon("playbooks", "validate", str(tmp_path)).err
    assert "wrong.yaml:2: " in said
    assert "Sesame" not in said


def test_a_path_that_is_no_folder_or_that_holds_folders_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").mkdir()
    for folder in (tmp_path, tmp_path / "nowhere", Path("/dev/null")):
        assert soon("playbooks", "validate", str(folder)).code == 64
        assert soon("playbooks", "test", str(folder)).code == 64


def test_a_playbooks_own_words_are_escaped_wherever_they_are_shown(tmp_path: Path) -> None:
    title = "\\e]0;t\\a \\u202egnp [bold]b[/] $(id) `id`"
    (tmp_path / "fine.yaml").write_text(FINE.format(title=title), encoding="utf-8")
    mine = ("--playbooks", str(tmp_path))
    for verb in (("explain", "Fine"), ("playbooks", "list"), ("playbooks", "show", "Fine")):
        shown = soon(*verb, *mine)
        assert shown.code == 0
        assert "[bold]b[/]" in shown.out.replace("\n", "")
