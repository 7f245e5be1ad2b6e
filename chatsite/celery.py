"""Celery: carries turns to workers in scaled mode, and background work."""

import asyncio
import os
import time
from pathlib import Path

from celery import Celery
from celery.signals import beat_init, before_task_publish, setup_logging, worker_ready, worker_shutdown

from chatsite.broker import use_for_redis

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")

use_for_redis()
app = Celery("chatsite")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
ALIVE_SECONDS = 5.0
TICK_KEY = "beat:tick"
_TICK_EVERY_SECONDS = 2.0
_TICK_KEPT_SECONDS = 86_400
_telling: asyncio.Task[None] | None = None
_reporting: asyncio.Task[None] | None = None


@setup_logging.connect
def keep_own_logging(**_kwargs: object) -> None:
    """Leave logging as Django's LOGGING set it; Celery asks by sending this signal."""


@worker_ready.connect
def make_ready(**_kwargs: object) -> None:
    """Do at the start what the first question would otherwise wait for."""
    from django.conf import settings

    from chat.database import in_database
    from chat.llm.registry import connect_providers
    from chat.turn.worker_loop import worker_loop
    from chatsite import tracing
    from chatsite.metrics import worker as metrics
    from knowledge.search.vectors import warm_up

    tracing.begin()
    if settings.ALIVE_FILE:
        worker_loop.run(_begin_telling(Path(settings.ALIVE_FILE)))
    worker_loop.run(_begin_reporting())
    worker_loop.run(metrics.begin())
    worker_loop.run(connect_providers())
    worker_loop.run(in_database(warm_up))


@worker_shutdown.connect
def let_go(**_kwargs: object) -> None:
    """Write what the event log still holds and close connections, once the last turn has ended."""
    from chat.turn.worker_loop import worker_loop
    from chatsite import tracing

    worker_loop.run(_close())
    tracing.end()


@beat_init.connect
def tell_that_beat_goes_round(**_kwargs: object) -> None:
    """Touch the file whenever the clock sends something, which it does every two seconds."""
    from django.conf import settings

    if settings.ALIVE_FILE:
        path = Path(settings.ALIVE_FILE)
        before_task_publish.connect(lambda **_kwargs: path.touch(), weak=False)


@beat_init.connect
def note_ticks(**_kwargs: object) -> None:
    """Note for all processes when the clock last sent something (``/health`` tells how long ago)."""
    noted = 0.0

    def note(**_kwargs: object) -> None:
        nonlocal noted
        if time.monotonic() - noted >= _TICK_EVERY_SECONDS:
            noted = time.monotonic()
            note_tick()

    before_task_publish.connect(note, weak=False)


def note_tick() -> None:
    """Note that beat goes round now."""
    from django.core.cache import cache

    cache.set(TICK_KEY, time.time(), _TICK_KEPT_SECONDS)


def last_tick() -> float | None:
    """Return when beat last sent something, in seconds since the epoch; None: nobody knows."""
    from django.core.cache import cache

    return cache.get(TICK_KEY)


async def _begin_reporting() -> None:
    global _reporting  # a task that nobody holds may be collected
    from chatsite.services import keep_reporting

    _reporting = asyncio.create_task(keep_reporting("worker"))


async def _begin_telling(path: Path) -> None:
    global _telling  # a task that nobody holds may be collected
    _telling = asyncio.create_task(_tell_alive(path))


async def _tell_alive(path: Path) -> None:
    """Touch the file as long as the loop of all turns goes round; a probe looks at its age."""
    while True:
        path.touch()
        await asyncio.sleep(ALIVE_SECONDS)


async def _close() -> None:
    from chat.events.log import close_event_log
    from chat.llm.registry import close_providers
    from chat.turn.carrier import carrier
    from chatsite.metrics import worker as metrics

    await carrier().drain(0)
    await metrics.end()
    await close_event_log()
    await close_providers()
