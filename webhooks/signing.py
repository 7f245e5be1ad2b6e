"""Secrets and signatures, in the manner of Standard Webhooks (https://www.standardwebhooks.com).

A signature is ``v1,`` and the base64 of HMAC-SHA256 over ``id.timestamp.body``. Its key is the 32 bytes whose
base64 follows ``whsec_`` in the secret.
"""

import hmac
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterable
from typing import Final

from chat.sealing import Seal

PREFIX: Final = "whsec_"
_seal = Seal("webhooks")


def new_secret() -> str:
    """Return a new secret, as receivers are given it."""
    return PREFIX + b64encode(secrets.token_bytes(32)).decode()


def sealed(secret: str, endpoint: object) -> bytes:
    """Return a secret as it may lie in the database, for this endpoint alone."""
    return _seal.close(secret.encode(), f"endpoint:{endpoint}")


def opened(kept: bytes, endpoint: object) -> str:
    """Return a secret that was sealed.

    Raises:
        Unreadable: the desk's SECRET_KEY is another one now, and not among the former keys.
    """
    return _seal.open(kept, f"endpoint:{endpoint}").decode()


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return one signature, with its version."""
    key = b64decode(secret.removeprefix(PREFIX))
    signed = b".".join((message_id.encode(), str(timestamp).encode(), body))
    return "v1," + b64encode(hmac.digest(key, signed, "sha256")).decode()


def headers(keys: Iterable[str], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the three headers; during a rotation there is a signature by each secret."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(key, message_id, timestamp, body) for key in keys),
    }
