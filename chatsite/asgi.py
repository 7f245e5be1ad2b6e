"""The ASGI application: pages and REST over HTTP, conversations over WebSockets."""

import os
from collections.abc import Awaitable, Callable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")

from django.core.asgi import get_asgi_application

_pages = get_asgi_application()  # before anything that needs the apps to be loaded

from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings

from accounts.limits.address import ClientAddress
from accounts.tokens.sockets import SocketDoor
from chat.mcp.door import McpDoor
from chat.routing import websocket_urlpatterns
from chatsite.bodies import BodyLimit
from chatsite.metrics.door import Metrics
from chatsite.probes import Probes
from chatsite.request_ids import RequestEdge
from chatsite.services import web_services

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


async def _lifespan(scope: Scope, receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            web_services().begin()
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await web_services().end()
            await send({"type": "lifespan.shutdown.complete"})
            return


_router = ProtocolTypeRouter(
    {
        "http": McpDoor(_pages),
        "websocket": SocketDoor(URLRouter(websocket_urlpatterns), settings.TRUSTED_ORIGINS),
        "lifespan": _lifespan,
    }
)
_limited = BodyLimit(_router, most=settings.BODY_MAX_BYTES, upload=settings.UPLOAD_MAX_BYTES)
_served = Metrics(Probes(ClientAddress(RequestEdge(_limited))))


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Serve one connection; the first also starts what runs beside requests (Daphne has no lifespan)."""
    if scope["type"] != "lifespan":
        web_services().begin()
    await _served(scope, receive, send)
