"""The event log: one way to write the events of a turn, one way to receive them.

Two logs keep the same promises. ``MemoryLog`` serves one process. ``RedisLog`` serves many; while Redis is
away, the process that runs a turn keeps its events in its own ``MemoryLog``, and followers elsewhere read the
outcome from the database.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from django.conf import settings

from chat.events.ids import EventId
from chat.events.loops import PerLoop
from chat.events.types import Event, Frame, frame_of

QUIET_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class LogFigures:
    """What one process's log holds.

    Attributes:
        turns: whose events it keeps.
        events: that it keeps.
        followers: that wait for the next event.
        unread: events that came for followers elsewhere than their turn and are not read yet.
        unwritten: events that wait to be written to Redis.
        is_connected: whether Redis took the last of them.
    """

    turns: int
    events: int
    followers: int
    unread: int = 0
    unwritten: int = 0
    is_connected: bool = True


class EventLog(Protocol):
    """Where the events of running turns stand, for a while."""

    def append(self, turn: UUID, frame: Frame) -> None:
        """Write one event; it is handed to followers in the order of the calls. Never waits."""
        ...

    async def flush(self, turn: UUID) -> None:
        """Wait until everything appended for ``turn`` stands in the log, or cannot."""
        ...

    async def forget(self, turn: UUID, last: Frame) -> None:
        """Drop every event of a deleted turn; ``last`` ends its followers and outranks what comes late."""
        ...

    def is_superseded(self, turn: UUID, attempt: int) -> bool:
        """Tell whether the log has refused an event of ``attempt`` because a later one writes."""
        ...

    def follow(self, turn: UUID, after: EventId | None = None) -> AsyncIterator[Frame | None]:
        """Yield the frames after the cursor, then those to come, each once and in order; end with the final
        one.

        Yields ``None`` whenever nothing came for ``QUIET_SECONDS``, so that the caller can ask the database
        whether the turn ended in a way the log does not know of.
        """
        ...

    def figures(self) -> "LogFigures":
        """Return how much it holds and who waits, for metrics."""
        ...

    async def aclose(self) -> None:
        """Write what is pending and let go of connections."""
        ...


class Appender:
    """Writes the events of one attempt of one turn, numbering them."""

    def __init__(self, log: EventLog, *, turn: UUID, conversation: UUID, attempt: int):
        self._log = log
        self._turn = turn
        self._conversation = conversation
        self.attempt = attempt
        self.seq = 0

    def append(self, event: Event) -> Frame:
        """Give the event the next number and write it; return what was written."""
        self.seq += 1
        frame = frame_of(
            event,
            turn=self._turn,
            conversation=self._conversation,
            event_id=EventId(self.attempt, self.seq),
        )
        self._log.append(self._turn, frame)
        return frame

    async def flush(self) -> None:
        """Wait until the events written so far stand in the log, or cannot."""
        await self._log.flush(self._turn)

    @property
    def is_superseded(self) -> bool:
        """Tell whether a later attempt writes this turn's log."""
        return self._log.is_superseded(self._turn, self.attempt)


def _build() -> EventLog:
    if settings.EVENT_LOG == "redis":
        from chat.events.redis_log import RedisLog

        return RedisLog(settings.EVENTS_URL, keep_seconds=settings.EVENT_LOG_SECONDS)
    from chat.events.memory_log import MemoryLog

    return MemoryLog()


_logs = PerLoop(_build)


def event_log() -> EventLog:
    """Return the log of this process (connections belong to an event loop, so: of the running loop)."""
    return _logs.get()


async def close_event_log() -> None:
    """Close the running loop's log, if it has one."""
    log = _logs.pop()
    if log is not None:
        await log.aclose()
