"""Both counters, alike for the tests: time passes at a word, in memory and in Redis."""

from collections.abc import Iterator, Sequence
from typing import Protocol

import pytest
import redis

from accounts import limits
from accounts.limits import Decision, Use, limiter
from accounts.limits.decision import MICROSECONDS
from accounts.limits.memory import MemoryStore
from accounts.limits.shared import TAKE, SharedStore
from tests.services import RedisServer, ServiceMissingError

CLOCK = "tests:clock"
PATIENCE_SECONDS = 5.0


class Counter(Protocol):
    """What both counters can do in a test."""

    def take_all(self, *uses: Use) -> Decision:
        """Count."""

    def give_back(self, decision: Decision) -> None:
        """Uncount."""

    def pass_time(self, seconds: float) -> None:
        """Let time pass."""


class InMemory:
    """The memory's counter, with a clock of its own."""

    def __init__(self) -> None:
        self._now = 1_000.0
        self.store = MemoryStore(clock=lambda: self._now)
        self.give_back = self.store.give_back

    def take_all(self, *uses: Use) -> Decision:
        return self.store.take_all(uses)

    def pass_time(self, seconds: float) -> None:
        self._now += seconds


class InRedis:
    """Redis's counter. Its script reads the time from a key of the tests: by Redis's own clock the seconds
    that a busy machine needs would count, too.
    """

    def __init__(self, url: str) -> None:
        self.store = SharedStore(url, patience=PATIENCE_SECONDS)
        self.give_back = self.store.give_back_now
        self.redis = redis.Redis.from_url(url, decode_responses=True)
        told = TAKE.replace("redis.call('TIME')", f"redis.call('LRANGE', '{CLOCK}', 0, 1)")
        assert told != TAKE
        self.store._take = self.store._redis.register_script(told)
        seconds, microseconds = self.redis.time()
        self._set_clock(seconds * MICROSECONDS + microseconds)

    def take_all(self, *uses: Use) -> Decision:
        return self.store.take_all_now(uses, lambda: True)

    def pass_time(self, seconds: float) -> None:
        self._set_clock(self._now + round(seconds * MICROSECONDS))

    def _set_clock(self, now: int) -> None:
        self._now = now
        with self.redis.pipeline() as pipeline:
            pipeline.delete(CLOCK).rpush(CLOCK, *divmod(now, MICROSECONDS)).execute()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A Redis that tests may kill."""
    try:
        with RedisServer() as server:
            yield server
    except ServiceMissingError as missing:
        pytest.skip(str(missing))


@pytest.fixture
def running_redis(redis_server: RedisServer) -> RedisServer:
    """The same, up and empty."""
    redis_server.resume()
    if redis_server.process is None or redis_server.process.poll() is not None:
        redis_server.start()
    with redis.Redis.from_url(redis_server.url) as client:
        client.flushall()
    return redis_server


@pytest.fixture(params=["memory", "redis"])
def counter(request: pytest.FixtureRequest) -> Counter:
    """Either counter."""
    if request.param == "memory":
        return InMemory()
    return InRedis(request.getfixturevalue("running_redis").url)


@pytest.fixture(params=["memory", "redis"])
def carrier(request: pytest.FixtureRequest, settings: object) -> str:
    """Limits as the settings choose them: this process's own, or those of Redis."""
    settings.REDIS_URL = ""
    if request.param == "redis":
        settings.REDIS_URL = request.getfixturevalue("running_redis").url
    return request.param


@pytest.fixture
def limit(settings: object):
    """Give rules another rate: ``limit(user_messages=(3, 60))``."""

    def change(**rates: tuple[int, int]) -> None:
        settings.LIMITS = {**settings.LIMITS, **rates}

    return change


@pytest.fixture(autouse=True)
def nothing_counted(settings: object) -> None:
    """Begin every test with empty counters, and with nothing known of Redis; what it does not say within the
    product's quarter of a second counts as its absence, and a busy machine may need more.
    """
    settings.LIMITS_REDIS_SECONDS = PATIENCE_SECONDS
    limits.forget_here()
    limiter._shared.cache_clear()


def tries(counter: Counter, use: Use, times: int) -> Sequence[bool]:
    """Take that often; return what was allowed."""
    return [counter.take_all(use).allowed for _ in range(times)]
