"""Installing the judges, each into a folder of its own that later runs reuse."""

import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parents[2]
HOME = ROOT / ".conformance"
SPECS = ROOT.parent / "shared" / "specs" / "specification"

AZURE_CLI = "2.91.0"
OAV = "4.0.3"
C7N, C7N_AZURE = "0.9.53", "0.7.52"


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _ready(folder: Path, *packages: str) -> bool:
    """Whether a folder holds exactly these, completely: its marker is written last."""
    marker = folder / ".ready"
    return marker.exists() and marker.read_text(encoding="utf-8").split() == list(packages)


def _done(folder: Path, *packages: str) -> None:
    (folder / ".ready").write_text("\n".join(packages) + "\n", encoding="utf-8")


def _python(name: str, program: str, *packages: str) -> Path:
    """A virtual environment with these packages, and its program."""
    folder = HOME / name
    if not _ready(folder, *packages):
        say(f"installing {' '.join(packages)} into {folder}; this takes minutes")
        venv.create(folder, with_pip=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", *packages]
        subprocess.run(pip, check=True)
        _done(folder, *packages)
    return folder / "bin" / program


def azure_cli() -> Path:
    return _python("az", "az", f"azure-cli=={AZURE_CLI}")


def custodian() -> Path:
    """The Python that has Cloud Custodian: it is started through a wrapper."""
    return _python("c7n", "python", f"c7n=={C7N}", f"c7n_azure=={C7N_AZURE}")


def oav() -> Path:
    folder, package = HOME / "oav", f"oav@{OAV}"
    modules = folder / "node_modules"
    if not _ready(folder, package):
        say(f"installing {package} into {folder}")
        folder.mkdir(parents=True, exist_ok=True)
        npm = ["npm", "install", "--prefix", str(folder), "--no-fund", "--no-audit", package]
        subprocess.run([*npm, "--silent"], cwd=folder, check=True)
        # The package forgets this template and crashes after the judgement without it.
        template = modules / "oav" / "dist" / "lib" / "templates" / "baseLayout.mustache"
        template.write_text("{{! stub }}\n", encoding="utf-8")
        _done(folder, package)
    return modules / ".bin" / "oav"


def sdist(package: str, version: str) -> Path:
    """A folder with a package's source distribution, which may hold recordings."""
    folder = HOME / "sdists" / f"{package}-{version}"
    if not any(folder.glob("*.zip")):
        say(f"fetching the source distribution of {package} {version}")
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        pip += ["--no-binary", ":all:", "--no-build-isolation", "--dest", str(folder)]
        subprocess.run([*pip, f"{package}=={version}"], check=True)
    return folder
