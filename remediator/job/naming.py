"""From a pasted text to the one backup job that it names.

People copy jobs from the portal, from tables, from JSON, from mails. So a text may wrap the job: in
quotes, in a URL, in a row. The wrapping is taken off once, and what is inside is parsed as strictly
as an id that a person types. A text that names no job, or several, is refused with what it names
and with the command that fits.

The host of a URL is never asked and never believed. Only hosts of Azure are taken, so that a link
from elsewhere does not decide what is treated.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from shlex import quote
from typing import Any, Final
from urllib.parse import SplitResult, unquote, urlsplit

from remediator import ids
from remediator.errors import BadInputError
from remediator.job.job import VAULT_TYPE, JobRef, VaultRef, is_bare_job_name

Named = JobRef | str
"""A job by its whole address, or by its bare name."""

MANAGEMENT_HOSTS: Final = (
    "management.azure.com",
    "management.chinacloudapi.cn",
    "management.usgovcloudapi.net",
)
PORTAL_HOSTS: Final = ("portal.azure.com", "portal.azure.cn", "portal.azure.us")

_VM_TYPE: Final = "Microsoft.Compute/virtualMachines"
_EXPECTED: Final = (
    "expected /subscriptions/S/resourceGroups/G/providers/Microsoft.RecoveryServices/vaults/V/"
    "backupJobs/J, or the bare job name; to see them: "
    "az backup job list --resource-group G --vault-name V --status Failed"
)
_BEFORE: Final = "\"'`“”„‘’‚«»「『{[(<|│"
_AFTER: Final = "\"'`“”‘’«»」』}])>|│,;."
# Chat programs and editors leave these two around a text that is copied.
_UNSEEN: Final = "\ufeff\u200b"
_BLANK: Final = f" \t\r\n\u00a0\u3000{_UNSEEN}"
_SEPARATOR: Final = re.compile(r"[\s|│,;]+")
_GUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_TAIL: Final = re.compile(r"/?backupJobs/([^/]+)", re.IGNORECASE)
_MENTION: Final = re.compile(r"/backupJobs/([A-Za-z0-9_-]+)", re.IGNORECASE)
_RULE: Final = re.compile(r"(?=.*---)[\s|│+=:-]+")
_CUT: Final = 300
"""How many characters of a refused text are shown. A whole page may have been pasted."""


def named(text: str, endpoint: str = "") -> Named:
    """The job that a text names.

    Args:
        text: what the person typed or pasted.
        endpoint: the URL of the ARM endpoint in use. A URL may lead there too.

    Raises:
        BadInputError: the text names no job, or several.
    """
    rows = _json_rows(text)
    if rows is None:
        return _of_text(text, endpoint)
    if len(rows) != 1:
        raise BadInputError(
            f"the JSON lists {len(rows)} jobs, not one; give each with its own --job-id, or the "
            "list as --job-id @FILE"
            if rows
            else f"the JSON lists no job; {_EXPECTED}"
        )
    return _of_json(rows[0], endpoint)


def spelled(job: Named) -> str:
    """The job as a text that names it again."""
    return job.id if isinstance(job, JobRef) else job


def values_in(text: str) -> tuple[str, ...]:
    """The parts of a file's text that must each name a job.

    JSON gives one for each element of its list, and any other text one for each line. Empty lines,
    lines that begin with `#`, and the head of a table name nothing.
    """
    rows = _json_rows(text)
    if rows is not None:
        return tuple(row if isinstance(row, str) else json.dumps(row) for row in rows)
    lines = text.splitlines()
    return tuple(
        line
        for line, below in zip_longest(lines, lines[1:], fillvalue="")
        if line.strip(_UNSEEN).strip() and not line.lstrip().startswith("#")
        if not _RULE.fullmatch(line)
        # Only a line without a job is a head: a table may end with a rule too.
        if not (_RULE.fullmatch(below) and not _GUID.search(line) and "/" not in line)
    )


def _json_rows(text: str) -> list[Any] | None:
    """The elements of a JSON list, of an answer's `value`, or the only object.

    None if the text is not JSON.
    """
    text = text.strip(_UNSEEN).strip()
    if not text.startswith(("{", "[")):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):  # a job in braces is not JSON
        return None
    if isinstance(found, dict) and isinstance(found.get("value"), list):
        found = found["value"]
    return found if isinstance(found, list) else [found]


def _of_json(row: Any, endpoint: str) -> Named:
    match row:
        case str():
            return _of_text(row, endpoint)
        case {"data": {"essentials": dict() as essentials, **data}}:
            context = data.get("alertContext")
            return _of_alert(essentials, context if isinstance(context, dict) else {})
        case dict():
            return _of_object(row)
        case _:
            raise BadInputError(f"{_shown(json.dumps(row))} names no job; {_EXPECTED}")


def _of_object(row: dict[str, Any]) -> Named:
    """The job that a JSON object describes: with its id, or only with its name."""
    fields = {key.lower(): value for key, value in row.items() if isinstance(value, str)}
    if (arm_id := fields.get("id")) is not None:
        ref = _ref(arm_id)
        if ref is None:
            raise BadInputError(f"the JSON is not that of a job: {_refusal(arm_id)}")
        name = fields.get("name", ref.name)
        return ref if ids.same_name(name, ref.name) else _only([ref.name, name])
    # PowerShell's objects have a JobId, and a name only of the VM.
    said = fields.get("jobid", fields.get("name", ""))
    job = _ref(said) or (said if _GUID.fullmatch(said) else None)
    kind = fields.get("type", "backupJobs")
    if job is None or not kind.lower().endswith("backupjobs"):
        raise BadInputError(f"the JSON has neither the id nor the name of a job; {_EXPECTED}")
    return job


def _of_alert(essentials: dict[str, Any], context: dict[str, Any]) -> Named:
    """The job that an alert of Azure Monitor is about (common schema, of Azure Backup).

    The recorded one has the job's name, and the vault as the beginning of the protected item's id.
    It names the vault as its target too, but in lower case.
    """
    info = context.get("extendedInfo")
    info = info if isinstance(info, dict) else {}
    targets = essentials.get("alertTargetIDs")
    targets = targets if isinstance(targets, list) else []
    refs = [_ref(text) for text in _texts(*context.values(), *info.values(), *targets)]
    if any(refs):
        return _only(filter(None, refs))
    vaults: dict[str, VaultRef] = {}
    for vault in filter(None, map(_vault, _texts(context.get("protectedItemId"), *targets))):
        vaults.setdefault(ids.normal(vault.id), vault)
    name = info.get("jobId")
    if not isinstance(name, str) or not _GUID.fullmatch(name):
        listed = "; ".join(map(_jobs_of, vaults.values())) or _EXPECTED
        raise BadInputError(f"the alert names no job (alertContext.extendedInfo.jobId); {listed}")
    if len(vaults) > 1:
        both = " and ".join(vault.id for vault in vaults.values())
        raise BadInputError(
            f"the alert names a job {name} and several vaults: {both}; say which one: "
            f"remediate --job-id {name} --vault {quote(next(iter(vaults.values())).id)} --dry-run"
        )
    return JobRef(vault=next(iter(vaults.values())), name=name) if vaults else name


def _texts(*values: Any) -> Iterator[str]:
    return (value for value in values if isinstance(value, str))


def _of_text(text: str, endpoint: str) -> Named:
    inner = _unwrapped(text)
    if _hidden(inner):
        raise BadInputError(_refusal(text.strip()))
    if re.search(r"[\s|│]", inner):
        return _of_row(inner, endpoint)
    job = _whole(inner, endpoint)
    if job is None and _SEPARATOR.search(inner):
        return _of_row(inner, endpoint)
    if job is None:
        raise BadInputError(_refusal(inner))
    return job


def _of_row(text: str, endpoint: str) -> Named:
    """The job of a row: the only id in it, or else the only GUID.

    A row also has words that could be names. So only a GUID counts as a name here.
    """
    parts = [_unwrapped(part) for part in _SEPARATOR.split(text)]
    found = [_whole(part, endpoint) for part in parts if "/" in part or "%2f" in part.lower()]
    known = [job for job in found if job is not None]
    known = known or [part for part in parts if _GUID.fullmatch(part)]
    if not known:
        odd = next((part for part in parts if ids.folded(part).startswith("/subscriptions/")), text)
        raise BadInputError(_refusal(odd))
    return _only(known)


def _whole(text: str, endpoint: str) -> Named | None:
    """The job, if the text is a URL, an id or a name and nothing else.

    Raises:
        BadInputError: it is a URL that does not lead to one job.
    """
    if _SCHEME.match(text):
        return _of_url(text, endpoint)
    # An id is encoded as a whole. With a slash beside it, %2F would lie inside a name.
    path = _decoded(text) if "/" not in text and "%2f" in text.lower() else text
    tail = _TAIL.fullmatch(path)
    name = tail[1] if tail else path
    return _ref(path) or (name if is_bare_job_name(name) else None)


def _of_url(text: str, endpoint: str) -> Named:
    try:
        url = urlsplit(text)
        host, port = url.hostname or "", url.port
    except ValueError:  # an open bracket, or a port that is no number
        raise BadInputError(f"{_shown(text)} is not a URL; {_EXPECTED}") from None
    own = endpoint != "" and url.netloc.lower() == urlsplit(endpoint).netloc.lower()
    usual = url.scheme in ("http", "https") and "@" not in url.netloc and port in (None, 443)
    portal = usual and _is_below(host, PORTAL_HOSTS)
    if not own and not portal and not (usual and _is_below(host, MANAGEMENT_HOSTS)):
        raise BadInputError(
            f"{_shown(text)} leads to {url.netloc!r}, which is no host of Azure that this tool "
            f"knows; {_EXPECTED}"
        )
    named_there = list(_in_portal(url) if portal else [_rejoined(url.path.split("/"))])
    refs = [ref for ref in map(_ref, named_there) if ref is not None]
    also = {found.lower() for found in _MENTION.findall(_decoded(text))}
    if not refs:
        raise BadInputError(_refusal(next(filter(_resource, named_there), text)))
    if len(also) > 1:
        raise BadInputError(f"{_shown(text)} names {len(also)} jobs, not one; {_EXPECTED}")
    return _only(refs)


def _in_portal(url: SplitResult) -> Iterator[str]:
    """The ids in a portal's URL: encoded as the value of a blade, or plain at the end."""
    for place in (url.path, url.fragment):
        parts = place.split("/")
        yield from (_decoded(part) for part in parts if "%2f" in part.lower())
        folded = [ids.folded(part) for part in parts]
        if "subscriptions" in folded:
            rest = parts[folded.index("subscriptions") :]
            yield _rejoined(rest)
            yield _rejoined(rest[:-1])  # the portal may add the name of a blade


