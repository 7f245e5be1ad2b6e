"""Who opens a socket: a page of ours by its cookie, or a program by a ticket or a bearer header.

Nothing here goes by the address's query, since servers and proxies write that into their logs.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http.cookies import CookieError
from typing import Any, Final
from uuid import UUID

from allauth.core.internal.sessionkit import get_session_user
from allauth.headless.tokens.strategies.jwt.internal import lookup_session
from channels.security.websocket import OriginValidator
from django.conf import settings
from django.http import parse_cookie

from accounts.models import User
from accounts.tokens import tickets
from accounts.tokens.access import Access, ended_among, of_session
from accounts.tokens.bearer import resolve_bearer

PROTOCOL: Final = "chatsite.v1"
_TICKET: Final = "ticket."

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Credentials:
    """What came with a handshake. The cookie is left empty where no trusted page sent it."""

    cookie: str = ""
    ticket: str = ""
    bearer: str = ""


class SocketDoor(OriginValidator):
    """ASGI middleware: refuses pages of others, and puts what came into ``scope["credentials"]``.

    A browser always names the page's origin. A handshake without one is a program's, and a cookie alone does
    not open a socket to it: it could be a browser whose origin a proxy has taken away.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a handshake through, or refuse it."""
        headers = {name: value for name, value in scope["headers"] if name in _HEADERS}
        is_page = b"origin" in headers
        scope["credentials"] = _credentials(headers, scope.get("subprotocols", ()), with_cookie=is_page)
        if is_page:
            await super().__call__(scope, receive, send)
        else:
            await self.application(scope, receive, send)


_HEADERS: Final = (b"origin", b"cookie", b"authorization")


def _credentials(headers: dict[bytes, bytes], protocols: list[str], *, with_cookie: bool) -> Credentials:
    scheme, _, bearer = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    ticket = next((name.removeprefix(_TICKET) for name in protocols if name.startswith(_TICKET)), "")
    return Credentials(
        cookie=_session_cookie(headers.get(b"cookie", b"")) if with_cookie else "",
        ticket=ticket,
        bearer=bearer.strip() if scheme.lower() == "bearer" else "",
    )


def _session_cookie(header: bytes) -> str:
    try:
        return parse_cookie(header.decode("latin-1")).get(settings.SESSION_COOKIE_NAME, "")
    except CookieError:
        return ""


def subprotocol_of(scope: Scope) -> str | None:
    """Return the protocol to answer with: ours, if it was offered; never the ticket beside it."""
    return PROTOCOL if PROTOCOL in scope.get("subprotocols", ()) else None


def admit(credentials: Credentials, conversation_id: UUID) -> tuple[User, Access] | None:
    """Return who may try to open the conversation; None: nobody. Synchronous: it asks the database.

    What was sent on purpose (a header, a ticket) goes before the cookie that a browser adds. A ticket is used
    up by this, and one that somebody else's page carries beside its own cookie opens nothing.

    Raises:
        TicketsAway: a ticket came and its store cannot be reached.
    """
    if credentials.bearer:
        return resolve_bearer(credentials.bearer)
    own = _by_cookie(credentials.cookie) if credentials.cookie else None
    if not credentials.ticket:
        return own
    found = _by_ticket(credentials.ticket, conversation_id)
    return None if found and own and own[0].pk != found[0].pk else found


def _by_cookie(key: str) -> tuple[User, Access] | None:
    session = lookup_session(key)
    user = get_session_user(session) if session is not None else None
    return (user, of_session(session, user)) if session is not None and user is not None else None


def _by_ticket(ticket: str, conversation_id: UUID) -> tuple[User, Access] | None:
    redeemed = tickets.redeem(ticket)
    if redeemed is None:
        return None
    access, only_for = redeemed
    if only_for not in (None, str(conversation_id)) or ended_among([access]):
        return None
    return User.objects.get(pk=access.user_id), access
