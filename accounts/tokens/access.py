"""What a request or a socket was let in by, and whether it would still be let in.

A browser's session and the tokens made from a sign-in are one thing here: the tokens name a session row, and
end with it.
"""

import hashlib
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from allauth.idp.oidc.models import Token
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.models import ApiKey, User

READ: Final = "chat:read"
WRITE: Final = "chat:write"
_HANDLE_CHARACTERS: Final = 32


class Kind(StrEnum):
    """What stands behind an access."""

    SESSION = "session"
    KEY = "key"
    GRANT = "grant"


def handle_of(kind: Kind, source: object) -> str:
    """Return a name for an access that may be told to other processes, since it opens nothing."""
    return f"{kind}:{hashlib.sha256(str(source).encode()).hexdigest()[:_HANDLE_CHARACTERS]}"


@dataclass(frozen=True, slots=True)
class Access:
    """What somebody was let in by.

    Attributes:
        user_id: the person it stands for.
        kind: what it is.
        source: the session's key, or the row of the key or grant. A session's key is a secret.
        stamp: the session's proof of the password it was made under; empty for others.
        expires_at: when it ends by itself (seconds since the epoch); None: not before its source does.
        scopes: what a third party may do; None: everything the person may.
    """

    user_id: int
    kind: Kind
    source: str
    stamp: str = ""
    expires_at: float | None = None
    scopes: tuple[str, ...] | None = None

    @property
    def handle(self) -> str:
        """Return the name of its source for signals."""
        return handle_of(self.kind, self.source)

    @property
    def is_own_sign_in(self) -> bool:
        """Tell whether the person signed in, rather than a key or a third party of theirs."""
        return self.kind == Kind.SESSION

    def allows(self, scope: str) -> bool:
        """Tell whether it reaches as far as ``scope``."""
        return self.scopes is None or scope in self.scopes


def of_session(session: SessionBase, user: User, *, expires_at: float | None = None) -> Access:
    """Return the access that a signed-in session gives."""
    return Access(
        user.pk, Kind.SESSION, session.session_key or "", user.get_session_auth_hash(), expires_at=expires_at
    )


def of_request(request: Any) -> Access:
    """Return what an authenticated REST request was let in by."""
    return request.auth if isinstance(request.auth, Access) else of_session(request.session, request.user)


def ended_among(accesses: Iterable[Access]) -> set[Access]:
    """Return those that would not be let in any more: one query for the people, and one a kind in use."""
    asked = set(accesses)
    people = User.objects.filter(pk__in={one.user_id for one in asked}, is_active=True).only("pk", "password")
    stamps = {user.pk: user.get_session_auth_hash() for user in people}
    alive = {kind: _alive(kind, [one.source for one in asked if one.kind == kind]) for kind in Kind}
    now = time.time()
    return {one for one in asked if not _is_good(one, stamps, alive[one.kind], now)}


def _alive(kind: Kind, sources: Collection[str]) -> set[str]:
    if not sources:
        return set()
    if kind == Kind.SESSION:
        rows = Session.objects.filter(session_key__in=sources, expire_date__gt=timezone.now())
    elif kind == Kind.KEY:
        rows = ApiKey.objects.usable().filter(pk__in=sources)
    else:
        rows = Token.objects.valid().filter(pk__in=sources, type=Token.Type.ACCESS_TOKEN)
    return {str(pk) for pk in rows.values_list("pk", flat=True)}


def _is_good(access: Access, stamps: dict[int, str], alive: set[str], now: float) -> bool:
    stamp = stamps.get(access.user_id)
    return (
        stamp is not None
        and access.source in alive
        and (not access.stamp or access.stamp == stamp)
        and (access.expires_at is None or access.expires_at > now)
    )
