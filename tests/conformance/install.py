"""Install the judges. Each has a folder of its own, which later runs reuse.

Everything comes from PyPI and npm, through pip and npm. The machine itself must have Python with
venv (Debian: python3-venv) and, for oav only, Node.js with npm (Debian: nodejs, npm).
"""

import shutil
import subprocess
import sys
import venv
from pathlib import Path

from tests.places import ROOT

HOME = ROOT / ".conformance"

AZURE_CLI = "2.91.0"
OAV = "4.0.3"
C7N, C7N_AZURE = "0.9.53", "0.7.52"
BUILDERS = ("setuptools==80.9.0", "wheel==0.45.1")
"""pip builds the metadata of a source distribution before it hands it over. These build it."""


class NotInstalledError(Exception):
    """A judge cannot be installed here. The message is one line that says what is missing."""


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _ready(folder: Path, *packages: str) -> bool:
    """Whether a folder holds exactly these packages, completely. Its marker is written last."""
    marker = folder / ".ready"
    return marker.exists() and marker.read_text(encoding="utf-8").split() == list(packages)


def _done(folder: Path, *packages: str) -> None:
    (folder / ".ready").write_text("\n".join(packages) + "\n", encoding="utf-8")


def _run(what: str, *command: str, cwd: Path | None = None) -> None:
    """Run an installer. If it fails, raise `NotInstalledError` with its error line."""
    try:
        done = subprocess.run(
            command, cwd=cwd, capture_output=True, encoding="utf-8", errors="replace", check=False
        )
    except OSError as error:
        raise NotInstalledError(f"{what} cannot be installed: {error}") from error
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["it said nothing"]
        told = next((line for line in lines if line.lower().startswith("error")), lines[-1])
        raise NotInstalledError(f"{what} cannot be installed: {told.strip()}")


def _python(name: str, program: str, *packages: str) -> Path:
    """The path of a program in a virtual environment with these packages."""
    folder, what = HOME / name, " ".join(packages)
    if not _ready(folder, *packages):
        say(f"installing {what} into {folder}; this takes minutes")
        try:
            venv.create(folder, with_pip=True, clear=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise NotInstalledError(
                f"{what} cannot be installed: no virtual environment can be made here "
                f"(Debian: apt-get install python3-venv): {error}"
            ) from error
        python = str(folder / "bin" / "python")
        _run(what, python, "-m", "pip", "install", "--quiet", *packages)
        _done(folder, *packages)
    return folder / "bin" / program


def azure_cli() -> Path:
    return _python("az", "az", f"azure-cli=={AZURE_CLI}")


def custodian() -> Path:
    """The Python with Cloud Custodian. A wrapper starts the program."""
    return _python("c7n", "python", f"c7n=={C7N}", f"c7n_azure=={C7N_AZURE}")


def oav() -> Path:
    folder, package = HOME / "oav", f"oav@{OAV}"
    modules = folder / "node_modules"
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise NotInstalledError(
                f"{package} cannot be installed: {program} is missing "
                "(Debian: apt-get install nodejs npm)"
            )
    if not _ready(folder, package):
        say(f"installing {package} into {folder}")
        folder.mkdir(parents=True, exist_ok=True)
        npm = ["npm", "install", "--prefix", str(folder), "--no-fund", "--no-audit", package]
        _run(package, *npm, "--silent", cwd=folder)
        # The package lacks this template, and without it crashes after it has judged.
        template = modules / "oav" / "dist" / "lib" / "templates" / "baseLayout.mustache"
        template.write_text("{{! stub }}\n", encoding="utf-8")
        _done(folder, package)
    return modules / ".bin" / "oav"


def sdist(package: str, version: str) -> Path:
    """A folder with the source distribution of a package. It may hold recordings."""
    folder = HOME / "sdists" / f"{package}-{version}"
    if not any(folder.glob("*.zip")):
        python = _python("builders", "python", *BUILDERS)
        say(f"fetching the source distribution of {package} {version}")
        pip = [str(python), "-m", "pip", "download", "--quiet", "--no-deps"]
        pip += ["--no-binary", ":all:", "--no-build-isolation", "--dest", str(folder)]
        _run(f"{package} {version}", *pip, f"{package}=={version}")
    return folder
