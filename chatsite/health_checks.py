"""How the desk's parts are: each is asked at once, and what has not answered in time counts as away."""

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable, Coroutine
from functools import cache as once
from typing import Any, Final

from django.conf import settings
from django.db import Error as DatabaseFailure
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from kombu.exceptions import OperationalError as BrokerError

from chat.database import in_database
from chat.events.away import AWAY
from chat.events.log import event_log
from chat.llm.registry import breaker_of, providers
from chatsite.celery import app as celery_app
from chatsite.celery import last_tick
from chatsite.stats import cache_is_up, count_reporting
from knowledge.search import index_state

PING_SECONDS: Final = 0.4
MOST_SECONDS: Final = 0.9  # for all checks together
TICK_SECONDS: Final = 30  # beat sends something every second
LEAST_FREE_MB: Final = 200
Check = dict[str, Any]
Work = Coroutine[Any, Any, Check]
RedisIsUp = Callable[[], Awaitable[bool]]


async def run_checks() -> dict[str, Check]:
    """Return each part's state by its name; every one has ``ok``. Takes ``MOST_SECONDS`` at most."""
    redis_is_up = asyncio.ensure_future(cache_is_up())
    checks = _checks(lambda: asyncio.shield(redis_is_up)).items()
    asked = {name: asyncio.create_task(check, name=f"check-{name}") for name, check in checks}
    done, late = await asyncio.wait(asked.values(), timeout=MOST_SECONDS)
    for task in late:
        task.cancel()
    return {
        name: task.result() if task in done else {"ok": False, "late": True} for name, task in asked.items()
    }


def _checks(redis_is_up: RedisIsUp) -> dict[str, Work]:
    checks = {
        "database": _asked(_database),
        "index": _asked(index_state),
        "migrations": _asked(_migrations),
        "event_log": _event_log(),
        "providers": _providers(redis_is_up),
    }
    if settings.REDIS_URL:
        checks["redis"] = _redis(redis_is_up)
        checks["broker"] = _broker(redis_is_up)
        checks["workers"] = _workers(redis_is_up)
        checks["beat"] = _beat(redis_is_up)
    if connection.vendor == "sqlite":
        checks["disk"] = _disk()
    return checks


async def _asked(step: Callable[[], Check]) -> Check:
    try:
        return await in_database(step)
    except DatabaseFailure:
        return {"ok": False}


def _database() -> Check:
    begun = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {"ok": True, "kind": connection.vendor, "ms": _since(begun)}


def _migrations() -> Check:
    """Compare what the code brings with what the database has had; a newer release may have had more."""
    applied = MigrationRecorder(connection).applied_migrations()
    waiting = len(_known_migrations() - applied.keys())
    return {"ok": not waiting, "waiting": waiting}


@once
def _known_migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None).disk_migrations)


async def _redis(redis_is_up: RedisIsUp) -> Check:
    begun = time.monotonic()
    ok = await redis_is_up()
    return {"ok": ok, "ms": _since(begun)} if ok else {"ok": False}


async def _broker(redis_is_up: RedisIsUp) -> Check:
    return {"ok": await redis_is_up()}


async def _workers(redis_is_up: RedisIsUp) -> Check:
    # Not asked while Redis is silent: the thread would wait for as long.
    count = await asyncio.to_thread(_count_workers) if await redis_is_up() else 0
    return {"ok": count > 0, "count": count}


def _count_workers() -> int:
    """Count those who have reported of late; ask for them only while nobody has, as in an emptied cache.

    One that is busy may be too late with its answer to a ping.
    """
    try:
        return count_reporting("worker") or len(celery_app.control.ping(timeout=PING_SECONDS) or [])
    except (BrokerError, *AWAY):  # gone since it was asked a moment ago
        return 0


async def _beat(redis_is_up: RedisIsUp) -> Check:
    tick = await asyncio.to_thread(last_tick) if await redis_is_up() else None
    if tick is None:
        return {"ok": False, "last_tick_seconds": None}
    age = round(max(time.time() - tick, 0.0), 1)
    return {"ok": age < TICK_SECONDS, "last_tick_seconds": age}


async def _event_log() -> Check:
    """Tell where events go; without Redis they stay in this process, and its turns go on."""
    if settings.EVENT_LOG != "redis":
        return {"ok": True, "kind": "memory"}
    log = event_log()
    try:
        async with asyncio.timeout(PING_SECONDS):
            ok = await log.ping()
    except TimeoutError:
        ok = False
    return {"ok": ok, "kind": "redis", "unwritten": len(log.writer)}


async def _providers(redis_is_up: RedisIsUp) -> Check:
    """Tell which providers are left alone, and for how long, by what this or another process has found."""
    ask_others = await redis_is_up()
    chain = []
    for one in providers():
        left = await breaker_of(one).pause_left(ask_others=ask_others)
        chain.append({"name": one.name, "model": one.model, "ok": not left, "paused_seconds": round(left, 1)})
    return {"ok": all(one["ok"] for one in chain), "chain": chain}


async def _disk() -> Check:
    free = shutil.disk_usage(settings.VAR_DIR).free // 1_000_000
    return {"ok": free >= LEAST_FREE_MB, "free_mb": free}


def _since(begun: float) -> float:
    return round((time.monotonic() - begun) * 1_000, 1)
