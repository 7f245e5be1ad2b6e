"""The event log of one process, in its memory."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from uuid import UUID

from chat.events.ids import EventId
from chat.events.log import LogFigures
from chat.events.types import Frame

# A finished turn's outcome is in the database; its events stay a little for followers on their way. A stream
# that nobody writes or follows any more belongs to a turn that went on elsewhere.
KEEP_FINISHED_SECONDS = 60.0
KEEP_QUIET_SECONDS = 600.0


@dataclass(slots=True)
class _Stream:
    frames: list[Frame] = field(default_factory=list)
    waiting: list[asyncio.Future[None]] = field(default_factory=list)
    forget_at: float = 0.0

    @property
    def top(self) -> EventId | None:
        return self.frames[-1].id if self.frames else None

    def wake(self) -> None:
        waiting, self.waiting = self.waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)


class MemoryLog:
    """Keeps every event of running turns; see ``EventLog`` for the promises."""

    def __init__(self, *, quiet_seconds: float = 2.0):
        self._streams: dict[UUID, _Stream] = {}
        self._superseded: dict[UUID, int] = {}
        self._quiet = quiet_seconds
        self._next_sweep = 0.0

    def __len__(self) -> int:
        return len(self._streams)

    def frames(self, turn: UUID) -> list[Frame]:
        """Return what is held of a turn."""
        stream = self._streams.get(turn)
        return list(stream.frames) if stream else []

    def top(self, turn: UUID) -> EventId | None:
        """Return the id of the newest event held of a turn."""
        stream = self._streams.get(turn)
        return stream.top if stream else None

    def append(self, turn: UUID, frame: Frame) -> None:
        """Write one event, unless the log already stands at or past its id."""
        stream = self._stream(turn)
        if stream.top is not None and frame.id <= stream.top:
            if frame.id.attempt < stream.top.attempt:
                self._superseded[turn] = stream.top.attempt
            return
        stream.frames.append(frame)
        now = time.monotonic()
        stream.forget_at = now + (KEEP_FINISHED_SECONDS if frame.final else KEEP_QUIET_SECONDS)
        if now > self._next_sweep:
            self._forget_old(now)
        stream.wake()

    async def forget(self, turn: UUID, last: Frame) -> None:
        """Drop every event of a deleted turn; see ``drop``."""
        self.drop(turn, last)

    def drop(self, turn: UUID, last: Frame) -> None:
        """Let ``last`` stand for every event of a turn; later ones of its attempts are refused.

        It stands in the place of each, since followers count how many they have had.
        """
        stream = self._stream(turn)
        stream.frames[:] = [last] * (len(stream.frames) + 1)
        stream.forget_at = time.monotonic() + KEEP_FINISHED_SECONDS
        self._superseded[turn] = last.id.attempt
        stream.wake()

    async def flush(self, turn: UUID) -> None:
        """Return at once: appending is writing."""

    def is_superseded(self, turn: UUID, attempt: int) -> bool:
        """Tell whether a later attempt has written."""
        return self._superseded.get(turn, 0) > attempt

    async def follow(self, turn: UUID, after: EventId | None = None) -> AsyncIterator[Frame | None]:
        """Yield what the log holds after the cursor, then what comes."""
        stream = self._stream(turn)
        if after is not None and (stream.top is None or after > stream.top):
            after = None  # a cursor this log cannot know: the whole state
        index = self._index_after(stream, after)
        try:
            while True:
                while index < len(stream.frames):
                    frame = stream.frames[index]
                    index += 1
                    yield frame
                    if frame.final:
                        return
                if not await self._grown(stream):
                    yield None
        finally:
            if not stream.frames and not stream.waiting:
                self._streams.pop(turn, None)

    def figures(self) -> LogFigures:
        """Return how much it holds and who waits."""
        streams = self._streams.values()
        return LogFigures(
            turns=len(streams),
            events=sum(len(stream.frames) for stream in streams),
            followers=sum(len(stream.waiting) for stream in streams),
        )

    async def aclose(self) -> None:
        """Forget everything."""
        self._streams.clear()

    def _stream(self, turn: UUID) -> _Stream:
        return self._streams.setdefault(turn, _Stream())

    @staticmethod
    def _index_after(stream: _Stream, after: EventId | None) -> int:
        if after is None:
            return 0
        return next((i for i, frame in enumerate(stream.frames) if frame.id > after), len(stream.frames))

    async def _grown(self, stream: _Stream) -> bool:
        grown = asyncio.get_running_loop().create_future()
        stream.waiting.append(grown)
        try:
            async with asyncio.timeout(self._quiet):
                await grown
        except TimeoutError:
            return False
        finally:
            if grown in stream.waiting:
                stream.waiting.remove(grown)
        return True

    def _forget_old(self, now: float) -> None:
        self._next_sweep = now + KEEP_FINISHED_SECONDS / 4
        old = [turn for turn, s in self._streams.items() if s.forget_at < now and not s.waiting]
        for turn in old:
            del self._streams[turn]
            self._superseded.pop(turn, None)
