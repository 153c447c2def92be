"""Signs plans with a key of their approver: Ed25519, in PEM files."""

import base64
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from remediator.errors import BadInputError, PlanFileError
from remediator.plan.plan import Plan, Signature, to_be_signed

_LARGEST: Final = 65_536
"""The most bytes of a key file. A longer file is no key."""

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )


def new_key(path: Path) -> str:
    """Make a key: the private part at `path`, only for its owner, the public part beside it.

    Returns:
        The key's id.

    Raises:
        BadInputError: a file is in the way, or cannot be written.
    """
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
    public = key.public_key().public_bytes(
        form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo
    )
    _create(public_path(path), public, 0o644)
    _create(path, private, 0o600)
    return key_id(key.public_key())


def public_path(path: Path) -> Path:
    """The path of a key's public part."""
    return path.with_name(f"{path.name}.pub")


def key_id(key: "Ed25519PublicKey") -> str:
    """The name of a key: a digest of its public part."""
    return f"ed25519:{hashlib.sha256(key.public_bytes_raw()).hexdigest()[:32]}"


def read_private(path: Path) -> "Ed25519PrivateKey":
    """A private key.

    Raises:
        BadInputError: the file cannot be read, or is no such key.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(_read(path), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise BadInputError(f"{path}: no private Ed25519 key in PEM; remediate keys new makes one")
    return key


def read_public(path: Path) -> "Ed25519PublicKey":
    """A public key.

    Raises:
        BadInputError: the file cannot be read, or is no such key.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(_read(path))
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise BadInputError(
            f"{path}: no public Ed25519 key in PEM; it is the file that ends in .pub"
        )
    return key


def signed(plan: Plan, key: "Ed25519PrivateKey") -> Plan:
    """The plan with a signature."""
    value = base64.b64encode(key.sign(to_be_signed(plan))).decode()
    signature = Signature(key_id=key_id(key.public_key()), value=value)
    return plan.model_copy(update={"signature": signature})


def verified(plan: Plan, keys: "Iterable[Ed25519PublicKey]") -> str:
    """The id of the key among `keys` that signed the plan. Every doubt means no.

    Raises:
        PlanFileError: the plan is not signed, by another key, or the signature does not hold.
    """
    from cryptography.exceptions import InvalidSignature

    if plan.signature is None:
        raise PlanFileError(f"{plan.plan_id} is not signed; nothing was changed")
    named = plan.signature.key_id
    key = next((key for key in keys if key_id(key) == named), None)
    if key is None:
        raise PlanFileError(
            f"{plan.plan_id} is signed with {named}, which is none of the keys of --verify; "
            "nothing was changed"
        )
    try:
        key.verify(base64.b64decode(plan.signature.value, validate=True), to_be_signed(plan))
    except (InvalidSignature, ValueError):
        raise PlanFileError(
            f"{plan.plan_id}: its signature is not valid; nothing was changed"
        ) from None
    return named


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:  # a pipe too: a key may come from a secret store
            return file.read(_LARGEST)
    except OSError as error:
        raise BadInputError(f"{path}: cannot be read: {error.strerror}") from None


def _create(path: Path, content: bytes, mode: int) -> None:
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content)
    except OSError as error:
        raise BadInputError(f"cannot write {path}: {error.strerror}") from None
