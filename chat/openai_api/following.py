"""A turn followed for a client that cannot take back what it was given."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from threading import Semaphore
from typing import Final

from django.http import StreamingHttpResponse

from chat import conversations
from chat.events import Frame
from chat.models import Turn
from chat.openai_api.answers import Answer, answer_of
from chat.openai_api.errors import RETRY_SECONDS, AnswerRestarted, Refused
from chat.openai_api.placing import note_cut

HEARTBEAT_SECONDS: Final = 15.0
# Who waits for a whole answer keeps the thread that Django gives a request (half a megabyte); streams do not.
MOST_WAITING: Final = 200
STILL_HERE: Final = ": still here\n"
_waiting = Semaphore(MOST_WAITING)


class Sent:
    """What a client has been given of an answer that may be begun anew.

    A new attempt goes on where the client is, as long as it says the same; where it does not, nothing more is
    sent, since the client would read two beginnings as one text.
    """

    def __init__(self) -> None:
        self._sent = self._attempt = ""

    def more(self, piece: str) -> str:
        """Take a piece of the present attempt; return what the client may be given."""
        self._attempt += piece
        if not self._attempt.startswith(self._sent):
            return ""
        more = self._attempt[len(self._sent) :]
        self._sent = self._attempt
        return more

    def begin_anew(self) -> None:
        """Let the next piece be the first of a new attempt."""
        self._attempt = ""

    def rest(self, text: str) -> str:
        """Return what the client lacks of the whole text.

        Raises:
            AnswerRestarted: it has been given something else.
        """
        if text.startswith(self._sent):
            return text[len(self._sent) :]
        if text.strip() == self._sent.strip():
            return ""
        raise AnswerRestarted


async def whole(turn: Turn) -> Answer:
    """Wait for a turn's end and return its answer. Who goes away meanwhile does not end the turn.

    Raises:
        Refused: there is none; or too many wait already, and the same request gets the answer later.
    """
    final: Frame | None = None
    if not _waiting.acquire(blocking=False):
        _note_cut(turn)
        words = "Too many wait for whole answers just now. Ask again for this one, or with a stream."
        raise Refused(words, status=503, code="overloaded", headers={"Retry-After": RETRY_SECONDS})
    try:
        async with aclosing(conversations.follow(turn)) as frames:
            async for frame in frames:
                final = frame if frame.final else None
    finally:
        _waiting.release()
        if final is None:
            _note_cut(turn)
    return answer_of(final)


async def pieces(turn: Turn) -> AsyncIterator[str | Answer | None]:
    """Yield the text as it comes, ``None`` whenever nothing came for a while, and the whole answer last.

    Raises:
        AnswerRestarted: it cannot go on from what was given.
        Refused: there is no answer.
    """
    sent = Sent()
    async with aclosing(_frames(turn)) as frames:
        async for frame in frames:
            if frame is None:
                yield None
                continue
            event = None if frame.final else json.loads(frame.json)
            if event is None:
                answer = answer_of(frame)
                if rest := sent.rest(answer.text):
                    yield rest
                yield answer
            elif event["type"] == "turn.delta":
                if more := sent.more(event["text"]):
                    yield more
            elif event["type"] == "turn.restarted":
                sent.begin_anew()


async def _frames(turn: Turn) -> AsyncIterator[Frame | None]:
    async with aclosing(conversations.follow(turn)) as frames:
        following = asyncio.ensure_future(anext(frames, None))
        try:
            while True:
                done, _ = await asyncio.wait({following}, timeout=HEARTBEAT_SECONDS)
                if not done:
                    yield None
                    continue
                if (frame := following.result()) is None:
                    return
                yield frame
                following = asyncio.ensure_future(anext(frames, None))
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)


def event_stream(turn: Turn, lines: AsyncIterator[tuple[str, bool]]) -> StreamingHttpResponse:
    """Return the response of a stream.

    Args:
        turn: whose answer it tells.
        lines: each with whether the client, having it, has the whole answer.
    """
    response = StreamingHttpResponse(_noting(turn, lines), content_type="text/event-stream; charset=utf-8")
    response["Cache-Control"] = "no-cache, no-transform"
    response["X-Accel-Buffering"] = "no"  # nginx passes every event on at once
    return response


async def _noting(turn: Turn, lines: AsyncIterator[tuple[str, bool]]) -> AsyncIterator[str]:
    """Yield the lines; remember if the client did not stay for all of them."""
    has_all = False
    try:
        async with aclosing(lines):
            async for line, is_all in lines:
                has_all = has_all or is_all
                yield line
    finally:
        if not has_all:
            _note_cut(turn)


def _note_cut(turn: Turn) -> None:
    """Have it remembered, without waiting: this is called while the request is being ended."""
    asyncio.get_running_loop().run_in_executor(None, note_cut, turn.pk)
