"""The request ids that mark this tool's backups in Azure's own history.

A request begins a job. Azure writes the `x-ms-client-request-id` of this request into the job's
`activityId`, in details and in lists (recorded in 2024, 2025 and 2026). So a run finds exactly its
own job, even if the answer to its trigger was lost. And any machine knows the tool's attempts
without a state of its own. The ids are UUIDs of version 8 (RFC 9562), whose bits are free: the
first 48 bits stand for the tool, the others for the run and its step.

The ids are no secret. A person who copies the pattern only makes a job count as an attempt.
"""

from hashlib import sha256
from typing import Final
from uuid import UUID

HEADER: Final = "x-ms-client-request-id"

_TOOL: Final = int.from_bytes(sha256(b"remediate: on-demand backup").digest()[:6])
_VERSION, _VARIANT = 8, 0b10


def request_id(run_id: str, step: int) -> str:
    """The request id of one step of one run. It is the same each time that the step is sent."""
    bits = int.from_bytes(sha256(f"{run_id}\n{step}".encode()).digest()[:10])
    mid, low = (bits >> 62) & 0xFFF, bits & ((1 << 62) - 1)
    return str(UUID(int=_TOOL << 80 | _VERSION << 76 | mid << 64 | _VARIANT << 62 | low))


def is_ours(activity_id: str | None) -> bool:
    """Whether a job's activity id is the request id of a trigger that this tool sent."""
    try:
        found = UUID(activity_id or "")
    except ValueError:
        return False
    return found.int >> 80 == _TOOL and (found.int >> 76) & 0xF == _VERSION
