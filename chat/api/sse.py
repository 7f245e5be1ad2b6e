"""Server-sent events: the same events, ids and cursor as the socket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

from django.http import StreamingHttpResponse

from chat import conversations
from chat.events import EventId, Frame
from chat.models import Turn

HEARTBEAT_SECONDS = 15.0


def stream_turn(turn: Turn, after: EventId | None) -> StreamingHttpResponse:
    """Return a response that tells a turn's events after the cursor and ends with the final one."""
    response = StreamingHttpResponse(_lines(turn, after), content_type="text/event-stream; charset=utf-8")
    response["Cache-Control"] = "no-cache, no-transform"
    response["X-Accel-Buffering"] = "no"  # nginx passes every event on at once
    return response


async def _lines(turn: Turn, after: EventId | None) -> AsyncIterator[str]:
    yield ": following\n\n"
    async with aclosing(conversations.follow(turn, after)) as frames:
        following = asyncio.ensure_future(anext(frames, None))
        try:
            while True:
                done, _ = await asyncio.wait({following}, timeout=HEARTBEAT_SECONDS)
                if not done:
                    yield ": still here\n\n"
                    continue
                frame = following.result()
                if frame is None:
                    return
                yield event_lines(frame)
                following = asyncio.ensure_future(anext(frames, None))
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)


def event_lines(frame: Frame) -> str:
    """Return one event in the format of the HTML standard."""
    kind = frame.json.split('"', 4)[3]
    return f"id: {frame.id}\nevent: {kind}\ndata: {frame.json}\n\n"
