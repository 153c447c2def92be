"""Calls: functions, commands of PowerShell, methods and properties."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.scripts.parsed import PARSER
from tests.scripts.small_powershell import dotnet
from tests.scripts.small_powershell.base import (
    Base,
    Class,
    Instance,
    Node,
    Parameter,
    Returned,
    Scope,
    child,
    children,
    said,
)
from tests.scripts.small_powershell.expressions import cast
from tests.scripts.small_powershell.values import (
    NOTHING,
    ArrayList,
    Block,
    Bytes,
    CustomObject,
    Hash,
    PowerShellError,
    TypeName,
    number,
    plain,
    text,
    together,
    truth,
    unique,
)

EMPTY: dict[str | None, Any] = {"string": "", "int": 0, "switch": False, "bool": False}
"""What a parameter is that nobody gave."""
SWITCHES = {"compress", "ashashtable", "unique"}


class Calls(Base):
    """The part that calls things."""

    def script(self, node: Node, output: list[Any]) -> None:
        """Run a script as a part of the one that runs."""
        raise NotImplementedError

    # --- commands and functions ---

    def command(self, node: Node, piped: list[Any]) -> list[Any]:
        """Run a command: a function, a command of PowerShell, a script, or a block of code."""
        if node.children[0].type == "command_invokation_operator":
            return self._invoked(node)
        name = said(node.named_children[0]).lower()
        function = self.functions.get(name)
        kinds = {p.name: p.kind for p in function.parameters} if function else {}
        positional: list[Any] = []
        named: dict[str, Any] = {}
        given = [
            each
            for part in children(node, "command_elements")
            for each in part.children
            if each.type != "command_argument_sep"
        ]
        while given:
            each = given.pop(0)
            if each.type != "command_parameter":
                positional.append(self._argument(each))
                continue
            key = said(each)[1:].lower()
            if kinds.get(key) == "switch" or key in SWITCHES:
                named[key] = True
            else:
                named[key] = self._argument(given.pop(0))
        if function is not None:
            return self.call(name, positional, named)
        known = getattr(self, "_" + re.sub(r"\W", "_", name), None)
        if known is None:
            raise PowerShellError(f"The term '{name}' is not recognized.")
        result: list[Any] = known(positional, named, piped)
        return result

    def _argument(self, node: Node) -> Any:
        return said(node) if node.type == "generic_token" else self.value(node)

    def _invoked(self, node: Node) -> list[Any]:
        inner = node.children[1].named_children[0]
        if inner.type == "path_command_name":
            inner = inner.named_children[0]
        target = self.value(inner)
        if isinstance(target, Block):
            return self.invoke(target, [], NOTHING)
        root = PARSER.parse(Path(target).read_bytes()).root_node
        output: list[Any] = []
        outer, strict = self.scope, self.strict
        if said(node.children[0]) == "&":
            self.scope = Scope(outer, script=True)
        try:
            self.script(root, output)
        finally:
            self.scope, self.strict = outer, strict
        return output

    def call(self, name: str, positional: list[Any], named: Mapping[str, Any]) -> list[Any]:
        """Call a function of a script."""
        function, scope = self.functions[name], Scope(self.scope)
        bound = dict(named)
        if "erroraction" in bound:
            scope.variables["erroractionpreference"] = bound.pop("erroraction")
        free = [p for p in function.parameters if p.name not in bound and p.kind != "switch"]
        if len(positional) > len(free):
            raise PowerShellError(f"{name}: too many arguments")
        bound |= {p.name: given for p, given in zip(free, positional, strict=False)}
        if unknown := set(bound) - {p.name for p in function.parameters}:
            raise PowerShellError(f"{name}: no parameter {unknown}")
        for each in function.parameters:
            scope.variables[each.name] = self._bound(each, bound)
        scope.variables["psboundparameters"] = Hash(dict.fromkeys(bound, True))
        return self._in(scope, function.body)

    def _bound(self, parameter: Parameter, bound: Mapping[str, Any]) -> Any:
        if parameter.name in bound:
            return cast(bound[parameter.name], parameter.kind)
        if parameter.default is not None:
            return cast(self.value(parameter.default), parameter.kind)
        return EMPTY.get(parameter.kind)

    def _in(self, scope: Scope, body: Node | None) -> list[Any]:
        """The output of a body that runs in a scope."""
        outer, self.scope = self.scope, scope
        output: list[Any] = []
        try:
            for part in children(body, "script_block_body"):
                self.run_all(part, output)
        except Returned as returned:
            return returned.output
        finally:
            self.scope = outer
        return output

    def invoke(self, block: Any, arguments: list[Any], item: Any) -> list[Any]:
        """Run a block of code that is a value. The item is its $_."""
        scope = Scope(self.scope)
        if item is not NOTHING:
            scope.variables["_"] = item
        declared = child(block.node, "param_block")
        listed = None if declared is None else child(declared, "parameter_list")
        names = [p.name for p in self.parameters(listed)]
        scope.variables |= dict(zip(names, arguments, strict=True))
        if block.node.type != "program":
            return self._in(scope, child(block.node, "script_block"))
        output: list[Any] = []
        outer, self.scope = self.scope, scope
        try:
            self.run_all(block.node, output)
        finally:
            self.scope = outer
        return output

    # --- commands of PowerShell: what was given by place and by name, and what was piped ---

    def _set_strictmode(self, _p: list[Any], _n: dict[str, Any], _i: list[Any]) -> list[Any]:
        self.strict = True
        return []

    def _where_object(self, given: list[Any], _n: dict[str, Any], piped: list[Any]) -> list[Any]:
        return [each for each in piped if truth(together(self.invoke(given[0], [], each)))]

    def _foreach_object(self, given: list[Any], _n: dict[str, Any], piped: list[Any]) -> list[Any]:
        return [put for each in piped for put in self.invoke(given[0], [], each)]

    def _select_object(self, _p: list[Any], named: dict[str, Any], piped: list[Any]) -> list[Any]:
        first = number(named.get("first", 0))
        return piped[:first] if "first" in named else piped[-number(named["last"]) :]

    def _sort_object(self, _p: list[Any], named: dict[str, Any], piped: list[Any]) -> list[Any]:
        def key(each: Any) -> Any:
            by = named.get("property")
            value = each if by is None else together(self.invoke(by, [], each))
            return value.lower() if isinstance(value, str) else value

        ordered = sorted(piped, key=key)
        return unique(ordered) if "unique" in named else ordered

    def _convertto_json(self, _p: list[Any], named: dict[str, Any], _i: list[Any]) -> list[Any]:
        return [json.dumps(to_json(named["inputobject"]), separators=(",", ":"))]

    def _convertfrom_json(self, _p: list[Any], named: dict[str, Any], _i: list[Any]) -> list[Any]:
        return [from_json(json.loads(named["inputobject"]))]

    def _microsoft_powershell_utility_new_object(
        self, _p: list[Any], named: dict[str, Any], _i: list[Any]
    ) -> list[Any]:
        given = named.get("argumentlist") or [0]
        made: dict[str, Callable[[], Any]] = {
            "byte[]": lambda: Bytes([0] * number(given[0])),
            "system.collections.arraylist": ArrayList,
            "system.diagnostics.processstartinfo": dotnet.ProcessStartInfo,
        }
        return [made[named["typename"].lower()]()]

    # --- methods and properties ---

    def method(self, target: Any, name: str, arguments: list[Any]) -> Any:
        """Call a method of an object or, statically, of a type."""
        word = name.lower()
        if isinstance(target, TypeName):
            return self._static(target.name.lower(), word, arguments)
        if isinstance(target, Instance):
            return self._own(target.kind, target, word, arguments)
        if target is None:
            raise PowerShellError(f"You cannot call a method on a null-valued expression: {name}")
        if isinstance(target, str):
            return dotnet.of_text(target, word, arguments)
        if isinstance(target, ArrayList):
            return dotnet.of_list(target, word, arguments)
        if isinstance(target, Hash):
            return dotnet.of_hash(target, word, arguments)
        if isinstance(target, datetime):
            return dotnet.of_time(target, word, arguments)
        if word == "gettype":
            return TypeName("Int32" if isinstance(target, int) else type(target).__name__)
        for each in dir(target):
            if each.lower() == word:
                return getattr(target, each)(*arguments)
        raise PowerShellError(f"There is no method {name} on {target!r}")

    def _static(self, kind: str, word: str, arguments: list[Any]) -> Any:
        if (made := self.classes.get(kind)) is not None:
            return (
                self._new(made, arguments)
                if word == "new"
                else self._own(made, None, word, arguments)
            )
        if (kind, word) == ("regex", "replace"):
            value, pattern, block = arguments
            return re.sub(
                pattern,
                lambda m: text(together(self.invoke(block, [dotnet.Match(m)], NOTHING))),
                value,
            )
        if (kind, word) == ("scriptblock", "create"):
            return Block(PARSER.parse(arguments[0].encode()).root_node)
        return dotnet.METHODS[kind, word](*arguments)

    def _new(self, kind: Class, arguments: list[Any]) -> Instance:
        made = Instance(kind)
        for each in kind.properties:
            default = EMPTY.get(each.kind) if each.default is None else self.value(each.default)
            made.properties[each.name] = default
        if kind.name.lower() in kind.methods:
            self._own(kind, made, kind.name.lower(), arguments)
        return made

    def _own(self, kind: Class, this: Instance | None, word: str, arguments: list[Any]) -> Any:
        """Call a method of a class of a script: the one with so many parameters."""
        [method] = [m for m in kind.methods[word] if len(m.parameters) == len(arguments)]
        scope = Scope(self.scope)
        for each, given in zip(method.parameters, arguments, strict=True):
            scope.variables[each.name] = cast(given, each.kind)
        scope.variables["this"] = this
        outer, self.scope = self.scope, scope
        try:
            for part in children(method.body, "script_block_body"):
                self.run_all(part, [])
        except Returned as returned:
            return (
                NOTHING
                if method.returns == "void"
                else cast_returned(returned.whole, method.returns)
            )
        finally:
            self.scope = outer
        assert method.returns == "void", f"{kind.name}.{word} returns nothing"
        return NOTHING

    def property(self, target: Any, name: str) -> Any:
        """Read a property. Strict mode refuses one that is not there."""
        word = name.lower()
        if isinstance(target, TypeName):
            return self._static_property(target.name.lower(), word)
        if isinstance(target, Instance) and word in target.properties:
            return target.properties[word]
        if isinstance(target, CustomObject) and target.properties.has(name):
            return target.properties.get(name)
        if isinstance(target, Hash):
            found = of_hash(target, name)
            if found is not NOTHING:
                return found
        if word in ("count", "length") and isinstance(target, list | str):
            return len(target)
        if word == "count" and target is not None and not hasattr(target, "Count"):
            return 1
        if type(target) is list and target:
            return [self.property(each, name) for each in target]
        for each in dir(target) if target is not None else ():
            if each.lower() == word:
                return getattr(target, each)
        raise PowerShellError(f"The property '{name}' cannot be found on this object ({target!r}).")

    def _static_property(self, kind: str, word: str) -> Any:
        if kind in self.classes:
            return self.classes[kind].static[word]
        if kind in dotnet.ENUMERATIONS:
            return dotnet.ENUMERATIONS[kind][word]
        if (kind, word) == ("console", "out"):
            return Printer(self.printed)
        return dotnet.VALUES[kind, word]()


class Printer:
    """The output of the process."""

    def __init__(self, printed: list[str]) -> None:
        self._printed = printed

    def WriteLine(self, line: str) -> Any:  # noqa: N802 - .NET's name
        """Print a line."""
        self._printed.append(line)
        return NOTHING


def of_hash(target: Hash, name: str) -> Any:
    """A key of a hashtable that is read like a property."""
    if target.has(name):
        return target.get(name)
    known: dict[str, Callable[[], Any]] = {
        "keys": target.keys,
        "values": target.values,
        "count": lambda: len(target.keys()),
    }
    return known[name.lower()]() if name.lower() in known else NOTHING


def cast_returned(value: Any, kind: str) -> Any:
    """What a method returns: null stays null, except where a list is promised."""
    if plain(value) is None and kind.endswith("[]"):
        return []
    return value if plain(value) is None else cast(value, kind) if kind in PLAIN else value


PLAIN = ("bool", "byte[]", "int", "object[]", "string", "string[]")


def to_json(value: Any) -> Any:
    """A value as JSON has it."""
    value = plain(value)
    if isinstance(value, Hash):
        return {key: to_json(value.get(key)) for key in value.keys()}  # noqa: SIM118
    if isinstance(value, list):
        return [to_json(each) for each in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    assert value is None or isinstance(value, str | int | float), value
    return value


def from_json(value: Any) -> Any:
    """A value out of JSON."""
    if isinstance(value, dict):
        return Hash({key: from_json(each) for key, each in value.items()})
    return [from_json(each) for each in value] if isinstance(value, list) else value
