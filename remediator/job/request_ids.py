"""The request ids that mark this tool's backups in Azure's own history.

A request begins a job. Azure writes the `x-ms-client-request-id` of this request into the job's
`activityId`, in details and in lists (recorded in 2024, 2025 and 2026). So a run finds exactly its
own job, even if the answer to its trigger was lost. And any machine knows the tool's attempts
without a state of its own.

An id also carries evidence for the next visit: which rung was taken, what its script found, and
which rung the script asked for. The ids are UUIDs of version 8 (RFC 9562), whose bits are free:

    48 bits  the tool
    12 bits  the tag of the rung
     2 bits  what the script found
    12 bits  the tag of the rung that the script asked for, 0 for none
     8 bits  a check sum of the other free bits
    40 bits  the run and its step

The ids are no secret. A person who copies the pattern only makes a job count as an attempt. The
check sum tells an id of a former version, whose bits were a hash, from one that carries evidence.
"""

from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256
from typing import Final
from uuid import UUID

HEADER: Final = "x-ms-client-request-id"

_TOOL: Final = int.from_bytes(sha256(b"remediate: on-demand backup").digest()[:6])
_VERSION, _VARIANT = 8, 0b10
_TAGS: Final = 1 << 12
_OWN: Final = 40


class Found(IntEnum):
    """What a rung's script answered."""

    NO_ANSWER = 0
    """The rung has no script, or its script did not answer."""
    CHANGED = 1
    NOTHING_TO_DO = 2
    PROBLEM = 3


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an attempt tells the next visit."""

    rung: int = 0
    """The tag of the rung that was taken. 0 when nothing is known."""
    found: Found = Found.NO_ANSWER
    wanted: int = 0
    """The tag of the rung that the script asked for. 0 when it asked for none."""


NO_EVIDENCE: Final = Evidence()


def tag(playbook: str, rung: str) -> int:
    """The tag of a rung: 1 to 4095. Two rungs may share a tag; then it tells nothing."""
    digest = sha256(f"{playbook}\n{rung}".encode()).digest()
    return 1 + int.from_bytes(digest[:8]) % (_TAGS - 1)


def request_id(run_id: str, step: int, evidence: Evidence = NO_EVIDENCE) -> str:
    """The request id of one step of one run.

    The same run, step and evidence always give the same id.
    """
    own = int.from_bytes(sha256(f"{run_id}\n{step}".encode()).digest()[: _OWN // 8])
    told = evidence.found << 12 | evidence.wanted
    low = told << (_OWN + 8) | _check(evidence.rung, told, own) << _OWN | own
    return str(UUID(int=_TOOL << 80 | _VERSION << 76 | evidence.rung << 64 | _VARIANT << 62 | low))


def is_ours(activity_id: str | None) -> bool:
    """Whether a job's activity id is the request id of a trigger that this tool sent."""
    return _ours(activity_id) is not None


def evidence_of(activity_id: str | None) -> Evidence | None:
    """The evidence in a job's activity id. None if it is not the tool's or carries none."""
    bits = _ours(activity_id)
    if bits is None:
        return None
    rung, low = bits >> 64 & (_TAGS - 1), bits & ((1 << 62) - 1)
    told, check, own = low >> (_OWN + 8), low >> _OWN & 0xFF, low & ((1 << _OWN) - 1)
    if not rung or check != _check(rung, told, own):
        return None
    return Evidence(rung=rung, found=Found(told >> 12), wanted=told & (_TAGS - 1))


def _ours(activity_id: str | None) -> int | None:
    try:
        bits = UUID(activity_id or "").int
    except ValueError:
        return None
    return bits if bits >> 80 == _TOOL and bits >> 76 & 0xF == _VERSION else None


def _check(rung: int, told: int, own: int) -> int:
    return sha256(f"{rung}\n{told}\n{own}".encode()).digest()[0]
