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


def _python(name: str, program: str, *packages: str) -> Path:
    """A virtual environment with these packages; its program once it is complete."""
    found = HOME / name / "bin" / program
    if not found.exists():
        say(f"installing {' '.join(packages)} into {HOME / name}; this takes minutes")
        venv.create(HOME / name, with_pip=True)
        pip = [str(HOME / name / "bin" / "python"), "-m", "pip", "install", "--quiet", *packages]
        subprocess.run(pip, check=True)
    return found


def azure_cli() -> Path:
    return _python("az", "az", f"azure-cli=={AZURE_CLI}")


def custodian() -> Path:
    """The Python that has Cloud Custodian: it is started through a wrapper."""
    _python("c7n", "custodian", f"c7n=={C7N}", f"c7n_azure=={C7N_AZURE}")
    return HOME / "c7n" / "bin" / "python"


def oav() -> Path:
    modules = HOME / "oav" / "node_modules"
    found = modules / ".bin" / "oav"
    if not found.exists():
        say(f"installing oav {OAV} into {HOME / 'oav'}")
        (HOME / "oav").mkdir(parents=True, exist_ok=True)
        npm = ["npm", "install", "--no-fund", "--no-audit", "--silent", f"oav@{OAV}"]
        subprocess.run(npm, cwd=HOME / "oav", check=True)
    # The package forgets this template and crashes after the judgement without it.
    template = modules / "oav" / "dist" / "lib" / "templates" / "baseLayout.mustache"
    if not template.exists():
        template.write_text("{{! stub }}\n", encoding="utf-8")
    return found


def sdist(package: str, version: str) -> Path:
    """A folder with a package's source distribution, which may hold recordings."""
    folder = HOME / "sdists" / f"{package}-{version}"
    if not any(folder.glob("*.zip")):
        say(f"fetching the source distribution of {package} {version}")
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        pip += ["--no-binary", ":all:", "--no-build-isolation", "--dest", str(folder)]
        subprocess.run([*pip, f"{package}=={version}"], check=True)
    return folder
