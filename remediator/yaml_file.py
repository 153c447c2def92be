"""Reads a YAML file that somebody else wrote, so that the file can do no harm.

The file may be very large, be nested very deeply, or grow very large through its own aliases.
"""

import re
from pathlib import Path
from typing import Any, Final

from remediator.errors import PlaybookError
from remediator.ordinary_file import read_ordinary

LARGEST: Final = 1024 * 1024
_MOST_VALUES: Final = 100_000
"""The most values a file may hold, with every alias written out."""
_DEEPEST: Final = 60
_BRACKETS: Final = re.compile(r"[\[\]{}]")
_DASHES: Final = re.compile(rf"(?:[-?:][ \t]+){{{_DEEPEST}}}")


def read_yaml(path: Path, raw: bytes | None = None) -> Any:
    """The content of a file, with the line numbers of its parts.

    Args:
        path: the file.
        raw: its content, when that was read already.

    Raises:
        PlaybookError: the file cannot be read, is not YAML, or is too much. The message names the
            file and the line.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        text = (read_bytes(path) if raw is None else raw).decode("utf-8")
        if _nests_deeply(text):
            raise PlaybookError(f"{path}:1: it is nested too deeply")
        data = YAML(typ="rt").load(text)
    except PlaybookError:
        raise
    except (YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise PlaybookError(f"{path}:{line}: {_problem(error)}") from None
    except RecursionError:
        raise PlaybookError(f"{path}:1: it is nested too deeply") from None
    except Exception as error:  # noqa: BLE001 - on some texts ruamel raises an error of its own
        raise PlaybookError(f"{path}:1: not YAML: {type(error).__name__}") from None
    try:
        if _values(data, {}, frozenset()) > _MOST_VALUES:
            raise PlaybookError(f"{path}:1: its aliases make more than {_MOST_VALUES} values of it")
    except RecursionError:
        raise PlaybookError(f"{path}:1: it is nested too deeply") from None
    except _HoldsItselfError:
        raise PlaybookError(f"{path}:1: it holds itself, by an anchor and its alias") from None
    return data


def _problem(error: Exception) -> str:
    """What is wrong, without quoting the file. The path may lead to an unexpected file."""
    problem = getattr(error, "problem", None) or getattr(error, "reason", None)
    told = " ".join(str(problem or "not YAML").split())
    return re.sub(r" with value .*", "", told)  # for a key that stands twice


def read_bytes(path: Path) -> bytes:
    """The content of a file.

    Raises:
        PlaybookError: it cannot be read, or is too large.
    """
    try:
        return read_ordinary(path, LARGEST)
    except OSError as error:
        raise PlaybookError(f"{path}:1: {error.strerror or error}") from None


def plain(node: Any) -> Any:
    """The data that was read, as ordinary values. Keys are texts."""
    if isinstance(node, dict):
        return {str(key): plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [plain(value) for value in node]
    return str(node) if isinstance(node, str) else node


def _nests_deeply(text: str) -> bool:
    """Whether the text opens more brackets than any file of ours.

    The parser would take minutes then.

    Brackets in a quoted text count too: before parsing, quoted text cannot be told apart.
    """
    depth = 0
    for bracket in _BRACKETS.findall(text):
        depth = depth + 1 if bracket in "[{" else max(depth - 1, 0)
        if depth > _DEEPEST:
            return True
    return bool(_DASHES.search(text))


class _HoldsItselfError(Exception):
    pass


def _values(node: Any, counted: dict[int, int], above: frozenset[int]) -> int:
    """How many values a node holds with its aliases. Each node is counted only once."""
    if not isinstance(node, dict | list):
        return 1
    if id(node) in above:
        raise _HoldsItselfError
    if id(node) not in counted:
        below = above | {id(node)}
        parts = [*node.keys(), *node.values()] if isinstance(node, dict) else node
        counted[id(node)] = 1 + sum(_values(part, counted, below) for part in parts)
    return counted[id(node)]
