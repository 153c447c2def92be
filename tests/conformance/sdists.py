"""Recordings in the source distributions of Microsoft's SDK."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

from tests.conformance import install
from tests.conformance.cassette import Pair, read

PACKAGES = (
    ("azure-mgmt-resource", "10.3.0"),
    ("azure-mgmt-resource", "15.0.0"),
    ("azure-mgmt-compute", "12.0.0"),
    ("azure-mgmt-compute", "17.0.0"),
    ("azure-mgmt-compute", "19.0.0"),
    ("azure-mgmt-compute", "23.0.0"),
    ("azure-mgmt-compute", "30.0.0"),
)


def pairs() -> Iterator[Pair]:
    """All pairs of all packages. Packages that are missing are fetched.

    Raises:
        NotInstalledError: a package cannot be fetched.
    """
    for package, version in PACKAGES:
        for path in _recordings(package, version):
            yield from read(path)


def _recordings(package: str, version: str) -> list[Path]:
    folder = install.sdist(package, version)
    with zipfile.ZipFile(next(folder.glob("*.zip"))) as archive:
        names = [n for n in archive.namelist() if "/tests/recordings/" in n and "." in n[-5:]]
        archive.extractall(folder, names)
    return [folder / name for name in names]
