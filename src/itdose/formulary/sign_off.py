"""Sign-offs: a named person of a site signs a rule, and any later change of the rule voids it.

What is signed is the rule as it is compiled for that site: every limit, its
evidence and reasons, whom it is for, and what the drug's milligrams are
milligrams of. The signature is Ed25519, by the library ``cryptography``.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from itdose.errors import ItdoseError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_CONTEXT = "itdose sign-off 1"


class SigningError(ItdoseError):
    """A key that can't be read or used, or the library is missing."""


class Signing(NamedTuple):
    """Who signs for which site, and on which day."""

    site: str
    name: str
    role: str
    on: str


def signed_bytes(drug: dict[str, Any], rule: dict[str, Any], signing: Signing) -> bytes:
    """Return what a signature covers, in one spelling."""
    statement = {
        "context": _CONTEXT,
        **signing._asdict(),
        "drug": {key: drug[key] for key in ("name", "form", "by_volume", "conversions")},
        "rule": {key: value for key, value in rule.items() if key != "sign_off"},
    }
    return json.dumps(statement, sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode()


def is_signed(message: bytes, signature: str, public_key: str) -> bool:
    """Return whether the owner of the key signed exactly this; raise SigningError for a bad key."""
    key = _public(public_key)
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - an extra, see _ed25519

    try:
        key.verify(base64.b64decode(signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True


def sign(message: bytes, private_key: Ed25519PrivateKey) -> str:
    """Return the signature as text."""
    return base64.b64encode(private_key.sign(message)).decode()


def new_key(passphrase: bytes) -> tuple[bytes, str]:
    """Return a new private key, encrypted as PEM, and its public key as text."""
    key = _ed25519().Ed25519PrivateKey.generate()
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415

    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(passphrase),
    )
    return pem, public_text(key)


def load_key(pem: bytes, passphrase: bytes) -> Ed25519PrivateKey:
    """Read a private key; raise SigningError for a wrong passphrase or another kind of key."""
    ed25519 = _ed25519()
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415

    try:
        key = serialization.load_pem_private_key(pem, passphrase)
    except (ValueError, TypeError) as error:
        raise SigningError("the key can't be read: wrong passphrase, or no PEM private key") from error
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise SigningError("the key is not an Ed25519 key; make one with --new-key")
    found: Ed25519PrivateKey = key
    return found


def public_text(key: Ed25519PrivateKey) -> str:
    """Return the public key as the overlay's ``signers`` hold it."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def _public(text: str) -> Ed25519PublicKey:
    ed25519 = _ed25519()
    try:
        key: Ed25519PublicKey = ed25519.Ed25519PublicKey.from_public_bytes(
            base64.b64decode(text, validate=True)
        )
    except ValueError as error:
        raise SigningError("the public key is not one of Ed25519: 44 characters ending in '='") from error
    return key


def _ed25519() -> Any:
    try:
        from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415
    except ImportError as error:
        raise SigningError("signing needs the library cryptography: pip install 'itdose[sign]'") from error
    return ed25519
