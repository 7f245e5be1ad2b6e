"""Server-sent events: the same events, ids and cursor as the socket."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from random import randint
from typing import Final

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from chat import conversations
from chat.api.serializers import StreamedEventSerializer
from chat.events import EventId, Frame
from chat.models import Turn

HEARTBEAT_SECONDS = 15.0
# How long a browser waits before it comes back after a break; spread, since a restart breaks all at once.
RETRY_MS: Final = (1_000, 3_000)

AFTER: Final = OpenApiParameter("after", OpenApiTypes.STR, description="Cursor: the last event id you have.")
LAST_EVENT_ID: Final = OpenApiParameter(
    "Last-Event-ID",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The same; browsers send it by themselves when they come back. It goes before `after`.",
)
ANSWERS: Final = {
    (200, "text/event-stream"): OpenApiResponse(
        StreamedEventSerializer, "The events as they happen, to the final one; a comment every 15 s."
    ),
    204: OpenApiResponse(
        description="You have the final event: nothing follows. `EventSource` stops at this."
    ),
}


def cursor_of(request: Request) -> EventId | None:
    """Return the last event that the client has.

    Raises:
        ValidationError: it is no event id.
    """
    text = request.headers.get("Last-Event-ID") or request.query_params.get("after")
    if not text:
        return None
    try:
        return EventId.parse(text)
    except ValueError:
        raise ValidationError({"after": ['An event id such as "1-7".']}) from None


def stream_turn(
    turn: Turn, after: EventId | None, *, headers: Mapping[str, str] | None = None
) -> HttpResponseBase:
    """Return a response that tells a turn's events after the cursor and ends with the final one.

    An ``EventSource`` takes every end for a break and comes back with the last id it has. When that is the
    final event the answer is 204, by which the HTML standard has it stop.

    Args:
        turn: which turn.
        after: the last event that the client has.
        headers: more headers to send.
    """
    told = {**(headers or {}), "Location": reverse("api:turn", args=[turn.pk])}
    if turn.is_finished and after == EventId(turn.attempt, turn.final_seq):
        return HttpResponse(status=204, headers=told)
    response = StreamingHttpResponse(
        _lines(turn, after), content_type="text/event-stream; charset=utf-8", headers=told
    )
    response["Cache-Control"] = "no-cache, no-transform"
    response["X-Accel-Buffering"] = "no"  # nginx passes every event on at once
    return response


async def _lines(turn: Turn, after: EventId | None) -> AsyncIterator[str]:
    # Lines of the first event's block, and comments with no empty line behind them: some clients take a
    # block without data for an event.
    yield f": following\nretry: {randint(*RETRY_MS)}\n"  # spreads who comes back  # nosec B311
    async with aclosing(conversations.follow(turn, after)) as frames:
        following = asyncio.ensure_future(anext(frames, None))
        try:
            while True:
                done, _ = await asyncio.wait({following}, timeout=HEARTBEAT_SECONDS)
                if not done:
                    yield ": still here\n"
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
