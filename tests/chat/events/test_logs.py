"""Both event logs keep the same promises."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from redis.asyncio import Redis

from chat.events import EventId, Frame
from chat.events.log import Appender, EventLog
from chat.events.memory_log import MemoryLog
from chat.events.redis_log import RedisLog
from chat.events.redis_writer import stream_key
from chat.events.types import TurnDelta, TurnFailed, TurnRestarted, TurnStarted

pytestmark = pytest.mark.anyio

KINDS = ["memory", "redis"] if settings.REDIS_URL else ["memory"]
END = TurnFailed(code="x", words="x", retryable=False)


def new_log(kind: str) -> EventLog:
    if kind == "memory":
        return MemoryLog(quiet_seconds=0.05)
    return RedisLog(settings.REDIS_URL, keep_seconds=60, quiet_seconds=0.05)


@pytest.fixture(params=KINDS)
async def logs(request: pytest.FixtureRequest) -> AsyncIterator[tuple[EventLog, EventLog]]:
    """The log of a process that writes and of one that reads; the same object where there is one process."""
    writing = new_log(request.param)
    reading = writing if request.param == "memory" else new_log(request.param)
    yield writing, reading
    await writing.aclose()
    await reading.aclose()


def appender(log: EventLog, turn: UUID, attempt: int = 1) -> Appender:
    return Appender(log, turn=turn, conversation=turn, attempt=attempt)


async def read(log: EventLog, turn: UUID, after: EventId | None = None) -> list[Frame]:
    """Return a turn's frames to the final one."""
    async with asyncio.timeout(10), aclosing(log.follow(turn, after)) as following:
        return [frame async for frame in following if frame is not None]


def ids(frames: list[Frame]) -> list[str]:
    return [str(frame.id) for frame in frames]


async def test_followers_get_everything_in_order(logs):
    writing, reading = logs
    turn = uuid4()
    following = asyncio.create_task(read(reading, turn))
    writer = appender(writing, turn)
    for n in range(50):
        writer.append(TurnDelta(f"{n} "))
        await asyncio.sleep(0)
    writer.append(END)
    frames = await following
    assert ids(frames) == [f"1-{n}" for n in range(1, 52)]
    assert frames[-1].final


async def test_late_follower_gets_what_was(logs):
    writing, reading = logs
    turn = uuid4()
    writer = appender(writing, turn)
    for _ in range(3):
        writer.append(TurnDelta("x"))
    writer.append(END)
    await writer.flush()
    assert ids(await read(reading, turn)) == ["1-1", "1-2", "1-3", "1-4"]


@pytest.mark.parametrize("cut", range(6))
async def test_follow_goes_on_after_the_cursor(logs, cut):
    writing, reading = logs
    turn = uuid4()
    writer = appender(writing, turn)
    before = [writer.append(TurnDelta("x")) for _ in range(5)]
    await writer.flush()
    cursor = before[cut - 1].id if cut else None
    following = asyncio.create_task(read(reading, turn, cursor))
    await asyncio.sleep(0.02)
    writer.append(TurnDelta("y"))
    writer.append(END)
    assert ids(await following) == [f"1-{n}" for n in range(cut + 1, 8)]


async def test_cursor_beyond_the_log_gets_everything(logs):
    writing, reading = logs
    turn = uuid4()
    writer = appender(writing, turn)
    writer.append(TurnStarted())
    writer.append(END)
    await writer.flush()
    assert ids(await read(reading, turn, EventId(9, 9))) == ["1-1", "1-2"]


async def test_stale_attempt_is_refused_and_unheard(logs):
    writing, reading = logs
    turn = uuid4()
    stale, current = appender(writing, turn, 1), appender(reading, turn, 2)
    stale.append(TurnStarted())
    await stale.flush()
    current.append(TurnRestarted())
    await current.flush()
    following = asyncio.create_task(read(reading, turn))
    stale.append(TurnDelta("late"))
    await stale.flush()
    assert stale.is_superseded
    assert not current.is_superseded
    current.append(END)
    frames = await following
    assert ids(frames)[-2:] == ["2-1", "2-2"]
    assert not any("late" in frame.json for frame in frames)


async def test_quiet_log_lets_the_caller_look_elsewhere(logs):
    _, reading = logs
    async with asyncio.timeout(5), aclosing(reading.follow(uuid4())) as following:
        assert await anext(following) is None


async def test_two_followers_get_the_same(logs):
    writing, reading = logs
    turn = uuid4()
    both = asyncio.gather(read(reading, turn), read(reading, turn))
    await asyncio.sleep(0.02)
    writer = appender(writing, turn)
    for _ in range(20):
        writer.append(TurnDelta("x"))
    writer.append(END)
    first, second = await both
    assert first == second
    assert len(first) == 21


async def test_follower_in_the_writing_process_gets_everything(logs):
    writing, _ = logs
    turn = uuid4()
    writer = appender(writing, turn)
    writer.append(TurnStarted())
    following = asyncio.create_task(read(writing, turn))
    await asyncio.sleep(0.02)
    writer.append(END)
    assert ids(await following) == ["1-1", "1-2"]


@pytest.mark.skipif(not settings.REDIS_URL, reason="a lost stream is Redis's alone")
async def test_stream_lost_in_the_middle_is_written_anew(logs):
    writing, reading = logs
    if isinstance(writing, MemoryLog):
        return
    turn = uuid4()
    writer = appender(writing, turn)
    writer.append(TurnStarted())
    writer.append(TurnDelta("before"))
    await writer.flush()
    async with Redis.from_url(settings.REDIS_URL) as client:
        await client.delete(stream_key(turn))
    writer.append(TurnDelta("after"))
    writer.append(END)
    await writer.flush()
    assert ids(await read(reading, turn)) == ["1-1", "1-2", "1-3", "1-4"]
