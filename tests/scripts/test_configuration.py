"""The Linux scripts that change a file of the backup extension. They really run, in a sandbox."""

import json
from pathlib import Path

import pytest

from tests.scripts.sandbox import Guest, Said

CONF = "/etc/azure/vmbackup.conf"
PLUGIN = "/etc/azure/VMSnapshotScriptPluginConfig.json"
LOG = "/var/log/azure/Microsoft.Azure.RecoveryServices.VMSnapshotLinux/extension.log"
USUAL = "; what the extension reads\n[Other]\nseqsnapshot = 0\n\n[SnapshotThread]\nfsfreeze: True\n"


@pytest.fixture
def guest(tmp_path: Path) -> Guest:
    guest = Guest(tmp_path / "root")
    guest.write(CONF, USUAL)
    return guest


def mounts(guest: Guest, *points: str) -> None:
    """Write the list of mounts in the kernel's format."""
    lines = [f"/dev/sd{n} {point} ext4 rw 0 0" for n, point in enumerate(points)]
    guest.write("/proc/self/mounts", "\n".join(lines) + "\n")


def attempt(*failed: str, what: str = "FIFREEZE") -> str:
    """The extension's log of one attempt to freeze."""
    lines = ["arg : ['/x/main/safefreeze/bin/safefreeze', '60', '/']", "Freezing: /fine"]
    lines += [f"Failed to {what}: {mount}" for mount in failed]
    return "".join(f"2026-01-02 11:22:56 {line}\n" for line in lines)


def changes_once(guest: Guest, name: str, path: str) -> Said:
    """Check: the script changes only this file, a second run changes nothing, undo restores it."""
    before = guest.files()
    mode = guest.path(path).stat().st_mode if guest.path(path).exists() else None
    first = guest.run(name)
    assert first.changed
    assert first.answer["before"] != first.answer["after"]
    now = guest.files()
    assert mode in (None, guest.path(path).stat().st_mode)
    beside = {f for f in now if now[f] != before.get(f)}
    assert all(
        f == path.removeprefix("/") or f.startswith("var/lib/remediate/undo/") for f in beside
    )
    again = guest.run(name)
    assert (again.changed, again.answer["undo"]) == ([], None)
    assert again.answer["after"] == first.answer["after"]
    assert guest.files() == now
    guest.undo(first)
    assert guest.files().get(path.removeprefix("/")) == before.get(path.removeprefix("/"))
    return first


def test_the_mount_that_failed_to_freeze_is_skipped_from_now_on(guest: Guest) -> None:
    mounts(guest, "/", "/data", "/old")
    guest.write(LOG, attempt("/old") + attempt("/data with error message: Device or resource busy"))
    said = changes_once(guest, "fs-freeze", CONF).fine()
    assert said.answer["before"] == {"MountsToSkip": "", "failed": ["/data"]}
    assert said.answer["after"]["not_consistent"] == ["/data"]
    guest.run("fs-freeze").fine()
    assert guest.path(CONF).read_text() == USUAL.replace(
        "[SnapshotThread]\n", "[SnapshotThread]\nMountsToSkip = /data\n"
    )


def test_what_was_skipped_stays_skipped_and_is_written_as_the_extension_compares(
    guest: Guest,
) -> None:
    guest.write(
        CONF, "[SnapshotThread]\r\nmountstoskip : /a ,\t/b\r\n  , /c\r\nfsfreeze = True\r\n"
    )
    mounts(guest, "/", "/a", "/b", "/data dir", "/data dir")
    guest.write(LOG, attempt("/data dir", "/b").replace("\n", "\r\n"))
    mounts_now = guest.path("/proc/self/mounts")
    mounts_now.write_text(mounts_now.read_text().replace("data dir", "data\\040dir"))
    said = changes_once(guest, "fs-freeze", CONF).fine()
    assert said.answer["after"]["MountsToSkip"] == "/a,/b,/data dir"
    assert said.answer["after"]["mounted_twice"] == ["/data dir"]


def test_thawing_is_blamed_only_when_nothing_failed_to_freeze(guest: Guest) -> None:
    mounts(guest, "/", "/boot", "/usr/sap")
    guest.write(LOG, attempt("/boot") + attempt("/usr/sap", what="FITHAW")[len(attempt()) :])
    assert guest.run("fs-freeze").fine().changed == ["MountsToSkip += /boot"]
    guest.write(CONF, USUAL)
    guest.write(LOG, "2017-11-02 11:22:56 Failed to FITHAW: /boot\n")
    assert guest.run("fs-freeze").fine().changed == ["MountsToSkip += /boot"]


