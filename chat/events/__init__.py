"""Events: their types, the log they stand in, the hub that hands them to followers, and signals.

A turn is delivered in one way: ``async for frame in event_log().follow(turn, after=cursor)``.
"""

from chat.events.ids import FIRST, EventId
from chat.events.types import Event, Frame, frame_of

__all__ = ("FIRST", "Event", "EventId", "Frame", "frame_of")
