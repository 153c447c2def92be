"""The places of folders in the repository, so that no module counts its parent folders."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
DOCS: Final = ROOT / "docs"
EXAMPLES: Final = ROOT / "examples"
PLAYBOOKS: Final = ROOT / "playbooks"
SCRIPTS: Final = PLAYBOOKS / "scripts"
TESTS: Final = ROOT / "tests"
CASES: Final = TESTS / "playbooks"
"""The case files."""
DATA: Final = TESTS / "data"
RECORDINGS: Final = ROOT.parent / "shared" / "recordings"
"""Recorded traffic of real Azure. It is not part of the repository, and may be absent."""
SPECIFICATIONS: Final = ROOT.parent / "shared" / "specs" / "specification"
"""Microsoft's specifications. They may be absent too."""
