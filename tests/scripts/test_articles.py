"""Scripts and playbooks use nothing that Microsoft's articles mangle or contradict."""

import re

from tests.places import PLAYBOOKS
from tests.scripts.every import EVERY

BOOKS = sorted(PLAYBOOKS.glob("*.yaml"))
MANGLED = re.compile(r"msdtc-(un)?install\b|icacls%|tune2fs-l\b")
"""Commands as the zh-TW article prints them: without the space before their first argument."""
COPY_ONLY = re.compile("USEVSSCOPYBACKUP|UseVssFullBackup", re.IGNORECASE)


def test_no_command_of_the_mangled_article_is_used() -> None:
    for text in ("msdtc-uninstall", "icacls%systemdrive%", "tune2fs-l \\/dev/sdb1"):
        assert MANGLED.search(text)
    for path in (*EVERY, *BOOKS):
        assert not MANGLED.search(path.read_text("utf-8")), path.name


def test_whether_vss_copies_only_is_never_written_since_the_articles_contradict() -> None:
    for path in (*EVERY, *BOOKS):
        for line in path.read_text("utf-8").splitlines():
            if COPY_ONLY.search(line) and not line.lstrip().startswith("#"):
                assert path.stem == "diagnose-windows", path.name
                assert not re.search(r"\b(set|new|add|remove)\b", line, re.IGNORECASE), line


def test_application_control_is_told_the_path_of_windows() -> None:
    told = [path.read_text("utf-8") for path in BOOKS if "AppLocker" in path.read_text("utf-8")]
    assert told
    for text in told:
        assert "C:\\Packages\\Plugins\\Microsoft.Azure.RecoveryServices.VMSnapshot" in text
        assert "/var/lib" not in text
