"""What the parts of the interpreter share: scopes, and the flow of control."""

from dataclasses import dataclass, field
from typing import Any

import tree_sitter

from tests.scripts.small_powershell.values import PowerShellError

Node = tree_sitter.Node


class Returned(Exception):  # noqa: N818 - it is no error
    """A `return`, with the output until then. A method returns its value whole."""

    def __init__(self, output: list[Any], whole: Any) -> None:
        super().__init__()
        self.output = output
        self.whole = whole


class Broken(Exception):  # noqa: N818
    """A `break`."""


class Continued(Exception):  # noqa: N818
    """A `continue`."""


class Exited(Exception):  # noqa: N818
    """An `exit`, with its code."""

    def __init__(self, code: int) -> None:
        super().__init__()
        self.code = code


class Scope:
    """Variables. A scope sees those of the scopes from which it was called."""

    def __init__(self, parent: "Scope | None", *, script: bool = False) -> None:
        self.variables: dict[str, Any] = {}
        self.parent = parent
        self.script = script

    def holder(self, name: str) -> "Scope | None":
        """The nearest scope that has the variable."""
        scope: Scope | None = self
        while scope is not None and name not in scope.variables:
            scope = scope.parent
        return scope

    def of_script(self) -> "Scope":
        """The scope of the script that runs."""
        scope = self
        while scope.parent is not None and not scope.script:
            scope = scope.parent
        return scope


@dataclass(frozen=True)
class Parameter:
    """A parameter of a function or method."""

    name: str
    kind: str | None = None
    default: Node | None = None


@dataclass(frozen=True)
class Function:
    """A function of a script."""

    name: str
    parameters: tuple[Parameter, ...]
    body: Node | None


@dataclass(frozen=True)
class Method:
    """A method of a class, or its constructor."""

    parameters: tuple[Parameter, ...]
    body: Node | None
    returns: str


@dataclass
class Class:
    """A class of a script."""

    name: str
    static: dict[str, Any] = field(default_factory=dict)
    properties: list[Parameter] = field(default_factory=list)
    methods: dict[str, list[Method]] = field(default_factory=dict)


class Instance:
    """An object of such a class."""

    def __init__(self, kind: Class) -> None:
        self.kind = kind
        self.properties: dict[str, Any] = {}


class Base:
    """The state of the interpreter, and what each part needs of the others."""

    def __init__(self) -> None:
        self.globals = Scope(None)
        self.globals.variables |= {
            "true": True, "false": False, "null": None, "pid": 4711,
            "erroractionpreference": "Continue",
        }  # fmt: skip
        self.scope = self.globals
        self.strict = False
        self.caught: PowerShellError | None = None
        self.functions: dict[str, Function] = {}
        self.classes: dict[str, Class] = {}
        self.printed: list[str] = []

    def value(self, node: Node) -> Any:
        """The value of an expression."""
        raise NotImplementedError

    def of_pipeline(self, node: Node) -> Any:
        """The value of a pipeline, or of a statement that is used as a value."""
        raise NotImplementedError

    def run(self, node: Node, output: list[Any]) -> None:
        """Run a statement."""
        raise NotImplementedError

    def run_all(self, node: Node, output: list[Any]) -> None:
        """Run the statements of a block."""
        raise NotImplementedError

    def invoke(self, block: Any, arguments: list[Any], item: Any) -> list[Any]:
        """Run a block of code that is a value."""
        raise NotImplementedError

    def command(self, node: Node, piped: list[Any]) -> list[Any]:
        """Run a command."""
        raise NotImplementedError

    def method(self, target: Any, name: str, arguments: list[Any]) -> Any:
        """Call a method."""
        raise NotImplementedError

    def property(self, target: Any, name: str) -> Any:
        """Read a property."""
        raise NotImplementedError

    def assign(self, node: Node, value: Any) -> None:
        """Set a variable, an element or a property."""
        raise NotImplementedError

    def parameters(self, node: Node | None) -> tuple[Parameter, ...]:
        """The parameters of a list of them."""
        raise NotImplementedError


def said(node: Node) -> str:
    """The text of a node."""
    assert node.text is not None
    return node.text.decode()


def child(node: Node, *kinds: str) -> Node | None:
    """The first child of one of these types."""
    return next((each for each in node.children if each.type in kinds), None)


def the(node: Node, *kinds: str) -> Node:
    """The same, which must be there."""
    found = child(node, *kinds)
    assert found is not None, (node.type, kinds, said(node)[:80])
    return found


def children(node: Node | None, *kinds: str) -> list[Node]:
    """All children of one of these types."""
    return [each for each in node.children if each.type in kinds] if node is not None else []


def variable(node: Node) -> str:
    """The name of a variable."""
    return said(node)[1:].strip("{}").lower()


def bracketed(node: Node) -> str:
    """The name of a type."""
    return said(node)[1:-1]
