"""Health: the state for everybody, each part for staff, and always within a second."""

import asyncio
import os
import signal
import time

import pytest
from asgiref.sync import sync_to_async
from django.core.cache import cache
from django.db import OperationalError
from django.test import AsyncClient

from accounts.models import ApiKey
from chat.llm.errors import ProviderRefused
from chat.llm.registry import breaker_of, providers
from chatsite import health_checks, stats
from chatsite.celery import note_tick
from tests.chat.visitors import grant

pytestmark = pytest.mark.anyio
EMBEDDED = {"database", "index", "migrations", "event_log", "providers"}
SCALED = EMBEDDED | {"redis", "broker", "workers", "beat"}


@pytest.fixture
def as_impatient_as_ever():
    """Have the parts asked for no longer than the desk does."""


@pytest.fixture(autouse=True)
def patience(request, monkeypatch):
    """Wait for parts that a busy machine is slow to ask, where the time is not what is tested."""
    if "as_impatient_as_ever" not in request.fixturenames:
        for name in ("health.WHO_SECONDS", "health_checks.MOST_SECONDS", "stats.PING_SECONDS"):
            monkeypatch.setattr(f"chatsite.{name}", 20.0)


@pytest.fixture
async def staff(carol):
    """A browser that Carol is signed in to."""
    client = AsyncClient()
    await client.aforce_login(carol)
    return client


@pytest.fixture
def ticking(desk):
    """Beat, which does not run under test, has just ticked."""
    note_tick()


@pytest.fixture
async def reported(desk, settings, monkeypatch):
    """A worker has reported, as each does every few seconds; so none is asked, which takes that long."""
    monkeypatch.setattr(health_checks, "PING_SECONDS", 20.0)
    async with asyncio.timeout(stats.REPORT_SECONDS * 3):
        while settings.REDIS_URL and not await asyncio.to_thread(stats.count_reporting, "worker"):
            await asyncio.sleep(0.05)


async def parts(staff) -> dict:
    return (await staff.get("/health")).json()["checks"]


async def test_everybody_gets_the_state_and_no_more(desk, ticking, reported, alice):
    client = AsyncClient()
    nobody = await client.get("/health")
    await client.aforce_login(alice)
    customer = await client.get("/health")
    assert nobody.status_code == customer.status_code == 200
    assert nobody.json() == customer.json() == {"status": "ok"}


async def test_staff_see_every_part(desk, ticking, reported, staff, settings):
    checks = await parts(staff)
    assert set(checks) - {"disk"} == (SCALED if settings.REDIS_URL else EMBEDDED)
    assert not {name: check for name, check in checks.items() if not check["ok"]}
    assert checks["database"]["ms"] >= 0
    assert checks["migrations"]["waiting"] == 0
    assert checks["event_log"]["kind"] == settings.EVENT_LOG


async def test_a_key_of_staff_opens_the_parts_and_others_do_not(desk, alice, carol):
    issue = sync_to_async(ApiKey.objects.issue)
    keys = {person: (await issue(person, "watch"))[1] for person in (alice, carol)}
    _, third = await sync_to_async(grant)(carol, "chat:read")
    seen = {}
    for name, value in {"alice": keys[alice], "carol": keys[carol], "third": third, "made up": "x"}.items():
        answer = await AsyncClient().get("/health", headers={"Authorization": f"Bearer {value}"})
        seen[name] = "checks" in answer.json()
    assert seen == {"alice": False, "carol": True, "third": False, "made up": False}


async def test_database_away_is_down(desk, staff, monkeypatch):
    def away():
        raise OperationalError("gone")

    monkeypatch.setattr(health_checks, "_database", away)
    answer = await staff.get("/health")
    assert answer.status_code == 503
    assert answer.json()["status"] == "down"
    assert not answer.json()["checks"]["database"]["ok"]


async def test_silent_part_counts_as_away_within_a_second(desk, ticking, staff, monkeypatch):
    async def silent():
        await asyncio.sleep(60)

    monkeypatch.setattr(health_checks, "MOST_SECONDS", 0.3)
    monkeypatch.setattr(health_checks, "_event_log", silent)
    begun = time.monotonic()
    answer = await staff.get("/health")
    assert time.monotonic() - begun < 5
    assert answer.json()["status"] == "degraded"
    assert answer.json()["checks"]["event_log"] == {"ok": False, "late": True}


async def test_paused_provider_is_told(desk, ticking, staff, settings, monkeypatch):
    settings.LLM_CHAIN = ["compatible", "extractive"]
    breaker = breaker_of(providers()[0])
    monkeypatch.setattr(breaker, "first_pause", 20.0)
    await breaker.failed(ProviderRefused("401", lasting=True))
    answer = (await staff.get("/health")).json()
    model, quoting = answer["checks"]["providers"]["chain"]
    await breaker.succeeded()
    assert answer["status"] == "degraded"
    assert (model["ok"], quoting["ok"]) == (False, True)
    assert 0 < model["paused_seconds"] <= 60


async def test_migrations_that_wait_are_told(desk, staff, monkeypatch):
    known = health_checks._known_migrations()
    monkeypatch.setattr(health_checks, "_known_migrations", lambda: known | {("chat", "9999_to_come")})
    assert (await parts(staff))["migrations"] == {"ok": False, "waiting": 1}


async def test_beat_that_stands_still_is_told(desk, staff, settings):
    if not settings.REDIS_URL:
        pytest.skip("only the scaled desk has a beat")
    assert (await parts(staff))["beat"] == {"ok": False, "last_tick_seconds": None}


async def test_worker_too_busy_for_a_ping_is_there(desk, ticking, reported, staff, settings, monkeypatch):
    if not settings.REDIS_URL:
        pytest.skip("only the scaled desk has workers")
    monkeypatch.setattr(health_checks.celery_app.control, "ping", lambda **_: [])
    assert (await parts(staff))["workers"] == {"ok": True, "count": 1}


async def test_worker_is_asked_while_nobody_has_reported(desk, ticking, staff, settings, monkeypatch):
    if not settings.REDIS_URL:
        pytest.skip("only the scaled desk has workers")
    monkeypatch.setattr(health_checks, "count_reporting", lambda kind: 0)
    monkeypatch.setattr(health_checks.celery_app.control, "ping", lambda **_: [{"one": {"ok": "pong"}}])
    assert (await parts(staff))["workers"] == {"ok": True, "count": 1}


async def test_checks_are_shared_by_those_who_ask_at_once(desk, monkeypatch):
    monkeypatch.setattr("chatsite.health.KEPT_SECONDS", 20.0)
    asked = 0
    plain = health_checks.index_state

    def counted():
        nonlocal asked
        asked += 1
        return plain()

    monkeypatch.setattr(health_checks, "index_state", counted)
    await asyncio.gather(*(AsyncClient().get("/health") for _ in range(5)))
    assert asked == 1


async def test_frozen_redis_is_told_within_a_second(desk, staff, settings, as_impatient_as_ever):
    if not settings.REDIS_URL:
        pytest.skip("there is no Redis")
    pid = await sync_to_async(_redis_pid)()
    os.kill(pid, signal.SIGSTOP)
    try:
        begun = time.monotonic()
        answer = await staff.get("/health")
        took = time.monotonic() - begun
    finally:
        os.kill(pid, signal.SIGCONT)
    assert took < 2  # a second of the desk's, and a busy machine's
    assert answer.json()["status"] == "degraded"
    assert not answer.json()["checks"]["redis"]["ok"]


def _redis_pid() -> int:
    return cache.client.get_client().info("server")["process_id"]
