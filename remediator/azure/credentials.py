"""The sign-in: one cached credential for the whole process. It asks for one token at a time."""

import asyncio
import base64
import json
import os
import time
from pathlib import Path
from typing import Any, Final, Self

from azure.core.credentials import AccessToken
from azure.core.credentials_async import AsyncTokenCredential

from remediator.azure.clouds import Cloud
from remediator.errors import AzureError, BadInputError, did_you_mean
from remediator.redaction import hold, redacted

MODES: Final = ("auto", "cli", "env", "workload", "managed", "token")
SAID_AT_MOST: Final = 400
"""How many characters of a credential's own message are shown."""

SIGN_IN_WITHIN: Final = 120
"""Seconds to get a token, including all that the credential tries."""

REFRESH_BEFORE: Final = 300
"""A token is no longer used when it ends in less than this many seconds."""


class SharedCredential:
    """The credential of the process. All clients share it; it caches, and asks once at a time.

    The SDK would cache per client and ask again for each client. `az` starts a process for each
    question.
    """

    def __init__(self, inner: AsyncTokenCredential) -> None:
        self._inner = inner
        self._lock = asyncio.Lock()
        self._tokens: dict[tuple[tuple[str, ...], str | None], AccessToken] = {}
        self._failed: tuple[float, AzureError] | None = None

    async def get_token(
        self,
        *scopes: str,
        claims: str | None = None,
        tenant_id: str | None = None,
        enable_cae: bool = False,
        **kwargs: Any,
    ) -> AccessToken:
        """The token for these scopes. A claims challenge always asks for a new one.

        Raises:
            AzureError: nobody can sign in.
        """
        key, came = (scopes, tenant_id), time.monotonic()
        async with self._lock:
            token = self._tokens.get(key)
            if claims or token is None or token.expires_on - time.time() < REFRESH_BEFORE:
                if self._failed is not None and self._failed[0] >= came:
                    raise self._failed[1]  # the first asker's error; this one waited meanwhile
                ask = self._inner.get_token(
                    *scopes, claims=claims, tenant_id=tenant_id, enable_cae=enable_cae, **kwargs
                )
                try:
                    async with asyncio.timeout(SIGN_IN_WITHIN):
                        token = await ask
                    hold(token.token)
                except Exception as error:
                    failed = _cannot_sign_in(error)
                    self._failed = (time.monotonic(), failed)
                    raise failed from error
                self._tokens[key] = token
            return token

    async def close(self) -> None:
        """Close the credential."""
        await self._inner.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


class StaticToken:
    """A bearer token that somebody else fetched, from AZURE_ACCESS_TOKEN."""

    def __init__(self, token: str) -> None:
        self._token = token
        hold(token)

    async def get_token(self, *_scopes: str, **_kwargs: Any) -> AccessToken:
        """The token as given. Azure decides whether it is still valid."""
        return AccessToken(self._token, max(_expiry(self._token), int(time.time()) + 3600))

    async def close(self) -> None:
        """Do nothing: there is nothing to close."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def _expiry(token: str) -> int:
    try:
        return int(claims_of(token)["exp"])
    except (ArithmeticError, KeyError, TypeError, ValueError):
        return 0


def claims_of(token: str) -> dict[str, Any]:
    """The claims of a token, unverified. Empty if they cannot be read."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, RecursionError, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _cannot_sign_in(error: Exception) -> AzureError:
    """A credential's error in one line.

    Some credentials list all that they tried, on many lines.
    """
    if isinstance(error, AzureError):
        return error
    slow = f"there was no token within {SIGN_IN_WITHIN} seconds"
    told = slow if isinstance(error, TimeoutError) else getattr(error, "message", None) or error
    said = redacted(" ".join((str(told) or type(error).__name__).split()))
    cut = said if len(said) <= SAID_AT_MOST else said[:SAID_AT_MOST] + "…"
    return AzureError(
        f"cannot sign in: {cut.rstrip('.')}; check --auth and what it needs in the environment",
        code="AuthenticationFailed",
        status=401,
    )


def credential_for(mode: str, cloud: Cloud, transport: Any) -> SharedCredential:
    """The credential of a mode.

    Args:
        mode: one of `MODES`.
        cloud: the cloud that issues the tokens.
        transport: the HTTP transport, which token requests use too.

    Raises:
        BadInputError: the mode is unknown, or the environment lacks a variable that it needs.
    """
    try:
        return SharedCredential(_inner(mode, cloud, transport))
    except ValueError as error:  # azure-identity: an authority without TLS, a malformed tenant
        raise BadInputError(f"--auth {mode} cannot be used here: {error}") from None


def _inner(mode: str, cloud: Cloud, transport: Any) -> AsyncTokenCredential:
    if mode == "token":
        token = os.environ.get("AZURE_ACCESS_TOKEN", "").strip()
        if not token:
            raise BadInputError("--auth token needs a bearer token in AZURE_ACCESS_TOKEN")
        if any(c.isspace() or not c.isprintable() for c in token):
            raise BadInputError("AZURE_ACCESS_TOKEN is not a bearer token: it holds white space")
        return StaticToken(token)
    from azure.identity import aio

    options: dict[str, Any] = {
        "authority": cloud.authority,
        "disable_instance_discovery": not cloud.well_known,
        "transport": transport,
    }
    match mode:
        case "cli":
            return aio.AzureCliCredential()
        case "managed":
            client = os.environ.get("AZURE_CLIENT_ID")
            return aio.ManagedIdentityCredential(transport=transport, client_id=client)
        case "workload":
            _need("workload", "AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_FEDERATED_TOKEN_FILE")
            _need_file("workload", "AZURE_FEDERATED_TOKEN_FILE")
            return aio.WorkloadIdentityCredential(**options)
        case "env":
            _need("env", "AZURE_TENANT_ID", "AZURE_CLIENT_ID")
            if not (
                os.environ.get("AZURE_CLIENT_SECRET")
                or os.environ.get("AZURE_CLIENT_CERTIFICATE_PATH")
            ):
                raise BadInputError(
                    "--auth env needs AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH"
                )
            hold(os.environ.get("AZURE_CLIENT_SECRET", ""))
            _need_file("env", "AZURE_CLIENT_CERTIFICATE_PATH")
            return aio.EnvironmentCredential(**options)
        case "auto":
            if os.environ.get("AZURE_ACCESS_TOKEN", "").strip():
                return _inner("token", cloud, transport)
            hold(os.environ.get("AZURE_CLIENT_SECRET", ""))
            return aio.DefaultAzureCredential(
                exclude_interactive_browser_credential=True,
                authority=cloud.authority,
                disable_instance_discovery=not cloud.well_known,
                transport=transport,
            )
        case _:
            near = did_you_mean(mode, MODES)
            raise BadInputError(f"--auth {mode!r} is not one of {', '.join(MODES)}{near}")


def _need(mode: str, *names: str) -> None:
    missing = [name for name in names if not os.environ.get(name)]
    if missing:
        raise BadInputError(f"--auth {mode} needs {', '.join(missing)} in the environment")


def _need_file(mode: str, name: str) -> None:
    """Check that the file can be read.

    Azure Identity would read it at the first sign-in and raise the bare OSError.
    """
    path = os.environ.get(name)
    try:
        if path:
            Path(path).open("rb").close()
    except OSError as error:
        raise BadInputError(f"--auth {mode} cannot read {name} {path}: {error.strerror}") from None
