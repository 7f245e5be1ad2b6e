"""What runs beside the requests of one web process: sweeping, reporting, and an orderly end."""

import asyncio
import os
import socket

import structlog
from django.conf import settings
from django.db import DatabaseError

from chat import dispatch
from chat.events.log import close_event_log
from chat.events.loops import PerLoop
from chat.llm.registry import close_providers, connect_providers
from chat.sockets import sockets
from chat.turn.carrier import carrier
from chatsite import stats

logger = structlog.get_logger(__name__)

PROCESS = f"{socket.gethostname()}:{os.getpid()}"


class WebServices:
    """The background tasks of one event loop of a web process."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []

    def begin(self) -> None:
        """Start the tasks, once. Called with every request, since not every server tells of its start."""
        if self._tasks:
            return
        dispatch.serve_here()
        self._tasks.append(asyncio.create_task(connect_providers(), name="providers"))
        self._tasks.append(asyncio.create_task(self._report(), name="stats-report"))
        if not settings.REDIS_URL:
            self._tasks.append(asyncio.create_task(self._sweep(), name="sweeper"))

    async def end(self) -> None:
        """Let running turns finish, then close what is open."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await carrier().drain(settings.DRAIN_SECONDS)
        await sockets().aclose()
        await close_event_log()
        await close_providers()

    async def _sweep(self) -> None:
        """In embedded mode this process is the only one: whatever was left unfinished before is its to
        finish.
        """
        while True:
            try:
                await dispatch.sweep_here()
            except DatabaseError as error:
                logger.warning("sweep_failed", reason=str(error))
            await asyncio.sleep(dispatch.SWEEP_SECONDS)

    async def _report(self) -> None:
        while True:
            await asyncio.to_thread(stats.report, PROCESS, stats.of_this_process())
            await asyncio.sleep(stats.REPORT_SECONDS)


_services = PerLoop(WebServices)


def web_services() -> WebServices:
    """Return the running loop's services."""
    return _services.get()