def test_the_root_what_is_not_mounted_and_hostile_names_are_never_skipped(guest: Guest) -> None:
    hostile = [
        "/",
        "/gone",
        "/a,b",
        "/a%(x)s",
        '/a";$(touch pwned)`touch pwned`\\',
        "/\u00e4\u4e2d\U0001f600",
        "-e /data",
        "/x\x1b[31m\x07",
    ]
    mounts(guest, *(name.replace("\\", "\\134").replace(" ", "\\040") for name in hostile))
    guest.write(
        "/proc/self/mounts", guest.path("/proc/self/mounts").read_text().replace("/gone", "/")
    )
    guest.write(LOG, attempt(*hostile).encode() + b"Failed to FIFREEZE: /\xff\xc0\x80\n")
    untouched = guest.path(CONF).read_bytes()
    said = guest.run("fs-freeze")
    assert "refused" in said.problem
    assert said.changed == []
    assert guest.path(CONF).read_bytes() == untouched
    told = said.answer["after"]["refused"]
    assert told[0] == "/ (the root cannot be skipped)"
    assert told[1] == "/gone (not mounted now)"
    for name in hostile[2:]:
        assert any(line.startswith(name) for line in told), name
    assert any(line.startswith("/\ufffd\ufffd\ufffd") for line in told)
    assert not list(guest.root.rglob("pwned"))


def test_no_mount_poses_as_another(guest: Guest) -> None:
    """Names with a line break, a part of a name, and a name like one that is skipped already."""
    guest.write(CONF, "[SnapshotThread]\nMountsToSkip = /data/sub,/x\\ty\n")
    mounts(guest, "/", "/x\\012/posed", "/data")
    guest.write(LOG, attempt("/posed", "/dat", "/data"))
    said = guest.run("fs-freeze")
    assert "refused" in said.problem
    assert said.answer["after"]["refused"] == ["/posed (not mounted now)", "/dat (not mounted now)"]
    assert guest.path(CONF).read_text() == (
        "[SnapshotThread]\nMountsToSkip = /data/sub,/x\\ty,/data\n"
    )


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (b"/\xe0\x80\xaf|", "/\ufffd|"),
        (b"/\xed\xa0\x80|", "/\ufffd|"),
        (b"/\xc3|\xe4\xb8|\xf0\x9f", "/\ufffd|\ufffd|\ufffd"),
        (b"/\xff\xc0\x80|", "/\ufffd\ufffd\ufffd|"),
        (b"/\xf0\x9f\x98\x80|\x7f", "/\U0001f600|\x7f"),
    ],
)
def test_bytes_that_are_no_text_are_told_as_such(guest: Guest, name: bytes, told: str) -> None:
    mounts(guest, "/")
    guest.write(LOG, b"Failed to FIFREEZE: " + name + b"\n")
    assert guest.run("fs-freeze").answer["before"]["failed"] == [told]


def test_many_and_long_names_still_fit_into_the_answer(guest: Guest) -> None:
    names = [f"/{number}/" + "\u4e2d" * 300 for number in range(40)]
    mounts(guest, *names)
    guest.write(LOG, attempt(*names))
    said = guest.run("fs-freeze")
    assert {"cut": True} in (said.answer["before"], said.answer["after"])
    assert said.problem


@pytest.mark.parametrize(
    "log", [None, "nothing of note\n", attempt(), attempt("/data") + attempt()]
)
def test_without_a_failure_in_the_log_nothing_is_done(guest: Guest, log: str | None) -> None:
    mounts(guest, "/", "/data")
    if log is not None:
        guest.write(LOG, log)
    before = guest.files()
    # The sandbox's own path is long, so the end of the message may be cut.
    said = "has no log at" if log is None else "nothing was changed"
    assert said in guest.run("fs-freeze").problem
    assert guest.files() == before


def test_the_mark_of_a_failed_snapshot_is_cleared(guest: Guest) -> None:
    guest.write(CONF, USUAL + "IsAnySnapshotFailed = True\nisanysnapshotfailed = True\n")
    said = changes_once(guest, "snapshot-failed-flag", CONF).fine()
    assert said.answer["before"] == {"isanysnapshotfailed": "True"}
    assert said.answer["after"] == {"isanysnapshotfailed": "False"}
    guest.run("snapshot-failed-flag")
    assert guest.path(CONF).read_text() == USUAL + "isanysnapshotfailed = False\n"


