"""Who may speak to ``/mcp``, and how much: what Django's middleware and REST's classes do elsewhere.

Every request stands for itself: the bearer is looked up each time, nothing is kept between two of them, and
any process may answer the next. So there is no session to be taken over, and none to be lost.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final

import structlog
from django.conf import settings
from django.db import Error as DatabaseFailure
from django.http.request import split_domain_port, validate_host

from accounts.limits.address import network_of_scope
from accounts.limits.decision import Decision
from accounts.limits.limiter import give_back, take
from accounts.limits.rules import rule
from accounts.models import User
from accounts.tokens.access import READ, Access
from accounts.tokens.bearer import resolve_bearer
from chat.database import in_database

logger = structlog.get_logger(__name__)

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Header = tuple[bytes, bytes]

PATH: Final = "/mcp"
MOST_BYTES: Final = 65_536  # of a request; a call of a tool is a few hundred
BODY_SECONDS: Final = 15.0  # for all of it to come
PERSON: Final = "chatsite.person"  # in the scope: whom the request stands for
_CHALLENGE: Final = 'Bearer realm="chatsite"'
_ALWAYS: Final = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))


class Refused(Exception):
    """The request goes no further.

    Args:
        status: of the answer.
        code: for programs.
        words: for people.
        headers: of the answer.
    """

    def __init__(self, status: int, code: str, words: str, headers: Iterable[Header] = ()):
        super().__init__(code)
        self.status, self.code, self.words, self.headers = status, code, words, tuple(headers)


class McpDoor:
    """ASGI middleware: serves ``/mcp`` and passes everything else on."""

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]]):
        """``app`` serves everything else."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "http" and scope["path"] in (PATH, f"{PATH}/"):
            await _serve(scope, receive, send)
        else:
            await self._app(scope, receive, send)


async def _serve(scope: Scope, receive: Receive, send: Send) -> None:
    try:
        _check_where(scope)
        person, decision = await _admitted(scope)
        if scope["method"] != "POST":
            # No stream of the server's own and no session to end: the protocol lets a server say so.
            raise Refused(405, "method_not_allowed", "Only POST is served here.", [(b"allow", b"POST")])
        body = await _body_of(scope, receive)
    except Refused as refused:
        await _refuse(refused, send)
        return
    except DatabaseFailure as error:
        logger.warning("database_away", reason=str(error))
        await _refuse(Refused(503, "unavailable", "Please try again in a moment."), send)
        return
    handle = await asyncio.to_thread(_imported)
    headers = [(name.encode(), value.encode()) for name, value in decision.headers.items()]
    await handle({**scope, PERSON: person}, body, receive, _with_headers(send, headers))


def _imported() -> Callable[..., Awaitable[None]]:
    from chat.mcp.server import handle  # takes a second or two the first time

    return handle


# --- who comes in -----------------------------------------------------------------------------------------


def _check_where(scope: Scope) -> None:
    """Refuse what was sent to another host's name, or by a page of others."""
    domain, _ = split_domain_port(_header(scope, b"host"))
    if not domain or not validate_host(domain, settings.ALLOWED_HOSTS):
        raise Refused(400, "bad_host", "This host is not served here.")
    origin = _header(scope, b"origin")
    if origin and origin not in settings.TRUSTED_ORIGINS:
        raise Refused(403, "bad_origin", "Pages of this origin are not served here.")


async def _admitted(scope: Scope) -> tuple[User, Decision]:
    """Return whom the request stands for, and how it counts.

    As on REST, strangers are counted by address, and uncounted when what they show opens something: guessing
    keys is limited, and using one is not.
    """
    stranger = await take(rule("anonymous_requests"), network_of_scope(scope))
    if not stranger.allowed:
        raise _too_often(stranger)
    person, access = await _found(scope)
    await give_back(stranger)
    if not access.allows(READ):
        challenge = f'{_CHALLENGE}, error="insufficient_scope", scope="{READ}"'
        words = "This application has not been given the right to do this."
        raise Refused(403, "insufficient_scope", words, [(b"www-authenticate", challenge.encode())])
    decision = await take(rule("user_requests"), person.pk)
    if not decision.allowed:
        raise _too_often(decision)
    return person, decision


async def _found(scope: Scope) -> tuple[User, Access]:
    scheme, _, value = _header(scope, b"authorization").partition(" ")
    if scheme.lower() != "bearer":
        raise Refused(401, "not_authenticated", "Please send a key or token.", [_challenge()])
    found = await in_database(resolve_bearer, value.strip())
    if found is None:
        challenge = _challenge(', error="invalid_token"')
        raise Refused(401, "invalid_token", "This key or token is not valid (any more).", [challenge])
    return found


def _challenge(more: str = "") -> Header:
    return b"www-authenticate", (_CHALLENGE + more).encode()


def _too_often(decision: Decision) -> Refused:
    headers = [(name.lower().encode(), value.encode()) for name, value in decision.headers.items()]
    words = f"That was too often. Please try again in {decision.retry_seconds} s."
    return Refused(429, "rate_limited", words, headers)


# --- what comes and goes ----------------------------------------------------------------------------------


async def _body_of(scope: Scope, receive: Receive) -> bytes:
    """Return the whole body: read here, where too much of it or too slow a one harms nothing."""
    said = _header(scope, b"content-length")
    if said.isdigit() and int(said) > MOST_BYTES:
        raise Refused(413, "too_large", "That is too much at once.", [(b"connection", b"close")])
    body = b""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Refused(400, "cut", "The request was cut.")
                body += message.get("body", b"")
                if len(body) > MOST_BYTES:
                    raise Refused(413, "too_large", "That is too much at once.", [(b"connection", b"close")])
                if not message.get("more_body"):
                    return body
    except TimeoutError:
        raise Refused(408, "too_slow", "The request took too long.", [(b"connection", b"close")]) from None


def _with_headers(send: Send, headers: list[Header]) -> Send:
    async def sending(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), *headers, *_ALWAYS]}
        await send(message)

    return sending


async def _refuse(refused: Refused, send: Send) -> None:
    problem = {
        "type": f"urn:chatsite:problem:{refused.code}",
        "title": refused.words,
        "status": refused.status,
        "code": refused.code,
        "retryable": refused.status in (408, 429, 503),
    }
    body = json.dumps(problem).encode()
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        *refused.headers,
        *_ALWAYS,
    ]
    await send({"type": "http.response.start", "status": refused.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _header(scope: Scope, name: bytes) -> str:
    return next((value for header, value in scope["headers"] if header == name), b"").decode("latin-1")
