"""Seal what leaves the process or lies in the database for a while, so that only this desk can read it.

AES-GCM with a key made of ``SECRET_KEY`` for each purpose (HKDF, RFC 5869). What is sealed is bound to where
it belongs, so that it opens nowhere else. Keys in ``SECRET_KEY_FALLBACKS`` still open what they sealed.
(Fernet would do the same at ten times the time, which every event of an answer would pay.)
"""

import hmac
import os
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_FORM: Final = b"\x01"  # of what is sealed, should it ever change
_NONCE_BYTES: Final = 12


class Unreadable(Exception):
    """What was sealed cannot be opened: another key, another place, or damaged."""


class Seal:
    """Seals and opens for one purpose; what one purpose sealed, no other opens.

    Args:
        purpose: a name, part of the key.
    """

    def __init__(self, purpose: str):
        self._purpose = purpose

    def close(self, plain: bytes, place: str) -> bytes:
        """Return ``plain`` sealed, to be opened with the same ``place`` alone."""
        nonce = os.urandom(_NONCE_BYTES)
        cipher, _ = _keys(self._purpose, settings.SECRET_KEY)
        return _FORM + nonce + cipher.encrypt(nonce, plain, place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """Return what was sealed for ``place``.

        Raises:
            Unreadable: it was not sealed here, or not for this place.
        """
        sealed = bytes(sealed)
        if sealed[:1] == _FORM:
            nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
            for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
                try:
                    return _keys(self._purpose, secret)[0].decrypt(nonce, body, place.encode())
                except (InvalidTag, ValueError):
                    continue
        raise Unreadable(self._purpose)

    def digests(self, plain: str, place: str) -> list[str]:
        """Return what a value is recognised by without being kept, by the present key first."""
        secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
        text = f"{place}\0{plain}".encode()
        return [hmac.digest(_keys(self._purpose, secret)[1], text, "sha256").hex()[:32] for secret in secrets]


@lru_cache(maxsize=32)
def _keys(purpose: str, secret: str) -> tuple[AESGCM, bytes]:
    """Return the cipher and the key of digests for one purpose."""
    key = HKDF(SHA256(), 64, salt=None, info=f"chatsite.{purpose}".encode()).derive(secret.encode())
    return AESGCM(key[:32]), key[32:]
