"""Expressions: operators, literals, variables, properties, calls of methods."""

import re
from collections.abc import Callable
from typing import Any

from tests.scripts.small_powershell.base import (
    Base,
    Instance,
    Node,
    bracketed,
    child,
    children,
    said,
    the,
    variable,
)
from tests.scripts.small_powershell.dotnet import ENUMERATIONS, enumerated
from tests.scripts.small_powershell.values import (
    NOTHING,
    ArrayList,
    Block,
    Bytes,
    CustomObject,
    Hash,
    PowerShellError,
    TypeName,
    contains,
    equal,
    items,
    like,
    number,
    plain,
    text,
    together,
    truth,
)

ESCAPED = {"r": "\r", "n": "\n", "t": "\t"}


class Reference:
    """A [ref]: a variable that a method may set."""

    def __init__(self, set_value: Callable[[Any], None]) -> None:
        self.set_value = set_value


class Expressions(Base):
    """The part that evaluates expressions."""

    def value(self, node: Node) -> Any:
        """The value of an expression. A form that is not known is refused by its name."""
        while node.child_count == 1 and node.type.endswith("_expression"):
            node = node.children[0]  # a rank of operators, without one
        kind = node.type.replace("_argument_expression", "_expression")
        known = getattr(self, f"_{kind}", None)
        if known is not None:
            return known(node)
        if node.named_child_count == 1:
            return self.value(node.named_children[0])
        raise NotImplementedError(f"{node.type}: {said(node)[:100]}")

    # --- operators ---

    def _logical_expression(self, node: Node) -> Any:
        left, right = node.children[0], node.children[2]
        if said(node.children[1]).lower() == "-and":
            return truth(self.value(left)) and truth(self.value(right))
        return truth(self.value(left)) or truth(self.value(right))

    def _bitwise_expression(self, node: Node) -> Any:
        left, right = (number(self.value(node.children[n])) for n in (0, 2))
        return left & right if said(node.children[1]).lower() == "-band" else left | right

    def _comparison_expression(self, node: Node) -> Any:
        left, operator = plain(self.value(node.children[0])), said(node.children[1]).lower()
        if operator in ("-is", "-isnot"):
            kind = re.sub(r"^\[(.*)\]$", r"\1", said(node.children[2])).lower()
            return is_a(left, kind) == (operator == "-is")
        right = self.value(node.children[2])
        if operator in ("-contains", "-notcontains"):
            return contains(left, right) == (operator == "-contains")
        if operator == "-join":
            return text(right).join(text(each) for each in items(left))
        if operator == "-split":
            pattern, most = right if isinstance(right, list) else (right, 0)
            return re.split(pattern, text(left), maxsplit=max(0, most - 1))
        if operator == "-replace":
            pattern, new = right if isinstance(right, list) else (right, "")
            return re.sub(pattern, lambda _: text(new), text(left), flags=re.IGNORECASE)
        if isinstance(left, list):
            return [each for each in left if compared(each, operator, right)]
        return compared(left, operator, right)

    def _additive_expression(self, node: Node) -> Any:
        left, right = (plain(self.value(node.children[n])) for n in (0, 2))
        if said(node.children[1]) == "-":
            return number(left) - number(right)
        if isinstance(left, str):
            return left + text(right)
        if isinstance(left, list):
            return [*left, *items(right)]
        return right if left is None else left + number(right)

    def _multiplicative_expression(self, node: Node) -> Any:
        left, right = (number(self.value(node.children[n])) for n in (0, 2))
        if said(node.children[1]) == "*":
            return left * right
        if right == 0:
            raise PowerShellError("Attempted to divide by zero.")
        return left / right

    def _format_expression(self, node: Node) -> Any:
        values = items(self.value(node.children[2]))

        def put(found: re.Match[str]) -> str:
            value = values[int(found[1])]
            return f"{value:0{int(found[2])}x}" if found[2] else text(value)

        return re.sub(r"\{(\d)(?::x(\d))?\}", put, text(self.value(node.children[0])))

    def _range_expression(self, node: Node) -> Any:
        first, last = (number(self.value(node.children[n])) for n in (0, 2))
        return list(range(first, last + 1))

    def _array_literal_expression(self, node: Node) -> Any:
        return [plain(self.value(each)) for each in node.named_children]

    def _expression_with_unary_operator(self, node: Node) -> Any:
        first, last = node.children[0], node.children[-1]
        if first.type == "cast_expression":
            return self.value(first)
        if said(first).lower() == "-not":
            return not truth(self.value(last))
        if said(first) == ",":
            return [self.value(last)]
        return -number(self.value(last))

    def _post_increment_expression(self, node: Node) -> Any:
        before = number(self.value(node.children[0]))
        self.assign(node.children[0], before + 1)
        return NOTHING

    def _cast_expression(self, node: Node) -> Any:
        kind, inner = bracketed(node.children[0]).lower(), node.children[1]
        if kind == "ref":
            name = variable(inner)
            holder = self.scope.holder(name) or self.scope
            return Reference(lambda value: holder.variables.__setitem__(name, value))
        return cast(self.value(inner), kind)

    # --- literals ---

    def _integer_literal(self, node: Node) -> Any:
        return int(said(node), 0)

    def _string_literal(self, node: Node) -> Any:
        inner = node.children[0]
        if inner.type == "verbatim_string_characters":
            return said(inner)[1:-1].replace("''", "'")
        if inner.type == "verbatim_here_string_characters":
            return said(inner)[3:-3]
        return self._expanded(inner)

    def _expanded(self, node: Node) -> str:
        """A text between quotation marks, with its variables."""
        raw, start = said(node).encode(), node.start_byte
        result, place = "", node.start_byte + 1
        for each in children(node, "variable", "sub_expression"):
            result += unescaped(raw[place - start : each.start_byte - start].decode())
            result += text(self.value(each))
            place = each.end_byte
        return result + unescaped(raw[place - start : node.end_byte - 1 - start].decode())

    def _sub_expression(self, node: Node) -> Any:
        return together(self._statements(node))

    def _array_expression(self, node: Node) -> Any:
        return self._statements(node)

    def _statements(self, node: Node) -> list[Any]:
        output: list[Any] = []
        for part in children(node, "statement_list"):
            for each in part.named_children:
                self.run(each, output)
        return output

    def _parenthesized_expression(self, node: Node) -> Any:
        return self.of_pipeline(node.named_children[0])

    def _script_block_expression(self, node: Node) -> Any:
        return Block(node)

    def _hash_literal_expression(self, node: Node) -> Any:
        result = Hash()
        for entry in children(child(node, "hash_literal_body"), "hash_entry"):
            word = the(entry, "key_expression").named_children[0]
            key = said(word) if word.type == "simple_name" else self.value(word)
            [content, *_] = [c for c in entry.named_children[1:] if c.type != "comment"]
            result.set(key, plain(self.of_pipeline(content)))
        return result

    def _variable(self, node: Node) -> Any:
        name = variable(node)
        holder = self.scope.holder(name)
        if name.startswith("script:"):
            name, holder = name.removeprefix("script:"), self.scope.of_script()
        elif name.startswith("global:"):
            name, holder = name.removeprefix("global:"), self.globals
        if holder is None or name not in holder.variables:
            if self.strict:
                raise PowerShellError(f"The variable '${name}' has not been set.")
            return None
        return holder.variables[name]

    def _type_literal(self, node: Node) -> Any:
        return TypeName(bracketed(node))

    # --- elements, properties, methods ---

    def _element_access(self, node: Node) -> Any:
        target, place = (plain(self.value(each)) for each in node.named_children[:2])
        if isinstance(target, Hash):
            return target.get(place)
        if isinstance(target, list | str):
            if isinstance(place, list):
                return [target[each] for each in place]
            place = number(place)
            return target[place] if -len(target) <= place < len(target) else None
        raise PowerShellError(f"Cannot index into it: {said(node)}")

    def _member_access(self, node: Node) -> Any:
        target = self.value(node.named_children[0])
        return self.property(plain(target), said(node.named_children[-1]))

    def _invokation_expression(self, node: Node) -> Any:
        target = plain(self.value(node.named_children[0]))
        name = said(the(node, "member_name"))
        arguments = child(the(node, "argument_list"), "argument_expression_list")
        given = [] if arguments is None else arguments.named_children
        values = [plain(self.value(each)) for each in given if each.type != "comment"]
        return self.method(target, name, values)

    def assign(self, node: Node, value: Any) -> None:
        """Set a variable, several at once, an element or a property."""
        while node.named_child_count == 1 and node.type != "variable":
            node = node.named_children[0]
        if node.type == "array_literal_expression":
            last = node.named_child_count - 1
            for place, each in enumerate(node.named_children):
                rest = items(value)[place:]
                self.assign(each, together(rest if place == last else rest[:1]))
        elif node.type == "variable":
            name = variable(node)
            if name.startswith("script:"):
                self.scope.of_script().variables[name.removeprefix("script:")] = value
            elif name.startswith("global:"):
                self.globals.variables[name.removeprefix("global:")] = value
            else:
                self.scope.variables[name] = value
        elif node.type == "element_access":
            target, place = (plain(self.value(each)) for each in node.named_children[:2])
            if isinstance(target, Hash):
                target.set(place, value)
            else:
                target[number(place)] = value
        else:
            self._assign_property(node, value)

    def _assign_property(self, node: Node, value: Any) -> None:
        target, name = self.value(node.named_children[0]), said(node.named_children[-1])
        if isinstance(target, Instance):
            target.properties[name.lower()] = value
        elif isinstance(target, CustomObject):
            if not target.properties.has(name):
                raise PowerShellError(f"The property '{name}' cannot be found on this object.")
            target.properties.set(name, value)
        elif isinstance(target, Reference):
            target.set_value(value)
        elif isinstance(target, TypeName):
            self.classes[target.name.lower()].static[name.lower()] = value
        else:
            setattr(target, name, value)


