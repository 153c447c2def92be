"""Reads the docstrings of a class's fields from its source: the string below each field."""

import ast
import inspect
import itertools
import textwrap
from collections.abc import Iterator


def field_docstrings(model: type) -> Iterator[tuple[str, str]]:
    """Each field of a class of ours, with its docstring. Fields of its bases are left out."""
    if not model.__module__.startswith("remediator."):
        return
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(model)))
    except (OSError, TypeError):
        return  # made at run time, from models that are described themselves
    body = getattr(tree.body[0], "body", [])
    for field, after in itertools.pairwise(body):
        match field, after:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(said))),
            ):
                yield name, inspect.cleandoc(said)
