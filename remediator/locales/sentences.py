"""For Babel: the sentences in the code that a person may read, also those with values in them.

Plans, records and reports keep their sentences in English. They are translated where they are
shown, by the sentence's pattern: the English text with a name for each value. This module collects
these patterns, so that an author writes only the English sentence.
"""

import ast
import re
from collections.abc import Iterator
from typing import Final

_SENTENCE: Final = re.compile(
    r"[A-Za-z]{2,}[,;:]? [a-z]|[a-z]{2,}[,;:]? [A-Za-z{(`-]|\}[,;:)]* [a-z]{2,}|[a-z]{2}\.$"
)
"""What tells a sentence from a name, a key or a path."""

_MACHINES: Final = re.compile(
    r"""
    ^(bold|dim|not)?\ ?(bold|dim|red|green|yellow|cyan|magenta|blue|white|underline)$  # styles
    | ^\s*(SELECT|INSERT|UPDATE|DELETE|CREATE|PRAGMA|ALTER|BEGIN|VACUUM)\b             # statements
    | \ eq\ | \ and\ \w+/ | \\[sdwb.(] | \(\?[:P=!<] | \.\* | ^https?:// | ^az\ [a-z]
    | ^remediate\ (--)?[a-z-]+(\ [A-Z{-]|$) | ^\s*--[a-z-]+\ \{\w+\}$                     # commands
    | ^\w+\[[\w,\ .|[\]]+\]$                                                          # types
    """,
    re.VERBOSE,
)
"""Texts with spaces that only a program reads."""


def patterns(source: str) -> Iterator[tuple[int, str]]:
    """The line and the pattern of each sentence in a module. Docstrings are for developers."""
    tree = ast.parse(source)
    docstrings = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    yield from _of(tree, docstrings)


def _of(node: ast.AST, docstrings: set[ast.expr]) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.Constant) and node in docstrings:
        return
    if isinstance(node, ast.FunctionDef):
        yield from _help_of(node)
    if _is_for_developers(node):
        return
    text = _pattern(node, []) if isinstance(node, ast.expr) else None
    if text is None:
        forms = _forms(node)
        for child in ast.iter_child_nodes(node):
            if child not in forms:
                yield from _of(child, docstrings)
        return
    for line in text.splitlines():
        if _SENTENCE.search(line) and not _MACHINES.search(line):
            yield getattr(node, "lineno", 1), line.strip()
    for part in ast.walk(node):
        match part:
            case ast.FormattedValue(value=value):
                yield from _of(value, docstrings)
            case ast.BinOp(right=ast.IfExp() as value):
                yield from _of(value, docstrings)
            case _:
                pass


def _is_for_developers(node: ast.AST) -> bool:
    """Whether a text is a list of words, or tells an author's mistake."""
    match node:
        case ast.Raise(exc=ast.Call(func=ast.Name(id="TypeError" | "AttributeError"))):
            return True
        case ast.Call(func=ast.Attribute(attr="split", value=ast.Constant())):
            return True
        case _:
            return False


def _forms(node: ast.AST) -> list[ast.AST]:
    """The two forms of a text for a count. They are collected together, not each as a sentence."""
    match node:
        case ast.Call(func=ast.Name(id="_n" | "counted"), args=[one, many, *_]):
            return [one, many]
        case _:
            return []


def _help_of(function: ast.FunctionDef) -> Iterator[tuple[int, str]]:
    """The help of a verb, as its page shows it."""
    told = ast.get_docstring(function)
    if told and _is_a_verb(function):
        yield function.lineno, " ".join(told.split())


def _is_a_verb(function: ast.FunctionDef) -> bool:
    """Whether a function is a verb of the command line. Its docstring is the verb's help."""
    made = (ast.unparse(each) for each in function.decorator_list)
    takes = (*function.args.args, *function.args.kwonlyargs)
    kinds = (ast.unparse(each.annotation) for each in takes if each.annotation)
    return any(text.startswith("verb(") for text in made) or any(
        "typer.Option(" in text or "typer.Argument(" in text for text in kinds
    )


def _pattern(node: ast.expr, names: list[str]) -> str | None:
    """The text of an expression, with a name for each value. None if the expression is no text."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(_part(part, names) for part in parts)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            texts = [_pattern(side, names) for side in (left, right)]
            if texts == [None, None]:
                return None
            return "".join(
                text if text is not None else f"{{{_name(side, names)}}}"
                for side, text in zip((left, right), texts, strict=True)
            )
        case _:
            return None


def _part(part: ast.expr, names: list[str]) -> str:
    match part:
        case ast.Constant(value=str(text)):
            return text
        case ast.FormattedValue(value=value):
            return f"{{{_name(value, names)}}}"
        case _:
            raise TypeError(f"a part of a text is {type(part).__name__}")


def _name(value: ast.expr, names: list[str]) -> str:
    """A name for a value. It is used once: two values with one name would have to be equal."""
    base = _base(value)
    name, number = base, 2
    while name in names:
        name, number = f"{base}{number}", number + 1
    names.append(name)
    return name


def _base(value: ast.expr) -> str:
    match value:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.strip("_").lower()
        case ast.Call(args=[first, *_]):
            return _base(first)
        case ast.Call(func=function):
            return _base(function)
        case ast.Await(value=inner) | ast.Subscript(value=inner):
            return _base(inner)
        case _:
            return "value"
