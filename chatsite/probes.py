"""``/health/live`` and ``/health/ready``: what an orchestrator asks, answered before Django.

A probe comes often, and by address instead of the host name, which Django would refuse. Live: the event
loop turns. Ready: the database answers, and the process has not been told to end. Redis is no part of it: a
desk without Redis answers by itself.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, Final

from django.db import Error as DatabaseFailure
from django.db import connection

from chat.database import in_database
from chatsite.services import web_services

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

LIVE: Final = "/health/live"
READY: Final = "/health/ready"
DATABASE_SECONDS: Final = 3.0


class Probes:
    """ASGI middleware: answers the two probes (GET and HEAD) and passes everything else on."""

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]]):
        """``app`` serves everything else."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        asked = scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and scope["path"]
        if asked == LIVE:
            await _answer(send, "live", 200)
        elif asked == READY:
            state = await _readiness()
            await _answer(send, state, 200 if state == "ready" else 503)
        else:
            await self._app(scope, receive, send)


async def _readiness() -> str:
    if web_services().is_ending:
        return "ending"
    try:
        await asyncio.wait_for(in_database(_ask_database), DATABASE_SECONDS)
    except (DatabaseFailure, TimeoutError):
        return "no_database"
    return "ready"


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


async def _answer(send: Send, state: str, status: int) -> None:
    body = json.dumps({"status": state}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
