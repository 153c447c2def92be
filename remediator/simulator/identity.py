"""Microsoft Entra and the managed identity endpoint: who gets a token, and whose token it is."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from datetime import UTC, datetime

from remediator.simulator import ids
from remediator.simulator.reply import ArmError, Json, Reply
from remediator.simulator.world import Principal

_CLOUD_AUDIENCE = "https://management.core.windows.net/"


class Issuer:
    """Makes tokens and recognizes its own. They expire in real time: clients know no other time."""

    def __init__(self, principal: Principal) -> None:
        self.principal = principal
        self.identity_header = secrets.token_hex(16)
        self._key = secrets.token_bytes(32)

    def token(self, audience: str = _CLOUD_AUDIENCE, *, lifetime: float | None = None) -> str:
        """Issue a token that is valid from now on."""
        now = time.time()
        lasts = self.principal.token_lifetime if lifetime is None else lifetime
        claims = {
            "aud": audience,
            "iss": f"https://sts.windows.net/{self.principal.tenant}/",
            "iat": int(now),
            "nbf": int(now),
            "exp": int(now + lasts),
            "appid": self.principal.client_id,
            "idtyp": "app",
            "oid": self.principal.object_id,
            "sub": self.principal.object_id,
            "tid": self.principal.tenant,
            "ver": "1.0",
        }
        head = _encode(json.dumps({"typ": "JWT", "alg": "HS256"}).encode())
        body = _encode(json.dumps(claims).encode())
        return f"{head}.{body}.{self._sign(f'{head}.{body}')}"

    def _sign(self, text: str) -> str:
        return _encode(hmac.new(self._key, text.encode(), hashlib.sha256).digest())

    def check(self, authorization: str | None, base: str) -> None:
        """Refuse a request whose token is missing, foreign or expired."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise _unauthorized(
                base,
                self.principal.tenant,
                "AuthenticationFailed",
                "Authentication failed. The 'Authorization' header is missing.",
            )
        head, _, signature = token.rpartition(".")
        if not hmac.compare_digest(self._sign(head), signature):
            raise _unauthorized(
                base,
                self.principal.tenant,
                "InvalidAuthenticationToken",
                "The access token is invalid.",
            )
        body = head.rpartition(".")[2]
        expires = float(json.loads(base64.urlsafe_b64decode(body + "=="))["exp"])
        if expires <= time.time():
            raise self.expired(base, expires)

    def expired(self, base: str, expires: float | None = None) -> ArmError:
        """The error for an expired token."""
        now = datetime.now(UTC)
        at = now if expires is None else datetime.fromtimestamp(expires, UTC)
        return _unauthorized(
            base,
            self.principal.tenant,
            "ExpiredAuthenticationToken",
            f"The access token expiry UTC time '{at:%m/%d/%Y %I:%M:%S %p}' is earlier than "
            f"current UTC time '{now:%m/%d/%Y %I:%M:%S %p}'.",
        )

    def grant(self, form: dict[str, str]) -> Reply:
        """Answer the token endpoint for a client's secret or a federated assertion."""
        if form.get("grant_type") != "client_credentials":
            return _refused(400, "unsupported_grant_type", 70003, "The grant is not supported.")
        if not ids.same(form.get("client_id", ""), self.principal.client_id):
            return _refused(
                400,
                "unauthorized_client",
                700016,
                "Application was not found in the directory.",
            )
        federated = bool(form.get("client_assertion"))
        if not federated and form.get("client_secret") != self.principal.client_secret:
            return _refused(401, "invalid_client", 7000215, "Invalid client secret provided.")
        scope = form.get("scope", "").removesuffix("/.default")
        lasts = int(self.principal.token_lifetime)
        return Reply(
            200,
            {
                "token_type": "Bearer",
                "expires_in": lasts,
                "ext_expires_in": lasts,
                "access_token": self.token(scope or _CLOUD_AUDIENCE),
            },
        )

    def managed(self, header: str | None, query: dict[str, str]) -> Reply:
        """Answer the managed identity endpoint, as on a host that has one."""
        if header is None or not hmac.compare_digest(header, self.identity_header):
            return Reply(
                401, {"statusCode": 401, "message": "The identity header is missing or wrong."}
            )
        resource = query.get("resource")
        if not resource:
            return Reply(400, {"statusCode": 400, "message": "The resource is missing."})
        lasts = self.principal.token_lifetime
        return Reply(
            200,
            {
                "access_token": self.token(resource),
                "expires_on": str(int(time.time() + lasts)),
                "resource": resource,
                "token_type": "Bearer",
                "client_id": self.principal.client_id,
            },
        )


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _unauthorized(base: str, tenant: str, code: str, message: str) -> ArmError:
    challenge = (
        f'Bearer authorization_uri="{base}/{tenant}", error="invalid_token", '
        f'error_description="{message}"'
    )
    return ArmError(401, code, message, headers={"WWW-Authenticate": challenge})


def _refused(status: int, error: str, number: int, text: str) -> Reply:
    return Reply(
        status,
        {
            "error": error,
            "error_description": f"AADSTS{number}: {text}",
            "error_codes": [number],
            "timestamp": datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%SZ"),
            "trace_id": ids.guid("trace", number),
            "correlation_id": ids.guid("correlation", number),
            "error_uri": f"https://login.microsoftonline.com/error?code={number}",
        },
    )


def metadata(base: str, tenant: str) -> Json:
    """Describe the cloud, as one object."""
    return {
        "name": "Simulated",
        "portal": f"{base}/portal",
        "authentication": {
            "loginEndpoint": f"{base}/",
            "audiences": [_CLOUD_AUDIENCE, f"{base}/"],
            "tenant": tenant,
            "identityProvider": "AAD",
        },
        "resourceManager": f"{base}/",
        "graph": f"{base}/graph",
        "graphAudience": f"{base}/graph",
        "microsoftGraphResourceId": f"{base}/graph/",
        "suffixes": {
            "storage": "core.simulated.invalid",
            "keyVaultDns": "vault.simulated.invalid",
            "sqlServerHostname": "database.simulated.invalid",
            "acrLoginServer": "azurecr.simulated.invalid",
        },
    }


def openid_configuration(base: str, tenant: str) -> Json:
    """Describe the token endpoint of a tenant."""
    return {
        "issuer": f"{base}/{tenant}/v2.0",
        "authorization_endpoint": f"{base}/{tenant}/oauth2/v2.0/authorize",
        "token_endpoint": f"{base}/{tenant}/oauth2/v2.0/token",
        "device_authorization_endpoint": f"{base}/{tenant}/oauth2/v2.0/devicecode",
        "jwks_uri": f"{base}/{tenant}/discovery/v2.0/keys",
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        "response_types_supported": ["code", "id_token"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid"],
        "tenant_region_scope": None,
        "cloud_instance_name": "simulated",
    }
