"""One id a request: from ``X-Request-ID`` where it is sane, else made; told in the answer and every log.

``RequestEdge`` stands around everything that is served, ``RequestId`` tells Django's requests of it. Every
request over HTTP and every socket leaves one line when it has ended.
"""

import logging
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from chat.origin import KEY, new_id
from chat.safety.personal import scrub
from chat.spans import Span, remote, span
from chatsite.middleware import BothWays, Passing

logger = structlog.get_logger(__name__)
_level = logging.getLogger(__name__)

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

HEADER: Final = "X-Request-ID"
EXCHANGE: Final = "chatsite.exchange"  # in the scope
WENT_AWAY: Final = 499  # as nginx writes it: the client had gone before there was an answer
BROKE: Final = 500
_NAME: Final = HEADER.lower().encode()
_SANE: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")
_HEXADECIMAL: Final = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
# Asked for so often, and so much alike, that a line each would hide the others.
_QUIET: Final = ("/health", "/metrics", "/favicon.ico")
_WITHOUT_ROUTE: Final = ("/mcp",)


@dataclass(slots=True)
class Exchange:
    """One request and what became of it.

    Attributes:
        request_id: the id.
        route: the pattern of the address, without what stands in it; empty where nothing fits.
        user: id of whoever is signed in, where somebody had to know.
        status: of the answer; 0 while there is none.
        bytes: of the answer's body.
    """

    request_id: str
    route: str = ""
    user: int | None = None
    status: int = 0
    bytes: int = 0


def sane_id(given: str) -> str:
    """Return the id as it was given, or a new one where it is none, or could tell of a person.

    Letters, digits, ``.``, ``_`` and ``-``, 8 to 64 of them. It stands in logs unscrubbed and goes to the
    provider, so what looks like a card, a passport or a telephone number is no id.
    """
    if _HEXADECIMAL.fullmatch(given):
        return given
    return given if _SANE.fullmatch(given) and scrub(given) == given else new_id()


class RequestEdge:
    """ASGI middleware: binds the id for all that a request or a socket does, and logs its end."""

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]]):
        """``app`` serves."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        exchange = Exchange(sane_id(_header(scope, _NAME)))
        serve = self._serve_http if scope["type"] == "http" else self._serve_socket
        with structlog.contextvars.bound_contextvars(**{KEY: exchange.request_id}):
            await serve({**scope, EXCHANGE: exchange}, receive, send, exchange)

    async def _serve_http(self, scope: Scope, receive: Receive, send: Send, exchange: Exchange) -> None:
        begun = time.monotonic()
        answering = span(scope["method"], kind="server", parent=_parent(scope))
        try:
            with answering:
                await self._app(scope, receive, _noting(send, exchange))
                _describe(answering, scope, exchange)
        except Exception:  # whatever broke: the line of this request says so, and the fault rises
            exchange.status = exchange.status or BROKE
            raise
        finally:
            _log_request(scope, exchange, begun)

    async def _serve_socket(self, scope: Scope, receive: Receive, send: Send, exchange: Exchange) -> None:
        begun = time.monotonic()
        code = 0

        async def heard() -> Message:
            nonlocal code
            message = await receive()
            if message["type"] == "websocket.disconnect":
                code = message.get("code") or 0
            return message

        async def told(message: Message) -> None:
            if message["type"] == "websocket.accept":
                headers = (*message.get("headers", ()), (_NAME, exchange.request_id.encode()))
                message = {**message, "headers": headers}
                exchange.status = 101
            await send(message)

        try:
            await self._app(scope, heard, told)
        finally:
            seconds = round(time.monotonic() - begun, 1)
            logger.info("socket_served", accepted=exchange.status == 101, code=code, seconds=seconds)


class RequestId(BothWays):
    """Django middleware, the outermost: ``request.request_id``, and what the request's line is to tell.

    Where no server is around Django (its own clients), the id is made and told here.
    """

    def passing(self, request: HttpRequest) -> Passing:
        """Note what is known of the request once it is answered."""
        exchange = _exchange_of(request)
        if exchange is not None:
            return _noted((yield), request, exchange)
        exchange = _made_for(request)
        with structlog.contextvars.bound_contextvars(**{KEY: exchange.request_id}):
            return _told(_noted((yield), request, exchange), exchange)


def _exchange_of(request: HttpRequest) -> Exchange | None:
    exchange = getattr(request, "scope", {}).get(EXCHANGE)
    if exchange is not None:
        request.request_id = exchange.request_id  # type: ignore[attr-defined]
    return exchange


def _made_for(request: HttpRequest) -> Exchange:
    exchange = Exchange(sane_id(request.headers.get(HEADER, "")))
    request.request_id = exchange.request_id  # type: ignore[attr-defined]
    return exchange


def _noted(response: HttpResponse, request: HttpRequest, exchange: Exchange) -> HttpResponse:
    if request.resolver_match is not None:
        exchange.route = "/" + request.resolver_match.route
    exchange.user = _known_person(request)
    return response


def _told(response: HttpResponse, exchange: Exchange) -> HttpResponse:
    response.headers.setdefault(HEADER, exchange.request_id)
    return response


def _known_person(request: HttpRequest) -> int | None:
    """Return who is signed in, where the answer had to know; nobody is looked up for the log's sake."""
    found = getattr(request, "user", None)  # of a key or a token, where the REST framework has put it
    if isinstance(found, SimpleLazyObject):
        found = getattr(request, "_cached_user", None) or getattr(request, "_acached_user", None)
    return getattr(found, "pk", None)


def _noting(send: Send, exchange: Exchange) -> Send:
    async def noted(message: Message) -> None:
        if message["type"] == "http.response.start":
            exchange.status = message["status"]
            headers = tuple(message.get("headers", ()))
            if not any(name.lower() == _NAME for name, _ in headers):  # /v1 tells of the turn instead
                message = {**message, "headers": (*headers, (_NAME, exchange.request_id.encode()))}
        elif message["type"] == "http.response.body":
            exchange.bytes += len(message.get("body", b""))
        await send(message)

    return noted


def _log_request(scope: Scope, exchange: Exchange, begun: float) -> None:
    path = scope["path"]
    if path.startswith((*_QUIET, settings.STATIC_URL)) and not _level.isEnabledFor(logging.DEBUG):
        return
    # The pattern and not the address: what people put into addresses is theirs.
    route = exchange.route or (path if path.rstrip("/") in _WITHOUT_ROUTE else None)
    ms = round((time.monotonic() - begun) * 1000, 1)
    logger.info(
        "request_served", method=scope["method"], route=route, status=exchange.status or WENT_AWAY,
        ms=ms, bytes=exchange.bytes, user=exchange.user,
    )  # fmt: skip


def _describe(answering: Span, scope: Scope, exchange: Exchange) -> None:
    if not answering.is_recorded:
        return
    if exchange.route:
        answering.rename(f"{scope['method']} {exchange.route}")
        answering.set({"http.route": exchange.route})
    known = {"http.request.method": scope["method"], "chatsite.request.id": exchange.request_id}
    answering.set({**known, "http.response.status_code": exchange.status or WENT_AWAY})
    if exchange.status >= BROKE:
        answering.failed(str(exchange.status))


def _parent(scope: Scope) -> Any:
    if not settings.TRACES_FROM_CALLERS:
        return None
    names = ("traceparent", "tracestate")
    given = {name: value for name in names if (value := _header(scope, name.encode()))}
    return remote(given) if given else None


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for known, value in scope["headers"] if known == name), "")
