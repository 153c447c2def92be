"""Put the libraries that a page of HTML embeds into the package: `make assets`.

It needs npm. Each library has a fixed version and the digest of its archive, as the registry told
it when the version was chosen. The licence of each stands beside it.
"""

import base64
import hashlib
import re
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.places import ROOT

VENDOR: Final = ROOT / "remediator/views/html/assets/vendor"
JUDGES: Final = ROOT / ".browser"
"""Where `make browser` keeps what only its tests use."""

_MAP: Final = re.compile(r"\n?//# sourceMappingURL=\S+\s*$")
"""Where a script says that it has a map. The map is not in the page."""


@dataclass(frozen=True)
class Library:
    """One library, its archive, and what is taken out of it."""

    name: str
    version: str
    integrity: str
    """The digest of the archive, as npm writes it."""
    files: Mapping[str, tuple[str, str]]
    """The files of the archive, what they are called here, and their SHA-256 as they are here."""


EMBEDDED: Final = (
    Library(
        "chart.js",
        "4.6.1",
        "sha512-hJyniucsFmq//EvXYvJ6c6mahPoI3kaxdjVH8awTaJ/fDNWeSqqqArixMJWkWNN6fcYvPU3HneSANFNYtRi61g==",
        {
            "dist/chart.umd.min.js": (
                "chart.umd.min.js",
                "c17f2ce49fb9c71ef7fb39c03f868804ac5ab34730149976eebe6b7f807bef0c",
            ),
            "LICENSE.md": (
                "chart.LICENSE.md",
                "41a84aa2caba645f966a18d9c2056b73e6d3a81d80bc0046bc0011a2634d4cce",
            ),
        },
    ),
    # The last version that comes as one script. Later ones need a bundler.
    Library(
        "@tanstack/table-core",
        "8.21.3",
        "sha512-ldZXEhOBb8Is7xLs01fR3YEc3DERiz5silj8tnGkFZytt1abEvl/GhUmCE0PMLaMPTa3Jk4HbKmRlHmu+gCftg==",
        {
            "build/umd/index.production.js": (
                "table-core.js",
                "59a11dedd0a5a78a6ac5aab751447615028e9bdc2ce8eca40e00e8b251f04ff9",
            ),
            "LICENSE": (
                "table-core.LICENSE",
                "9db3f8ddd7031ab264b99bec49c221155d0c8649b53dd4aa007f2041d36cdf5f",
            ),
        },
    ),
)

AXE: Final = Library(
    "axe-core",
    "4.14.1",
    "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
    {
        "axe.min.js": (
            "axe.min.js",
            "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c",
        )
    },
)
"""Judges whether everybody can use a page. It is not part of the package."""


def fetched(library: Library) -> dict[str, str]:
    """The files of a library, by what they are called here.

    Raises:
        SystemExit: npm is missing or fails, or the archive is not the one that was chosen.
    """
    with TemporaryDirectory() as folder:
        wanted = f"{library.name}@{library.version}"
        try:
            subprocess.run(
                ["npm", "pack", "--silent", "--pack-destination", folder, wanted],  # noqa: S607
                check=True,
                stdout=subprocess.DEVNULL,
            )
        except (OSError, subprocess.CalledProcessError) as error:
            raise SystemExit(f"npm pack {wanted}: {error}; it needs npm and its registry") from None
        (archive,) = Path(folder).iterdir()
        told = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if f"sha512-{told}" != library.integrity:
            raise SystemExit(f"{wanted}: the archive is another one: sha512-{told}")
        with tarfile.open(archive) as opened:
            found = {
                here: _read(opened, f"package/{there}", here)
                for there, (here, _digest) in library.files.items()
            }
    for here, digest in library.files.values():
        if digest_of(found[here]) != digest:
            raise SystemExit(f"{wanted}: {here} is another one: {digest_of(found[here])}")
    return found


def digest_of(text: str) -> str:
    """The SHA-256 of a file."""
    return hashlib.sha256(text.encode()).hexdigest()


def _read(archive: tarfile.TarFile, there: str, here: str) -> str:
    found = archive.extractfile(there)
    if found is None:
        raise SystemExit(f"the archive has no {there}")
    text = found.read().decode("utf-8").replace("\r\n", "\n")
    return _MAP.sub("\n", text) if here.endswith(".js") else text


def put(library: Library, folder: Path) -> None:
    """Write the files of a library into a folder."""
    folder.mkdir(exist_ok=True)
    for name, text in fetched(library).items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def main(arguments: list[str]) -> None:
    """Write the embedded libraries, or with `--judges` what the browser tests use."""
    if arguments == ["--judges"]:
        put(AXE, JUDGES)
        return
    for library in EMBEDDED:
        put(library, VENDOR)


if __name__ == "__main__":
    main(sys.argv[1:])
