"""``/metrics``, answered before Django, to those who may read it; to others there is no such page.

A scraper comes from inside and by address. What came through a proxy came from outside, whoever the proxy is,
so a network is believed only of a connection without a forwarding header.
"""

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from contextlib import suppress
from ipaddress import ip_address
from typing import Any, Final

from django.conf import settings

from chatsite.metrics.common import of_the_desk
from chatsite.metrics.exposition import CONTENT_TYPE, own, together
from chatsite.metrics.group import group

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

PATH: Final = "/metrics"
_OF_PROXIES: Final = {b"x-forwarded-for", b"forwarded", b"x-real-ip", b"x-forwarded-proto", b"via"}


class Metrics:
    """ASGI middleware: answers ``/metrics`` (GET and HEAD) and passes everything else on."""

    def __init__(self, app: Application, *, is_alone: bool = False):
        """``app`` serves everything else; ``is_alone``: only this process's own figures are given."""
        self._app = app
        self._is_alone = is_alone

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        asked = scope["type"] == "http" and scope["path"] == PATH and scope["method"] in ("GET", "HEAD")
        if asked and may_read(scope):
            await _answer(send, await self._text())
        else:
            await self._app(scope, receive, send)

    async def _text(self) -> bytes:
        if self._is_alone:
            return await asyncio.to_thread(together, {"worker-0": await own()})
        mine, others, common = await asyncio.gather(own(), group.others(), of_the_desk())
        return await asyncio.to_thread(together, {group.place or "web-0": mine, **others}, common)


def may_read(scope: Scope) -> bool:
    """Tell whether whoever opened a connection may read the figures."""
    headers = dict(scope["headers"])
    token = settings.METRICS_TOKEN
    if token and hmac.compare_digest(headers.get(b"authorization", b""), b"Bearer " + token.encode()):
        return True
    if not _OF_PROXIES.isdisjoint(headers) or not scope.get("client"):
        return False
    with suppress(ValueError):
        address = ip_address(scope["client"][0])
        address = getattr(address, "ipv4_mapped", None) or address
        return any(address in network for network in settings.METRICS_ALLOWED_NETWORKS)
    return False


async def _answer(send: Send, body: bytes) -> None:
    headers = [
        (b"content-type", CONTENT_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
