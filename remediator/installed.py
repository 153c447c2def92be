"""Where the files lie that came with the tool."""

from importlib.resources import files
from pathlib import Path


def built_in_folder() -> Path:
    """The folder of the playbooks that came with the tool.

    In an installed wheel the folder lies inside the package. In a source tree it lies beside the
    package.
    """
    package = Path(str(files("remediator")))
    inside = package / "playbooks"
    return inside if inside.is_dir() else package.parent / "playbooks"