def unescaped(value: str) -> str:
    """A part of a text between quotation marks, without its escapes."""
    return re.sub(r'`(.)|""', lambda m: ESCAPED.get(m[1], m[1]) if m[1] else '"', value)


def is_a(value: Any, kind: str) -> bool:
    """Whether -is holds."""
    kinds: dict[str, Any] = {
        "byte[]": Bytes,
        "long": int,
        "string": str,
        "system.collections.arraylist": ArrayList,
        "system.collections.idictionary": Hash,
        "system.collections.ilist": list,
    }
    return isinstance(value, kinds[kind]) and not isinstance(value, bool)


def compared(left: Any, operator: str, right: Any) -> bool:
    """Whether a comparison of one value holds."""
    if operator in ("-eq", "-ne"):
        return equal(left, right) == (operator == "-eq")
    if operator in ("-ceq", "-cne"):
        return equal(left, right, case=True) == (operator == "-ceq")
    if operator in ("-like", "-notlike"):
        return like(text(left), text(right)) == (operator == "-like")
    if operator in ("-match", "-notmatch"):
        found = re.search(text(right), text(left), re.IGNORECASE)
        return (found is not None) == (operator == "-match")
    one, other = number(left), number(right)
    known = {"-gt": one > other, "-ge": one >= other, "-lt": one < other, "-le": one <= other}
    return bool(known[operator])


