"""The pipelined writer: every event of every turn of this process goes to Redis through one connection."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import structlog
from redis.asyncio import Redis
from redis.exceptions import NoScriptError

from chat.events.away import AWAY
from chat.events.ids import EventId
from chat.events.sealed import sealed
from chat.events.types import Frame
from chat.origin import nobodys

logger = structlog.get_logger(__name__)

MOST_EVENTS = 5_000
RETRY_SECONDS = 0.5

# XADD and PUBLISH as one step: an event that Redis refuses, because the log stands at a later id, is not
# heard by anyone either. Returns "" when written, "lost" when the stream that this process began is gone,
# else the id at which the log stands.
APPEND = """
if ARGV[6] == '1' and redis.call('EXISTS', KEYS[1]) == 0 then
  return 'lost'
end
local added = redis.pcall('XADD', KEYS[1], 'MAXLEN', '~', ARGV[4], ARGV[1], ARGV[5], ARGV[2])
if type(added) == 'table' and added.err then
  if string.find(added.err, 'equal or smaller', 1, true) then
    return redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1][1]
  end
  return redis.error_reply(added.err)
end
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('PUBLISH', KEYS[1], ARGV[1] .. ' ' .. ARGV[5] .. ' ' .. ARGV[2])
return ''
"""

# All a deleted turn leaves: one last event, at an id that refuses whatever a late attempt still writes.
FORGET = """
redis.call('DEL', KEYS[1])
redis.call('XADD', KEYS[1], ARGV[1], 'f', ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
redis.call('PUBLISH', KEYS[1], ARGV[1] .. ' f ' .. ARGV[2])
"""


def stream_key(turn: UUID) -> str:
    """Return the name of a turn's stream, which is also the channel its events are published on."""
    return f"chatsite:turn:{turn}"


@dataclass(frozen=True, slots=True)
class _Entry:
    """One event to write; ``goes_on``: earlier ones of its turn have been written by this process."""

    turn: UUID
    frame: Frame
    goes_on: bool = False


class RedisWriter:
    """Takes events without waiting and writes them in order, many in one round trip.

    While Redis is away the events wait; when it is back, ``kept`` gives every event of the turns concerned
    anew, since Redis may have lost what it had. Ids make that harmless: what is still there is refused.

    Args:
        redis: client whose connection is used by this writer alone at a time.
        keep_seconds: how long a stream outlives its last event.
        kept: returns the events of a turn this process has written so far.
        refused: called with a turn and the id at which its log stands, when an event came too late.
    """

    def __init__(
        self,
        redis: Redis,
        *,
        keep_seconds: int,
        kept: Callable[[UUID], list[Frame]],
        refused: Callable[[UUID, EventId], None],
    ):
        self._redis = redis
        self._keep_seconds = keep_seconds
        self._kept = kept
        self._refused = refused
        self._pending: list[_Entry] = []
        self._waiters: list[tuple[int, asyncio.Future[None]]] = []
        self._taken = self._written = 0
        self._wake = asyncio.Event()
        self._sha = ""
        self._task: asyncio.Task[None] | None = None
        self.is_connected = True

    def __len__(self) -> int:
        return len(self._pending)

    def put(self, turn: UUID, frame: Frame, *, goes_on: bool = False) -> None:
        """Queue one event; ``goes_on`` tells whether this process has written earlier ones of the turn."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="event-writer", context=nobodys())
        self._pending.append(_Entry(turn, frame, goes_on))
        self._taken += 1
        self._wake.set()

    async def forget(self, turn: UUID, last: Frame) -> None:
        """Leave only ``last`` of a turn; what waits to be written of it is not written.

        Raises:
            One of ``AWAY``: Redis could not be asked.
        """
        self._pending = [_Entry(turn, last) if entry.turn == turn else entry for entry in self._pending]
        key = stream_key(turn)
        await self._redis.eval(FORGET, 1, key, str(last.id), sealed(last, key), self._keep_seconds)

    async def flush(self, seconds: float = 1.0) -> bool:
        """Wait until everything queued so far is written; tell whether it was, in ``seconds`` at most."""
        if self._written >= self._taken:
            return True
        if not self.is_connected:
            return False
        done = asyncio.get_running_loop().create_future()
        self._waiters.append((self._taken, done))
        try:
            async with asyncio.timeout(seconds):
                await done
        except TimeoutError:
            return False
        return self.is_connected

    async def aclose(self) -> None:
        """Write what is queued, then end."""
        await self.flush()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            batch, self._pending = self._pending, []
            try:
                await self._write(batch)
            except AWAY as error:
                await self._recover(batch, error)
            else:
                self._connected()
                self._written += len(batch)
                self._release(lambda due: due <= self._written)

    async def _write(self, batch: list[_Entry]) -> None:
        if not self._sha:
            self._sha = await self._redis.script_load(APPEND)
        pipe = self._redis.pipeline(transaction=False)
        for entry in batch:
            frame, key = entry.frame, stream_key(entry.turn)
            pipe.execute_command(
                "EVALSHA", self._sha, 1, key, str(frame.id), sealed(frame, key),
                self._keep_seconds, MOST_EVENTS, "f" if frame.final else "e", int(entry.goes_on),
            )  # fmt: skip
        answers = await pipe.execute(raise_on_error=False)
        lost = [entry for entry, answer in zip(batch, answers, strict=True) if answer == b"lost"]
        for entry, answer in zip(batch, answers, strict=True):
            if answer != b"lost":
                self._take_answer(entry, answer)
        if lost:
            logger.warning("event_log_lost", turns=len({entry.turn for entry in lost}))
            await self._write(self._whole(lost))

    def _take_answer(self, entry: _Entry, answer: object) -> None:
        if isinstance(answer, NoScriptError):
            self._sha = ""  # Redis was restarted or flushed; load the script again
            raise answer
        if isinstance(answer, Exception):
            raise answer
        if answer:
            stands_at = EventId.parse(bytes(answer).decode())
            if stands_at.attempt > entry.frame.id.attempt:
                self._refused(entry.turn, stands_at)

    async def _recover(self, batch: list[_Entry], error: Exception) -> None:
        if self.is_connected and not isinstance(error, NoScriptError):
            logger.warning("event_log_unreachable", reason=str(error), events=len(batch))
            self.is_connected = False
            self._release(lambda _due: True)
        self._pending = self._anew(batch + self._pending)
        if not isinstance(error, NoScriptError):
            await asyncio.sleep(RETRY_SECONDS)
        self._wake.set()

    def _anew(self, entries: list[_Entry]) -> list[_Entry]:
        """Return what there is to write when Redis may have lost everything, and count it as taken."""
        anew = self._whole(entries)
        self._taken = self._written + len(anew)
        return anew

    def _whole(self, entries: list[_Entry]) -> list[_Entry]:
        """Return every event of the turns in ``entries`` from the beginning."""
        whole: list[_Entry] = []
        for turn in dict.fromkeys(entry.turn for entry in entries):
            frames = self._kept(turn) or [entry.frame for entry in entries if entry.turn == turn]
            whole.extend(_Entry(turn, frame) for frame in frames)
        return whole

    def _connected(self) -> None:
        if not self.is_connected:
            self.is_connected = True
            logger.info("event_log_back")

    def _release(self, is_due: Callable[[int], bool]) -> None:
        waiters, self._waiters = self._waiters, []
        for due, future in waiters:
            if not is_due(due):
                self._waiters.append((due, future))
            elif not future.done():
                future.set_result(None)