def _rejoined(parts: Iterable[str]) -> str:
    """A path whose parts are decoded one by one. A slash that was encoded makes it no path."""
    decoded = [_decoded(part) for part in parts]
    return "" if any("/" in part for part in decoded) else "/".join(decoded)


def _decoded(text: str) -> str:
    """The text, percent-decoded once. What is encoded twice stays encoded, and is no id."""
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        return text


def _only(jobs: Iterable[Named]) -> Named:
    """The only job of several mentions.

    Raises:
        BadInputError: they are different jobs.
    """
    different: dict[str, Named] = {}
    for job in jobs:
        different.setdefault(ids.normal(spelled(job)), job)
    if len(different) == 1:
        return next(iter(different.values()))
    each = " ".join(f"--job-id {quote(spelled(job))}" for job in different.values())
    raise BadInputError(
        f"the text names {len(different)} different jobs; to treat them all: "
        f"remediate {each} --dry-run"
    )


def _ref(text: str) -> JobRef | None:
    if _hidden(text):
        return None
    try:
        return JobRef.parse(text)
    except BadInputError:
        return None


def _resource(text: str) -> ids.ResourceId | None:
    try:
        return ids.ResourceId.parse(text)
    except ValueError:
        return None


def _vault(text: str) -> VaultRef | None:
    """The vault that an id names, or that the named thing lies in."""
    try:
        return VaultRef.parse("/".join(text.strip("/").split("/")[:8]))
    except BadInputError:
        return None