@pytest.mark.parametrize("conf", [USUAL, USUAL + "isanysnapshotfailed: false\n", None])
def test_a_mark_that_is_not_there_needs_no_change(guest: Guest, conf: str | None) -> None:
    if conf is None:
        guest.path(CONF).unlink()
    else:
        guest.write(CONF, conf)
    before = guest.files()
    assert guest.run("snapshot-failed-flag").fine().changed == []
    assert guest.files() == before


@pytest.mark.parametrize(
    ("conf", "then"),
    [
        (USUAL, USUAL.replace("Thread]\n", "Thread]\nseqsnapshot = 2\n")),
        ("[SnapshotThread]\nseqsnapshot=1", "[SnapshotThread]\nseqsnapshot = 2\n"),
        ("# none\n", "# none\n[SnapshotThread]\nseqsnapshot = 2\n"),
        ("", "[SnapshotThread]\nseqsnapshot = 2\n"),
        (None, "[SnapshotThread]\nseqsnapshot = 2\n"),
    ],
)
def test_snapshots_one_after_another(guest: Guest, conf: str | None, then: str) -> None:
    if conf is None:
        guest.path(CONF).unlink()
    else:
        guest.write(CONF, conf).chmod(0o640)
    changes_once(guest, "sequential-snapshot", CONF).fine()
    guest.run("sequential-snapshot")
    assert guest.path(CONF).read_text() == then


@pytest.mark.parametrize(
    ("was", "then"),
    [
        ("", "SafeFreezeWaitInSeconds = 600\n"),
        ("safefreezewaitinseconds = 66\n", "SafeFreezeWaitInSeconds = 600\n"),
        ("SafeFreezeWaitInSeconds: 0599\n", "SafeFreezeWaitInSeconds = 600\n"),
    ],
)
def test_freezing_gets_ten_minutes(guest: Guest, was: str, then: str) -> None:
    guest.write(CONF, f"[SnapshotThread]\n{was}MountsToSkip = /x\n").chmod(0o640)
    changes_once(guest, "freeze-wait", CONF).fine()
    guest.run("freeze-wait")
    assert guest.path(CONF).read_text() == f"[SnapshotThread]\n{then}MountsToSkip = /x\n"


@pytest.mark.parametrize("was", ["600", "3600", "99999999999999999999"])
def test_more_time_to_freeze_is_left(guest: Guest, was: str) -> None:
    guest.write(CONF, USUAL + f"SafeFreezeWaitInSeconds={was}\n")
    before = guest.files()
    assert guest.run("freeze-wait").fine().changed == []
    assert guest.files() == before


def test_a_time_to_freeze_that_is_no_number_is_left(guest: Guest) -> None:
    guest.write(CONF, USUAL + "SafeFreezeWaitInSeconds = -1\n")
    before = guest.files()
    assert "not a number" in guest.run("freeze-wait").problem
    assert guest.files() == before


CHANGE_A_KEY = ["fs-freeze", "snapshot-failed-flag", "sequential-snapshot", "freeze-wait"]


@pytest.mark.parametrize("name", CHANGE_A_KEY)
@pytest.mark.parametrize(
    ("conf", "says"),
    [
        ("\ufeff[SnapshotThread]\n".encode(), "conf-encoding"),
        ("[SnapshotThread]\n".encode("utf-16"), "conf-encoding"),
        ("[SnapshotThread]\n".encode("utf-16-be"), "conf-encoding"),
        (b"[SnapshotThread]\nfsfreeze=True\n[SnapshotThread]\n", "twice"),
        (None, "symbolic link"),
    ],
)
def test_a_file_that_cannot_be_read_surely_is_left_alone(
    guest: Guest, name: str, conf: bytes | None, says: str
) -> None:
    mounts(guest, "/", "/data")
    guest.write(LOG, attempt("/data"))
    if conf is None:
        guest.path(CONF).unlink()
        guest.path(CONF).symlink_to(guest.write("/etc/passwd", "root"))
    else:
        guest.write(CONF, conf)
    before = guest.files()
    assert says in guest.run(name).problem
    assert guest.files() == before


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_the_configuration_becomes_ascii(guest: Guest, encoding: str) -> None:
    text = "# von M\u00fcller \u4e2d\n[SnapshotThread]\nMountsToSkip = /data\n"
    guest.write(CONF, text.encode(encoding))
    changes_once(guest, "conf-encoding", CONF).fine()
    guest.run("conf-encoding")
    assert guest.path(CONF).read_bytes() == text.encode("ascii", "replace")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1", "utf-32"])
