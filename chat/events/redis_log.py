"""The event log of many processes: a Redis stream per turn, written by one process and followed by all."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

import structlog
from redis.asyncio import BlockingConnectionPool, Redis

from chat.events.away import AWAY
from chat.events.ids import EventId
from chat.events.log import LogFigures
from chat.events.memory_log import MemoryLog
from chat.events.redis_hub import Hub, Subscription
from chat.events.redis_writer import RedisWriter, stream_key
from chat.events.sealed import opened
from chat.events.types import Frame

logger = structlog.get_logger(__name__)


class RedisLog:
    """See ``EventLog`` for the promises.

    The process that runs a turn also keeps its events in memory: that feeds the writer again after Redis was
    away, and serves followers in this very process without Redis in between.
    """

    def __init__(self, url: str, *, keep_seconds: int, quiet_seconds: float = 2.0):
        # A blocking pool, because redis-py's default one raises beyond its size; times out, because a frozen
        # Redis must not hold a follower. The subscription has no read timeout: silence is its normal state.
        pool = BlockingConnectionPool.from_url(
            url, max_connections=16, timeout=5, socket_timeout=3, socket_connect_timeout=1
        )
        self._redis = Redis(connection_pool=pool)
        self._listening = Redis.from_url(
            url, socket_timeout=None, socket_connect_timeout=1, health_check_interval=0
        )
        self._local = MemoryLog(quiet_seconds=quiet_seconds)
        self._superseded: dict[UUID, int] = {}
        self._quiet = quiet_seconds
        self.hub = Hub(self._listening)
        self.writer = RedisWriter(
            self._redis, keep_seconds=keep_seconds, kept=self._local.frames, refused=self._refuse
        )

    def append(self, turn: UUID, frame: Frame) -> None:
        """Queue one event for Redis, and keep it here."""
        if frame.final:
            self._superseded.pop(turn, None)
        goes_on = self._local.top(turn) is not None
        self._local.append(turn, frame)
        self.writer.put(turn, frame, goes_on=goes_on)

    async def flush(self, turn: UUID) -> None:
        """Wait until the events queued stand in Redis, or it is away."""
        await self.writer.flush()

    async def forget(self, turn: UUID, last: Frame) -> None:
        """Drop every event of a deleted turn, here and in Redis; where that is away, the stream expires."""
        if self._local.top(turn) is not None:
            self._local.drop(turn, last)
            self._superseded[turn] = last.id.attempt
        try:
            await self.writer.forget(turn, last)
        except AWAY as error:
            logger.warning("events_not_forgotten", turn=str(turn), reason=str(error))

    def is_superseded(self, turn: UUID, attempt: int) -> bool:
        """Tell whether Redis refused this attempt because a later one writes."""
        return self._superseded.get(turn, 0) > attempt

    async def follow(self, turn: UUID, after: EventId | None = None) -> AsyncIterator[Frame | None]:
        """Subscribe, replay what the stream holds after the cursor, then hand over what comes."""
        cursor = after
        while True:
            source = self._local.follow(turn, cursor) if self._runs_here(turn) else self._remote(turn, cursor)
            async for frame in source:
                yield frame
                if frame is None:
                    if self._runs_here(turn):
                        break  # the turn came to this process (or still is here): take its own log
                    continue
                cursor = frame.id
                if frame.final:
                    return

    def figures(self) -> LogFigures:
        """Return how much this process holds and who waits in it."""
        here = self._local.figures()
        return replace(
            here,
            followers=here.followers + len(self.hub),
            unread=self.hub.unread,
            unwritten=len(self.writer),
            is_connected=self.writer.is_connected,
        )

    async def aclose(self) -> None:
        """Write what is queued and close the connections."""
        await self.writer.aclose()
        await self.hub.aclose()
        await self._redis.aclose()
        await self._listening.aclose()

    async def ping(self) -> bool:
        """Tell whether Redis answers."""
        try:
            return bool(await self._redis.ping())
        except AWAY:
            return False

    def _runs_here(self, turn: UUID) -> bool:
        top = self._local.top(turn)
        return top is not None and top.attempt > 0 and not self.is_superseded(turn, top.attempt)

    def _refuse(self, turn: UUID, stands_at: EventId) -> None:
        self._superseded[turn] = stands_at.attempt

    async def _remote(self, turn: UUID, cursor: EventId | None) -> AsyncIterator[Frame | None]:
        subscription: Subscription | None = None
        try:
            while subscription is None:
                try:
                    subscription = await self.hub.subscribe(turn)
                except AWAY:
                    yield None
                    await asyncio.sleep(self._quiet)
            async for frame in self._replay_then_live(turn, cursor, subscription):
                yield frame
        finally:
            if subscription is not None:
                self.hub.unsubscribe(turn, subscription)

    async def _replay_then_live(
        self, turn: UUID, cursor: EventId | None, live: Subscription
    ) -> AsyncIterator[Frame | None]:
        for frame in await self._read(turn, cursor, whole_if_unknown=True):
            cursor = frame.id
            yield frame
        while True:
            frame = await live.next(self._quiet)
            if frame is not None and cursor is not None and frame.id <= cursor:
                continue
            if frame is None or not frame.id.follows(cursor):
                for missed in await self._read(turn, cursor):
                    cursor = missed.id
                    yield missed
                if frame is None:
                    yield None
            if frame is not None and (cursor is None or frame.id > cursor):
                cursor = frame.id
                yield frame

    async def _read(
        self, turn: UUID, after: EventId | None, *, whole_if_unknown: bool = False
    ) -> list[Frame]:
        key = stream_key(turn)
        try:
            entries = await self._redis.xrange(key, min=f"({after}" if after else "-")
            if not entries and after and whole_if_unknown:
                newest = await self._redis.xrevrange(key, count=1)
                if newest and EventId.parse(newest[0][0].decode()) < after:
                    entries = await self._redis.xrange(key)
        except AWAY:
            return []
        frames = (_frame_of(entry_id, fields, key) for entry_id, fields in entries)
        return [frame for frame in frames if frame is not None]


def _frame_of(entry_id: bytes, fields: dict[bytes, bytes], key: str) -> Frame | None:
    ((kind, data),) = fields.items()
    return opened(entry_id, kind, data, key)
