"""What runs beside the requests of one web process: sweeping, reporting, and an orderly end."""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Collection, Coroutine
from functools import partial
from typing import Any

import structlog
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import Error as DatabaseFailure

from accounts import limits
from accounts.privacy.retention import apply_retention
from accounts.spending.alerts import look_after_spending
from chat import batches, dispatch
from chat.database import in_database
from chat.events.log import close_event_log, event_log
from chat.events.loops import PerLoop
from chat.llm.registry import close_providers, connect_providers
from chat.origin import background
from chat.sockets import sockets
from chat.turn.carrier import carrier
from chatsite import stats, tracing
from chatsite.metrics.group import group
from knowledge.resemblance import compare_soon
from knowledge.search.opensearch import index_soon
from knowledge.search.vectors import embed_soon, warm_up
from knowledge.tasks import resume_imports
from webhooks.tasks import sweep as send_webhooks

logger = structlog.get_logger(__name__)

# What beat sends to the workers in scaled mode, as often: here the one process does it.
IN_THE_BACKGROUND = (
    ("imports", resume_imports, 15.0),
    ("resemblances", compare_soon, 900.0),
    ("spending", look_after_spending, 60.0),
    ("vectors", embed_soon, 300.0),
    ("opensearch", index_soon, 15.0),
    ("webhooks", send_webhooks, 5.0),
)
DAY_SECONDS = 86_400.0
RETENTION_AFTER_SECONDS = 600.0  # not in the way of a start
CANCEL_SECONDS = 1.0
PROCESS = f"{socket.gethostname()}:{os.getpid()}"


class WebServices:
    """The background tasks of one event loop of a web process."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []
        self.is_ending = False

    def begin(self) -> None:
        """Start the tasks, once. Called with every request, since not every server tells of its start."""
        if self._tasks:
            return
        tracing.begin()
        dispatch.serve_here()
        self._start("providers", connect_providers())
        self._start("stats-report", keep_reporting("web"))
        if settings.REDIS_URL:
            self._start("metrics", group.serve("web"))
            self._start("sweeper", _every(dispatch.SWEEP_SECONDS, _sweep_while_redis_is_away))
            return
        self._start("sweeper", _every(dispatch.SWEEP_SECONDS, dispatch.sweep_here))
        self._start("batches", _every(batches.RELEASE_SECONDS, batches.release))
        self._start("vectors-ready", in_database(warm_up))
        self._start("retention", _every(DAY_SECONDS, _apply_retention, first_after=RETENTION_AFTER_SECONDS))
        for name, task, seconds in IN_THE_BACKGROUND:
            self._start(name, _every(seconds, partial(in_database, task)))

    def _start(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.create_task(work, name=name))

    async def end(self) -> None:
        """Let running turns finish, then close what is open."""
        self.is_ending = True
        await _cancel(self._tasks)
        await carrier().drain(settings.DRAIN_SECONDS)
        await sockets().aclose()
        await close_event_log()
        await limits.close()
        await close_providers()
        await asyncio.to_thread(tracing.end)


async def keep_reporting(kind: stats.Kind) -> None:
    """Tell the other processes of this one's figures, for ever."""
    while True:
        await asyncio.to_thread(stats.report, PROCESS, stats.of_this_process(kind))
        await asyncio.sleep(stats.REPORT_SECONDS)


async def _cancel(tasks: Collection[asyncio.Task[None]]) -> None:
    """End tasks; one that takes a cancellation for a time-out, as redis-py may, is told again."""
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=CANCEL_SECONDS)


async def _apply_retention() -> None:
    """Delete what is past its time; in a thread that knows this loop, whose event log may hold traces."""
    await sync_to_async(apply_retention, thread_sensitive=False)()


async def _every(seconds: float, step: Callable[[], Awaitable[object]], *, first_after: float = 0) -> None:
    """Take a step again and again; a database that is away only puts it off."""
    await asyncio.sleep(first_after)
    while True:
        with background(asyncio.current_task().get_name()):
            try:
                await step()
            except DatabaseFailure as error:
                logger.warning("step_put_off", reason=str(error))
        await asyncio.sleep(seconds)


async def _sweep_while_redis_is_away() -> None:
    """Do beat's and the workers' part while they can hear nothing: begin again what nobody works on."""
    if not await event_log().ping():
        await dispatch.sweep_here()
        await batches.release()
        await in_database(send_webhooks)


_services = PerLoop(WebServices)


def web_services() -> WebServices:
    """Return the running loop's services."""
    return _services.get()