@pytest.mark.parametrize("letter", ["\u00e4", "\u00b5"])
def test_a_setting_beyond_ascii_is_told_and_kept(guest: Guest, letter: str, encoding: str) -> None:
    guest.write(CONF, f"[SnapshotThread]\nMountsToSkip = /d{letter}t\n".encode(encoding))
    before = guest.files()
    assert "nothing was changed" in guest.run("conf-encoding").problem
    assert guest.files() == before


def test_the_scripts_of_a_backup_get_more_time(guest: Guest) -> None:
    text = '{\n\t"pluginName" : "ScriptRunner",\n\t"timeoutInSeconds" : 30,\n\t"x": "\u00e4"\n}\n'
    guest.write(PLUGIN, text).chmod(0o600)
    said = changes_once(guest, "pre-script-timeout", PLUGIN).fine()
    assert said.answer["before"] == {"timeoutInSeconds": 30}
    guest.run("pre-script-timeout")
    assert guest.path(PLUGIN).read_text() == text.replace("30", "1800")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{timeoutInSeconds: 30}", "not JSON"),
        ('{"timeout": 30}', "not JSON"),
        ("[]", "not JSON"),
        ('{"note": "\\"timeoutInSeconds\\": 1", "timeoutInSeconds"\n: 30}', "without rewriting"),
        (None, "no pre-script"),
    ],
)
def test_a_plugin_file_that_is_not_understood_is_left_alone(
    guest: Guest, text: str | None, says: str
) -> None:
    if text is not None:
        guest.write(PLUGIN, text)
    before = guest.files()
    assert says in guest.run("pre-script-timeout").problem
    assert guest.files() == before


def test_more_time_than_needed_is_left(guest: Guest) -> None:
    guest.write(PLUGIN, json.dumps({"timeoutInSeconds": 1800}))
    assert guest.run("pre-script-timeout").fine().changed == []


def test_neither_arguments_nor_environment_say_anything(guest: Guest) -> None:
    mounts(guest, "/", "/data")
    guest.write(LOG, attempt("/data"))
    guest.write("evil/json.py", "raise SystemExit(9)")
    guest.write(PLUGIN, '{"timeoutInSeconds": 30}')
    names = ["PATH", "IFS", "ENV", "before", "after", "changed", "undo", "folder", "conf", "log"]
    names += ["name", "failed", "skipped", "refused", "twice", "mounts", "part", "line", "list"]
    said = guest.run(
        "fs-freeze", "--root", "/evil", environment=dict.fromkeys(names, "/evil")
    ).fine()
    assert said.changed == ["MountsToSkip += /data"]
    assert said.answer["before"]["failed"] == ["/data"]
    evil = str(guest.path("/evil"))
    python = {"PYTHONPATH": evil, "PYTHONHOME": evil}
    assert guest.run("pre-script-timeout", environment=python).fine().changed


@pytest.mark.parametrize(
    ("name", "tool"),
    [
        ("fs-freeze", "tail"),
        ("fs-freeze", "od"),
        ("sequential-snapshot", "awk"),
        ("sequential-snapshot", "cmp"),
        ("snapshot-failed-flag", "grep"),
        ("conf-encoding", "tr"),
        ("pre-script-timeout", "python3"),
        ("pre-script-timeout", "date"),
    ],
)
def test_a_missing_tool_is_told_and_nothing_is_changed(guest: Guest, name: str, tool: str) -> None:
    mounts(guest, "/", "/data")
    guest.write(LOG, attempt("/data"))
    if name == "conf-encoding":
        guest.write(CONF, USUAL.encode("utf-16"))
    if name == "snapshot-failed-flag":
        guest.write(CONF, USUAL + "isanysnapshotfailed = True\n")
    guest.write(PLUGIN, '{"timeoutInSeconds": 30}')
    guest.without(tool)
    before = guest.files()
    said = guest.run(name)
    assert tool.rstrip("3") in said.problem.lower()
    assert said.changed == []
    assert guest.files() == before
