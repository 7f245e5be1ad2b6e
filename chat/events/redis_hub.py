"""The hub: one subscription connection per process, handing published events to the followers in it."""

import asyncio
from collections import defaultdict, deque
from uuid import UUID

import structlog
from redis.asyncio import Redis

from chat.events.away import AWAY
from chat.events.redis_writer import stream_key
from chat.events.sealed import opened
from chat.events.types import Frame
from chat.origin import nobodys

logger = structlog.get_logger(__name__)

MOST_HELD = 1_000
RETRY_SECONDS = 0.3
_OWN_CHANNEL = "chatsite:hub"  # keeps the connection subscribed to something while nobody follows


def parse_published(data: bytes, channel: str) -> Frame | None:
    """Read ``<id> <f|e> <sealed json>`` as the writer publishes it; None where it cannot be opened."""
    event_id, kind, body = data.split(b" ", 2)
    return opened(event_id, kind, body, channel)


class Subscription:
    """What has come for one follower and is not read yet.

    A follower that reads slowly holds ``MOST_HELD`` frames at most; beyond that they are dropped and it reads
    the log again. So it never slows anyone else.
    """

    def __init__(self) -> None:
        self._held: deque[Frame] = deque()
        self._arrived = asyncio.Event()
        self._must_reread = False

    def __len__(self) -> int:
        return len(self._held)

    def put(self, frame: Frame) -> None:
        """Hold one frame."""
        if len(self._held) >= MOST_HELD:
            self.lose()
        else:
            self._held.append(frame)
            self._arrived.set()

    def lose(self) -> None:
        """Drop what is held and have the follower read the log again."""
        self._held.clear()
        self._must_reread = True
        self._arrived.set()

    async def next(self, seconds: float) -> Frame | None:
        """Return the next frame; None when the log is to be read again, or nothing came in time."""
        if not self._held and not self._must_reread:
            self._arrived.clear()
            try:
                async with asyncio.timeout(seconds):
                    await self._arrived.wait()
            except TimeoutError:
                return None
        if self._must_reread:
            self._must_reread = False
            return None
        return self._held.popleft()


class Hub:
    """Subscribes to the turns that are followed in this process."""

    def __init__(self, redis: Redis):
        self._redis = redis
        self._pubsub = redis.pubsub()
        self._followers: defaultdict[str, set[Subscription]] = defaultdict(set)
        self._confirmed: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._lock = asyncio.Lock()
        self._reader: asyncio.Task[None] | None = None
        self._leaving: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return sum(map(len, self._followers.values()))

    @property
    def unread(self) -> int:
        """Return how many events are held for followers that have not read them yet."""
        return sum(len(each) for followers in self._followers.values() for each in followers)

    async def subscribe(self, turn: UUID) -> Subscription:
        """Begin to receive a turn's events; what is published after the return is not missed.

        Raises:
            One of ``AWAY``: Redis is away.
        """
        channel = stream_key(turn)
        subscription = Subscription()
        self._followers[channel].add(subscription)
        if self._reader is None:
            self._reader = asyncio.create_task(self._read(), name="event-hub", context=nobodys())
        try:
            await self._confirm(channel)
        except BaseException:  # a cancelled follower too: nothing may stay subscribed that nobody reads
            self.unsubscribe(turn, subscription)
            raise
        return subscription

    async def _confirm(self, channel: str) -> None:
        confirmed = self._confirmed[channel]
        if confirmed.is_set():
            return
        async with asyncio.timeout(2):
            async with self._lock:
                await self._pubsub.subscribe(channel)
            await confirmed.wait()

    def unsubscribe(self, turn: UUID, subscription: Subscription) -> None:
        """Stop receiving."""
        channel = stream_key(turn)
        self._followers[channel].discard(subscription)
        if not self._followers[channel]:
            leaving = asyncio.get_running_loop().create_task(self._leave(channel))
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)

    async def aclose(self) -> None:
        """End the reader and the connection."""
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, *self._leaving, return_exceptions=True)
        await self._pubsub.aclose()

    async def _leave(self, channel: str) -> None:
        async with self._lock:
            if self._followers.get(channel):
                return
            self._followers.pop(channel, None)
            self._confirmed.pop(channel, None)
            try:
                await self._pubsub.unsubscribe(channel)
            except AWAY:
                return  # the reader finds out and subscribes anew to what is still followed

    async def _read(self) -> None:
        await self._connect()
        while True:
            try:
                answer = await self._pubsub.parse_response(block=True)
            except AWAY as error:
                logger.warning("event_hub_unreachable", reason=str(error))
                await self._connect()
                continue
            kind, channel = answer[0], answer[1].decode()
            if kind == b"message":
                self._deliver(channel, answer[2])
            elif kind == b"subscribe":
                self._confirmed[channel].set()

    def _deliver(self, channel: str, data: bytes) -> None:
        followers = self._followers.get(channel)
        if followers:
            frame = parse_published(data, channel)
            for follower in followers if frame is not None else ():
                follower.put(frame)

    async def _connect(self) -> None:
        """Subscribe to everything that is followed, until it works; then have all read the log again."""
        for confirmed in self._confirmed.values():
            confirmed.clear()
        while True:
            async with self._lock:
                try:
                    await self._pubsub.aclose()
                    self._pubsub = self._redis.pubsub()
                    await self._pubsub.subscribe(_OWN_CHANNEL, *self._followers)
                    break
                except AWAY:
                    pass
            await asyncio.sleep(RETRY_SECONDS)
        for followers in self._followers.values():
            for follower in followers:
                follower.lose()
