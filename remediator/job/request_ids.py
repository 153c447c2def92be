"""The request ids by which the backups that this tool began are known in Azure's own history.

Azure writes the `x-ms-client-request-id` of the request that began a job into the job's
`activityId`, in details and in lists (recorded in 2024, 2025 and 2026). So a run finds its own job
exactly, also when the answer to its trigger was lost; and any machine knows the tool's attempts
without a state of its own. The ids are UUIDs of version 8 (RFC 9562), whose bits are free: the
first 48 bits stand for the tool, the others for the run and its step.

No secret: who copies the pattern makes a job count as an attempt, no more.
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