def cast(value: Any, kind: str | None) -> Any:
    """A value as one of a type. A type that is not known is refused."""
    if kind in (None, "object", "hashtable", "scriptblock", "datetime", "timespan", "ordered"):
        return value
    if kind is not None and kind in ENUMERATIONS:
        return enumerated(kind, value)
    if kind == "object[]" and (plain(value) is None or type(value) is list):
        return plain(value)
    known: dict[str, Callable[[], Any]] = {
        "bool": lambda: truth(value),
        "byte[]": lambda: value if isinstance(value, Bytes) else Bytes(value),
        "char": lambda: value,
        "int": lambda: ord(value) if one_letter(value) else int(number(value)),
        "object[]": lambda: items(value),
        "pscustomobject": lambda: CustomObject(value),
        "ref": lambda: value,
        "string": lambda: text(value),
        "string[]": lambda: [text(each) for each in items(value)],
        "switch": lambda: truth(value),
        "system.collections.arraylist": lambda: ArrayList(items(value)),
        "version": lambda: tuple(int(part) for part in value.split(".")),
        "void": lambda: NOTHING,
    }
    return known[str(kind)]()


def one_letter(value: Any) -> bool:
    """Whether a value is one character, and not a digit."""
    return isinstance(value, str) and len(value) == 1 and not value.isdigit()
