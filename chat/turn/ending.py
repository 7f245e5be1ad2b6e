"""Endings that no runner tells of: turns given up by the sweeper, and turns stopped before they began."""

from collections.abc import Iterable
from uuid import UUID

from chat.events.ids import GONE
from chat.events.log import Appender, event_log
from chat.events.types import Event, Frame, TurnFailed, TurnStopped, frame_of
from chat.turn.overdue import Failed


async def announce(failed: Iterable[Failed]) -> None:
    """Append the final event of each turn that was given up."""
    for turn in failed:
        event = TurnFailed(code=turn.error.code, words=turn.error.words, retryable=turn.error.retryable)
        await append_final(turn.turn, turn.conversation, turn.attempt, event)


def gone_frame(turn: UUID, conversation: UUID) -> Frame:
    """Return the event that stands for all of a deleted turn: it ends followers and outranks attempts."""
    nothing = TurnStopped(message=None, citations=[])
    return frame_of(nothing, turn=turn, conversation=conversation, event_id=GONE)


async def append_final(turn: UUID, conversation: UUID, attempt: int, event: Event, *, seq: int = 1) -> None:
    """Append the final event of a turn that no runner holds, as number ``seq`` of ``attempt``."""
    appender = Appender(event_log(), turn=turn, conversation=conversation, attempt=attempt)
    appender.seq = seq - 1
    appender.append(event)
    await appender.flush()
