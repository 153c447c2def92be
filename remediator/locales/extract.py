"""For Babel: the texts of playbooks that a person reads."""

from collections.abc import Iterator
from typing import IO, Any

from ruamel.yaml import YAML

Found = tuple[int, None, str, list[str]]


def playbook(
    file: IO[bytes],
    _keywords: list[str],
    _comment_tags: list[str],
    options: dict[str, Any],  # noqa: ARG001 - Babel names it
) -> Iterator[Found]:
    """Title, causes, the rungs' titles and the guidance, with their lines."""
    data = YAML(typ="rt").load(file)

    def found(node: Any, key: Any, text: Any) -> Found:
        line = node.lc.value(key)[0] if isinstance(key, str) else node.lc.item(key)[0]
        return line + 1, None, str(text), []

    yield found(data, "title", data["title"])
    for n, cause in enumerate(data["causes"]):
        yield found(data["causes"], n, cause)
    for rung in data["ladder"]:
        yield found(rung, "title", rung["title"])
    manual = data["manual"]
    for part in (manual, manual.get("windows"), manual.get("linux")):
        if part and "text" in part:
            yield found(part, "text", part["text"])
