"""A worker's figures: on a port of its own, or among those of the web processes beside it."""

import asyncio
import socket
from typing import Any

import structlog
from django.conf import settings

from chatsite.metrics.door import Metrics, Receive, Scope, Send
from chatsite.metrics.group import group

logger = structlog.get_logger(__name__)

_serving: list[asyncio.Task[Any]] = []  # a task that nobody holds may be collected


async def begin() -> None:
    """Give out this worker's figures for as long as the running loop lives; raises nothing."""
    if not settings.METRICS_PORT:
        _serving.append(asyncio.create_task(group.serve("worker"), name="metrics"))
        return
    try:
        family = socket.AF_INET6 if ":" in settings.METRICS_HOST else socket.AF_INET
        listening = socket.create_server((settings.METRICS_HOST, settings.METRICS_PORT), family=family)
    except (OSError, OverflowError) as error:  # taken, not allowed, no such address; not a port
        logger.warning("metrics_not_served", port=settings.METRICS_PORT, reason=str(error))
        return
    _serving.append(asyncio.create_task(_serve(listening), name="metrics"))


async def end() -> None:
    """Stop giving them out."""
    for task in _serving:
        task.cancel()
    await asyncio.gather(*_serving, return_exceptions=True)
    _serving.clear()


async def _serve(listening: socket.socket) -> None:
    import uvicorn  # no other part of a worker needs it

    config = uvicorn.Config(
        Metrics(_nothing, is_alone=True),
        lifespan="off",
        ws="none",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
    )
    await uvicorn.Server(config).serve(sockets=[listening])


async def _nothing(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 404, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})
