"""Health and statistics."""

import pytest
from django.test import AsyncClient

from tests.chat.conftest import open_socket

pytestmark = pytest.mark.anyio


async def test_health_names_every_part(desk, settings):
    answer = await AsyncClient().get("/health")
    checks = answer.json()["checks"]
    assert answer.status_code == 200
    assert checks["database"]["ok"]
    assert set(checks) == {"database", "index"} | (
        {"redis", "broker", "workers"} if settings.REDIS_URL else set()
    )
    assert all(check["ok"] for check in checks.values())


async def test_staff_sees_what_goes_on(carol, alice, conversation):
    client = AsyncClient()
    await client.aforce_login(carol)
    async with open_socket(alice, conversation.id) as socket:
        await socket.receive()
        told = (await client.get("/stats")).json()
    assert told["sockets"] == 1
    assert told["conversations"][0]["conversation"] == str(conversation.id)
    assert told["turns"] == {"running": 0, "queued": 0}
    assert set(told["answer_cache"]) == {"hits", "misses"}


async def test_others_see_no_statistics(alice, desk):
    client = AsyncClient()
    assert (await client.get("/stats")).status_code == 401
    await client.aforce_login(alice)
    assert (await client.get("/stats")).status_code == 404
