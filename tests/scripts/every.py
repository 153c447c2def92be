"""The list of all scripts that run inside a VM."""

from tests.places import SCRIPTS

EVERY = sorted(path for path in SCRIPTS.iterdir() if path.suffix in (".sh", ".ps1"))
