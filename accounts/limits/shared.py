"""The counter of all processes: a sliding log in Redis, kept by one script, by Redis's own clock."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from weakref import WeakKeyDictionary

from redis import BlockingConnectionPool, Redis
from redis import asyncio as redis_asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as Disconnected
from redis.exceptions import RedisError
from redis.retry import Retry

from accounts.limits.decision import MICROSECONDS, Count, Decision, Where, decided
from accounts.limits.rules import Use

AWAY: Final = (RedisError, OSError, TimeoutError)
PREFIX: Final = "chatsite:limit:"
# A connection that Redis has ended since its last use is opened anew, once; silence is not.
_AGAIN: Final = (NoBackoff(), 1, (Disconnected,))
AT_ONCE: Final = 8  # calls of a process (and of each event loop) under way; the others wait their turn

# KEYS: the logs. ARGV: for each its limit and its window in microseconds. A log is the list of the moments
# (microseconds) that were allowed, oldest first. Counted in all logs, or in none when one is full. Returns
# whether it was counted, the moment, and for each log its count and the microseconds until a place is free.
# A moment further ahead than the window was written before the clock was set back, and is dropped.
TAKE: Final = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local allowed, rows = 1, {}
for i, key in ipairs(KEYS) do
  local limit, window = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local first = tonumber(redis.call('LINDEX', key, 0) or nil)
  while first and (first <= now - window or first > now + window) do
    redis.call('LPOP', key)
    first = tonumber(redis.call('LINDEX', key, 0) or nil)
  end
  local count = redis.call('LLEN', key)
  if count >= limit then
    allowed = 0
  end
  rows[i] = {limit, window, count, first}
end
local stamp = string.format('%.0f', now)
local answer = {allowed, stamp}
for i, key in ipairs(KEYS) do
  local limit, window, count, first = rows[i][1], rows[i][2], rows[i][3], rows[i][4]
  if allowed == 1 then
    redis.call('RPUSH', key, stamp)
    redis.call('PEXPIRE', key, math.ceil(window / 1000))
    count = count + 1
    first = first or now
  end
  if count > limit then
    first = tonumber(redis.call('LINDEX', key, count - limit))
  end
  answer[#answer + 1] = count
  answer[#answer + 1] = first and first + window - now or 0
end
return answer
"""


@dataclass(frozen=True, slots=True)
class _Connection:
    """Connections of one event loop, and who may use them."""

    redis: redis_asyncio.Redis
    take: Callable[..., Any]
    gate: asyncio.Semaphore


class SharedStore:
    """Counts in Redis, for tasks (``take_all``) and for threads (``take_all_now``).

    Args:
        url: address of Redis.
        patience: seconds for connecting, and for an answer.
    """

    def __init__(self, url: str, *, patience: float):
        self._url = url
        self._options: dict[str, Any] = {"socket_timeout": patience, "socket_connect_timeout": patience}
        pool = BlockingConnectionPool.from_url(
            url, max_connections=AT_ONCE, timeout=patience, retry=Retry(*_AGAIN), **self._options
        )
        self._redis = Redis(connection_pool=pool)
        self._take = self._redis.register_script(TAKE)
        self._gate = threading.Semaphore(AT_ONCE)
        self._loops: WeakKeyDictionary[asyncio.AbstractEventLoop, _Connection] = WeakKeyDictionary()

    async def take_all(self, uses: Sequence[Use], is_worth_it: Callable[[], bool]) -> Decision | None:
        """Count every use, or none of them when one log is full.

        Args:
            uses: what counts.
            is_worth_it: asked after waiting for a connection; where it says no, the answer is None.

        Raises:
            One of ``AWAY``: Redis is away.
        """
        here = self._here()
        async with here.gate:
            if not is_worth_it():
                return None
            return _decided(uses, await here.take(*_words(uses)))

    def take_all_now(self, uses: Sequence[Use], is_worth_it: Callable[[], bool]) -> Decision | None:
        """Do the same for a caller in a thread."""
        with self._gate:
            if not is_worth_it():
                return None
            return _decided(uses, self._take(*_words(uses)))

    async def give_back(self, decision: Decision) -> None:
        """Take what a decision counted out of the logs."""
        async with self._here().redis.pipeline(transaction=False) as pipeline:
            for use in decision.uses:
                pipeline.lrem(PREFIX + use.log, -1, str(decision.stamp))
            await pipeline.execute()

    def give_back_now(self, decision: Decision) -> None:
        """Do the same for a caller in a thread."""
        with self._redis.pipeline(transaction=False) as pipeline:
            for use in decision.uses:
                pipeline.lrem(PREFIX + use.log, -1, str(decision.stamp))
            pipeline.execute()

    async def aclose(self) -> None:
        """Close the connections of the running loop."""
        here = self._loops.pop(asyncio.get_running_loop(), None)
        if here is not None:
            await here.redis.aclose()

    def _here(self) -> _Connection:
        loop = asyncio.get_running_loop()
        here = self._loops.get(loop)
        if here is None:
            client = redis_asyncio.Redis.from_url(
                self._url, max_connections=2 * AT_ONCE, retry=AsyncRetry(*_AGAIN), **self._options
            )
            take = client.register_script(TAKE)
            here = self._loops[loop] = _Connection(client, take, asyncio.Semaphore(AT_ONCE))
        return here


def _words(uses: Sequence[Use]) -> tuple[list[str], list[int]]:
    keys = [PREFIX + use.log for use in uses]
    return keys, [word for use in uses for word in (use.rule.limit, use.rule.seconds * MICROSECONDS)]


def _decided(uses: Sequence[Use], answer: list[Any]) -> Decision:
    allowed, stamp, *rows = answer
    counts = [Count(count, frees) for count, frees in zip(rows[::2], rows[1::2], strict=True)]
    return decided(uses, Where.SHARED, allowed=bool(allowed), stamp=int(stamp), counts=counts)