def _refusal(text: str) -> str:
    """Why a text names no job, and the command that fits what it does name."""
    found = None if _hidden(text) else _resource(text)
    if found is None:
        return f"{_shown(text)} is neither a job's ARM id nor its bare name; {_EXPECTED}"
    kind = "/".join((found.namespace, *found.types))
    if found.is_a(_VM_TYPE):
        return (
            f"{_shown(text)} is a VM, not a backup job; look at its backup: "
            f"remediate check --vm {quote(str(found))}"
        )
    if found.is_a(VAULT_TYPE):
        return f"{_shown(text)} is a vault, not a job; {_jobs_of(VaultRef.parse(text))}"
    return f"{_shown(text)} is not a backup job but of the type {_shown(kind)}; {_EXPECTED}"


def _jobs_of(vault: VaultRef) -> str:
    return (
        "take the id or the bare name of one of its jobs: az backup job list "
        f"--subscription {quote(vault.subscription)} --resource-group {quote(vault.group)} "
        f"--vault-name {quote(vault.name)} --status Failed"
    )


def _shown(text: str) -> str:
    return repr(text if len(text) <= _CUT else f"{text[:_CUT]}…")


def _unwrapped(text: str) -> str:
    """The text without what surrounds it: blanks, quotes, brackets, the end of a sentence.

    No id begins or ends with such a sign, so nothing of an id is lost.
    """
    return text.strip().lstrip(_BLANK + _BEFORE).rstrip(_BLANK + _AFTER)


def _hidden(text: str) -> bool:
    """Whether the text holds controls, line breaks or signs that nobody sees. A tab is a blank."""
    return any(
        unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp") and sign != "\t"
        for sign in text
    )


def _is_below(host: str, known: Iterable[str]) -> bool:
    return any(host == each or host.endswith(f".{each}") for each in known)
