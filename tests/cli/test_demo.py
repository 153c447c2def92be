"""The guided tour: what it shows and in which order, what it keeps, and that it ends its cloud."""

import json
import os
import re
import socket
from pathlib import Path
from urllib.parse import urlsplit

from tests.command import Ended, remediate

ORDER = (
    "$ remediate scan",
    "7 failed: ",
    "--dry-run",
    "Can be fixed: 2 changes",
    "Fix web: ",
    "RECOVERED  web",
    "Fix api: ",
    "RECOVERED  api",
    "Fix files: ",
    "RECOVERED  files",
    "What was proved",
    "The reports, the records and the audit trail",
    "Try it yourself",
)


def tour(folder: Path, cwd: Path | None = None, **more: str) -> Ended:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("REMEDIATE_")}
    env = kept | {"TMPDIR": str(folder), "COLUMNS": "100"} | more
    return remediate("demo", env=env, cwd=cwd)


def test_what_is_set_for_real_work_does_not_count_in_the_tour(tmp_path: Path) -> None:
    (tmp_path / "remediate.toml").write_text("cloud = 'china'\nmax-targets = 0\n", "utf-8")
    here = {"REMEDIATE_CLOUD": "china", "REMEDIATE_LANG": "zh-CN"}
    ended = tour(tmp_path, tmp_path, **here).check(0)
    assert ended.out.count("已恢复正常  ") == 3


def test_a_tour_that_cannot_begin_its_runs_ends_without_an_internal_error(tmp_path: Path) -> None:
    ended = tour(tmp_path, REQUESTS_CA_BUNDLE="/nowhere").check(3)
    assert "internal error" not in ended.err
    assert "Try it yourself" in ended.out


def test_the_tour_shows_its_faces_in_order_and_keeps_the_reports(tmp_path: Path) -> None:
    ended = tour(tmp_path).check(0)
    places = [ended.out.find(face) for face in ORDER]
    assert places == sorted(places), ended.out
    assert min(places) >= 0, ended.out

    last = ended.out.rpartition("The reports, the records")[2]
    for vm in ("web", "api", "files"):
        [told] = re.findall(rf"^  (\S+/{vm}\.json)$", last, re.MULTILINE)
        assert json.loads(Path(told).read_text("utf-8"))["verdict"]["ending"] == "recovered"
        [told] = re.findall(rf"^  (\S+/{vm}\.md)$", last, re.MULTILINE)
        assert Path(told).read_text("utf-8").startswith("# ")
    [runs] = re.findall(r"^  (\S+/runs)$", last, re.MULTILINE)
    assert len(list(Path(runs).glob("*.jsonl"))) == 3

    address = re.search(r"http://127\.0\.0\.1:\d+", ended.out)
    assert address is not None
    with socket.socket() as asking:
        assert asking.connect_ex(("127.0.0.1", urlsplit(address[0]).port or 0)) != 0
