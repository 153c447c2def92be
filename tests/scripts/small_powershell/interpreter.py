"""The interpreter: runs a script file with its arguments, and gives what it printed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.scripts.parsed import PARSER
from tests.scripts.small_powershell.base import Exited, Node
from tests.scripts.small_powershell.calls import Calls
from tests.scripts.small_powershell.expressions import Expressions
from tests.scripts.small_powershell.statements import Statements


class Interpreter(Expressions, Statements, Calls):
    """All parts together."""

    def script(self, node: Node, output: list[Any]) -> None:
        """Run a script. `exit` ends it, and no other."""
        assert not node.has_error
        try:
            self.trapped(node, output)
        except Exited as exited:
            self.globals.variables["lastexitcode"] = exited.code


def play(path: Path, arguments: Mapping[str, str]) -> str:
    """Run a script file, as `pwsh -File` would. What it prints is returned.

    Raises:
        PowerShellError: an error that the script does not catch.
    """
    interpreter = Interpreter()
    interpreter.globals.script = True
    interpreter.globals.variables |= {
        "psscriptroot": str(path.parent),
        **{name.lower(): value for name, value in arguments.items()},
    }
    interpreter.script(PARSER.parse(path.read_bytes()).root_node, [])
    return "".join(f"{line}\n" for line in interpreter.printed)
