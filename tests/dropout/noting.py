"""`python -m tests.dropout.noting FILE ARGUMENTS`: run `remediate`, and note what it reads.

The Reader's bodies are made of dicts that note which module asks for which key. The headers of
each answer do the same. At the end the notes are in FILE as JSON: rows of kind, path, module, and
whether the module could tell null from absence. Reads by the SDK's own code are not noted.
"""

import atexit
import json
import runpy
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import remediator
from remediator.reading import Answer
from tests.dropout.kinds import ANY, EACH, HEADER, kind_of

_OURS = str(Path(remediator.__file__).parent)
_BORDER = ("inspect/wire.py",)
"""This module reads for other modules, so the module that called it is noted."""

_PER_KIND = ("location", "azure-asyncoperation")
"""Headers whose meaning depends on the kind of the answer."""

Note = tuple[str, tuple[str, ...], str, bool]
NOTES: set[Note] = set()
"""Kind, path, module, and whether the way of reading could tell null from absence."""


def _reader() -> str:
    """The reading module: the nearest one of the tool that does not read for another module."""
    frame: FrameType | None = sys._getframe(2)  # noqa: SLF001 - the caller decides the note
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(_OURS) and not name.endswith(_BORDER):
            return name[len(_OURS) + 1 :].removesuffix(".py")
        frame = frame.f_back
    return "the SDK"


class Noted(dict[str, Any]):
    """A JSON object in an answer. It notes which of its keys are read."""

    def __init__(self, kind: str, path: tuple[str, ...], of: dict[str, Any]) -> None:
        super().__init__({k: noted(kind, (*path, k), v) for k, v in of.items()})
        self._at = (kind, path)

    def _note(self, key: object, *, tells: bool) -> None:
        kind, path = self._at
        if path[-1:] == ("tags",):
            return  # the name of a tag is not a field
        NOTES.add((kind, (*path, str(key)), _reader(), tells))

    def get(self, key: str, default: Any = None) -> Any:
        """Note the key and return its value."""
        self._note(key, tells=default is not None)
        return super().get(key, default)

    def __getitem__(self, key: str) -> Any:
        self._note(key, tells=True)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self._note(key, tells=True)
        return super().__contains__(key)

    def items(self) -> Any:
        """Note all keys and return the items."""
        for key in self:
            self._note(key, tells=True)
        return super().items()


def noted(kind: str, path: tuple[str, ...], value: Any) -> Any:
    """The same value, made of objects that note."""
    if isinstance(value, dict):
        return Noted(kind, path, value)
    if isinstance(value, list):
        return [noted(kind, (*path, EACH), each) for each in value]
    return value


def _note_header(url: str, method: str, status: int, name: object) -> None:
    low = str(name).lower()
    kind = kind_of(method, url, status) if low in _PER_KIND else ANY
    NOTES.add((kind, (HEADER, low), _reader(), False))


def _noting_headers() -> Any:
    """A subclass of the SDK's headers that notes which names are read."""
    from azure.core.rest._aiohttp import _CIMultiDict

    class Headers(_CIMultiDict):
        about = ("", "", 0)

        def get(self, key: str, /, default: Any = None) -> Any:
            _note_header(*self.about, key)
            return super().get(key, default)  # type: ignore[no-untyped-call]

        def __getitem__(self, key: str) -> Any:
            # The writer copies all headers. `picked` and `waited` note those that it then reads.
            if not sys._getframe(1).f_code.co_filename.endswith("writer.py"):  # noqa: SLF001
                _note_header(*self.about, key)
            return super().__getitem__(key)

        def __contains__(self, key: object) -> bool:
            _note_header(*self.about, key)
            return bool(super().__contains__(key))

    return Headers


def install() -> None:
    """Replace the methods that give answers away with methods that note."""
    from remediator.azure import writer
    from remediator.azure.reader import ArmReader
    from remediator.azure.retry import retry_after
    from remediator.azure.transport import Transport

    headers_of = _noting_headers()
    send, look, pick = Transport.send, ArmReader._read, writer._pick  # noqa: SLF001
    after = retry_after
    last = ("", "POST", 202)

    async def sent(self: Any, request: Any, **config: Any) -> Any:
        nonlocal last
        response = await send(self, request, **config)
        headers = headers_of(response.headers)
        headers.about = (request.url, request.method, response.status_code)
        if request.method not in ("GET", "HEAD"):
            last = headers.about
        response._headers = headers  # noqa: SLF001
        return response

    async def looked(self: Any, url: str, doing: str, **how: Any) -> Any:
        answer, length = await look(self, url, doing, **how)
        if answer.body is None:
            return answer, length
        kind = kind_of("GET", url, 200)
        noting = Answer.model_construct(
            body=Noted(kind, (), answer.body), at=answer.at, retry_after=answer.retry_after
        )
        return noting, length

    def picked(headers: dict[str, str], name: str) -> str | None:
        _note_header(*last, name)
        return pick(headers, name)

    def waited(headers: Any) -> float | None:
        _note_header(*last, "Retry-After")
        return after(headers)

    Transport.send = sent  # type: ignore[method-assign]
    ArmReader._read = looked  # type: ignore[method-assign]  # noqa: SLF001
    writer._pick = picked  # noqa: SLF001
    vars(writer)["retry_after"] = waited


def main() -> None:
    """Run the command, and write the notes when it ends."""
    file = Path(sys.argv.pop(1))
    install()

    def write() -> None:
        file.write_text(json.dumps(sorted(NOTES)), encoding="utf-8")

    atexit.register(write)
    runpy.run_module("remediator", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
