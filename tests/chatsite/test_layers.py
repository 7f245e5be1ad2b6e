"""The layer of one process: who has joined stays, and what is sent arrives."""

import asyncio

import pytest
from channels.layers import channel_layers
from django.conf import settings

from chatsite.layers import MemoryLayer

pytestmark = pytest.mark.anyio
DAY = 86_400


@pytest.fixture
def clock(monkeypatch):
    """A clock that a test moves on."""
    now = [1_000_000.0]
    monkeypatch.setattr("channels.layers.time.time", lambda: now[0])
    return now


async def received(layer, channel, number):
    return [(await asyncio.wait_for(layer.receive(channel), 5))["number"] for _ in range(number)]


async def test_crowd_of_signals_arrives_whole_and_in_order():
    layer = MemoryLayer()
    await layer.group_add("conversation", "desk.inmemory!a")
    for number in range(1_000):
        await layer.group_send("conversation", {"type": "changed", "number": number})
    assert await received(layer, "desk.inmemory!a", 1_000) == list(range(1_000))


async def test_who_joined_days_ago_still_hears(clock):
    layer = MemoryLayer()
    await layer.group_add("conversation", "desk.inmemory!a")
    clock[0] += 3 * DAY
    await layer.group_send("conversation", {"type": "changed", "number": 1})
    assert await received(layer, "desk.inmemory!a", 1) == [1]


async def test_process_that_slept_hears_what_waited_and_what_comes(clock):
    layer = MemoryLayer()
    await layer.group_add("conversation", "desk.inmemory!a")
    await layer.group_send("conversation", {"type": "changed", "number": 1})
    clock[0] += 3_600
    await layer.group_send("conversation", {"type": "changed", "number": 2})
    assert await received(layer, "desk.inmemory!a", 2) == [1, 2]


async def test_who_has_left_hears_nothing_and_nothing_is_kept():
    layer = MemoryLayer()
    await layer.group_add("conversation", "desk.inmemory!a")
    await layer.group_discard("conversation", "desk.inmemory!a")
    await layer.group_send("conversation", {"type": "changed", "number": 1})
    assert (layer.groups, layer.channels) == ({}, {})


def test_desk_in_one_process_has_this_layer():
    if settings.REDIS_URL:
        pytest.skip("several processes have Redis between them")
    assert isinstance(channel_layers["default"], MemoryLayer)
