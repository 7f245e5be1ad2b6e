"""One-time tickets: what a program without a cookie opens a socket with.

A ticket is redeemed once, within half a minute. The store sees neither the ticket (only its digest) nor what
it opens (sealed with a key that is made of the ticket), so whoever reads the store can open nothing.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from dataclasses import asdict
from typing import Final, Protocol

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from accounts.tokens.access import Access, Kind

TICKET_SECONDS: Final = 30
_RANDOM_BYTES: Final = 32
_LONGEST: Final = 100
_MOST_IN_MEMORY: Final = 100_000


class TicketsAway(Exception):
    """The store of tickets cannot be reached; a bearer header needs none."""


class TicketStore(Protocol):
    """Keeps sealed tickets for a while and hands each out once."""

    def put(self, digest: str, sealed: bytes, seconds: int) -> None:
        """Keep a ticket. Raises TicketsAway."""
        ...

    def take(self, digest: str) -> bytes | None:
        """Return a ticket and forget it, in one step. Raises TicketsAway."""
        ...


class MemoryTickets:
    """Tickets of the one process that there is."""

    def __init__(self) -> None:
        self._tickets: dict[str, tuple[float, bytes]] = {}
        self._lock = threading.Lock()

    def put(self, digest: str, sealed: bytes, seconds: int) -> None:
        """Keep a ticket, letting go of those that were never redeemed."""
        now = time.monotonic()
        with self._lock:
            # In the order they were made, and all for the same time: the old ones stand first.
            while self._tickets and self._is_over(next(iter(self._tickets)), now):
                del self._tickets[next(iter(self._tickets))]
            self._tickets[digest] = (now + seconds, sealed)

    def take(self, digest: str) -> bytes | None:
        """Return a ticket and forget it."""
        with self._lock:
            until, sealed = self._tickets.pop(digest, (0.0, b""))
        return sealed if until > time.monotonic() else None

    def _is_over(self, digest: str, now: float) -> bool:
        return self._tickets[digest][0] <= now or len(self._tickets) >= _MOST_IN_MEMORY


_memory = MemoryTickets()


def ticket_store() -> TicketStore:
    """Return the store of this mode: shared by all processes where there are several."""
    if not settings.REDIS_URL:
        return _memory
    from accounts.tokens.redis_tickets import RedisTickets  # only where there is Redis

    return RedisTickets()


def issue(access: Access, conversation: str | None = None) -> str:
    """Return a ticket for what ``access`` lets in, or for one conversation of it.

    Raises:
        TicketsAway: it cannot be kept just now.
    """
    ticket = secrets.token_urlsafe(_RANDOM_BYTES)
    content = json.dumps({"access": asdict(access), "conversation": conversation})
    ticket_store().put(_digest(ticket), _seal(ticket).encrypt(content.encode()), TICKET_SECONDS)
    return ticket


def redeem(ticket: str) -> tuple[Access, str | None] | None:
    """Use a ticket up; return what it lets in, and the only conversation it is for, if it is for one.

    Whether that access still holds is for the caller to see.

    Raises:
        TicketsAway: nobody can tell just now.
    """
    if not ticket or len(ticket) > _LONGEST:
        return None
    sealed = ticket_store().take(_digest(ticket))
    if sealed is None:
        return None
    try:
        content = json.loads(_seal(ticket).decrypt(sealed))
    except InvalidToken:
        return None
    access = content["access"]
    scopes = access.pop("scopes")
    access["kind"] = Kind(access["kind"])
    return Access(**access, scopes=None if scopes is None else tuple(scopes)), content["conversation"]


def _digest(ticket: str) -> str:
    return hashlib.sha256(b"find:" + ticket.encode()).hexdigest()


def _seal(ticket: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"seal:" + ticket.encode()).digest()))
