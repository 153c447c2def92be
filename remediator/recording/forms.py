"""Texts that name nobody, as their form shows: times, durations, numbers, types."""

import re
from ipaddress import ip_address
from typing import Final

_HARMLESS: Final = re.compile(
    r"""
      \d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:\s?[AP]M)?(?:Z|[+-]\d\d:\d\d)?   # a time
    | \d{8}T\d{6}Z
    | \d{4}-\d\d-\d\d(?:-preview)?                                   # a day, an api-version
    | \d{1,2}/\d{1,2}/\d{4}\ \d{1,2}:\d\d:\d\d(?:\ [AP]M)?           # a job's own form of a time
    | (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),\ \d\d\ [A-Z][a-z]{2}\ \d{4}\ \d\d:\d\d:\d\d\ GMT
    | -?P(?:\d+[YMWD])*(?:T(?:\d+(?:\.\d+)?[HMS])+)?                 # a duration
    | (?:\d+\.)?\d\d:\d\d:\d\d(?:\.\d+)?                             # .NET's form of one
    | [+-]?\d{1,18}(?:\.\d+)?(?:\ ?(?:[KMGT]i?B|%))?                 # a number, a size
    | (?i:true|false|null)
    | 0x[0-9a-fA-F]{1,16}
    """,
    re.VERBOSE,
)
_SPAN: Final = re.compile(r"[\dTZ:.+-]{16,40}/[\dTZ:.+-]{16,40}")
_TYPE: Final = re.compile(r"(?i)microsoft(?:\.[a-z]+)+(?:/[a-z*]+)*|\*(?:/[a-z*]+)*")
_WORD: Final = re.compile(
    r"[A-Za-z][A-Za-z0-9]*(?:[ ._/-][A-Za-z0-9]+){0,7}|\d{1,5}(?:-\d{1,5})?|[A-Za-z]\. [A-Za-z ]+"
)
_DOTTED: Final = re.compile(r"\d+(?:\.\d+){1,3}(?:[-+][a-z0-9.]{1,20})?")
_PORTS: Final = re.compile(r"\d{1,5}(?:-\d{1,5})?(?:,\d{1,5}(?:-\d{1,5})?)*")


def harmless(text: str) -> bool:
    """Whether a text names nobody: it is empty, a time, a duration or a number."""
    if not text or _HARMLESS.fullmatch(text) or _SPAN.fullmatch(text):
        return True
    return _PORTS.fullmatch(text) is not None


def is_type(text: str) -> bool:
    """Whether a text is a type or a permission of a Microsoft provider."""
    return _TYPE.fullmatch(text) is not None


def is_like_a_word(text: str) -> bool:
    """Whether a text has the form of a word of the API, such as `ProvisioningState/succeeded`."""
    return len(text) <= 80 and _WORD.fullmatch(text) is not None


def is_version(text: str) -> bool:
    """Whether a text has the form of a version. An IP address has the same form."""
    return _DOTTED.fullmatch(text) is not None


def is_address(text: str) -> bool:
    """Whether a text is an IP address, version 4 or 6."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
