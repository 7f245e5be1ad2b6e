"""Waiting for a whole answer, for edges that give it in one piece.

A waiting request costs one thread that sleeps (Django gives every request a thread of its own) and no
connection to the database; what happens meanwhile happens on the event loop. ``MOST_WAITING`` bounds the
threads of a process: whoever comes when so many wait is told where to follow instead.
"""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from typing import Final
from uuid import UUID

from asgiref.sync import async_to_sync
from django.db import connection
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from chat import conversations
from chat.database import in_database
from chat.errors import NotFound
from chat.models import Turn

LONGEST_SECONDS: Final = 60
MOST_WAITING: Final = 200  # half a megabyte each; 50 and 150 were measured, other requests pass as before

_waiting = threading.Semaphore(MOST_WAITING)


def seconds_of(request: Request) -> float | None:
    """Return how long the client wants to wait: ``?wait=30`` or ``Prefer: wait=30``; None: not at all.

    A preference that cannot be read is ignored, as RFC 7240 wants it; one beyond a minute is a minute.

    Raises:
        ValidationError: ``?wait`` is no number from 0 to 60.
    """
    if (text := request.query_params.get("wait")) is not None:
        if not text.isascii() or not text.isdigit() or int(text[:4]) > LONGEST_SECONDS:
            raise ValidationError({"wait": [f"A whole number of seconds, from 0 to {LONGEST_SECONDS}."]})
        return float(text)
    for preference in request.headers.get("Prefer", "").replace(";", ",").split(","):
        name, _, value = preference.strip().partition("=")
        value = value.strip(' "')
        if name.strip().lower() == "wait" and value.isascii() and value.isdigit():
            return float(min(int(value[:4]), LONGEST_SECONDS))
    return None


async def whole_answer(turn: Turn, seconds: float) -> Turn | None:
    """Wait until a turn is finished; return it with question, answer and citations, None if time ran out.

    It may also have failed or been stopped: its ``status`` tells. Ends at once when the caller is cancelled,
    as Django does with the request of a client that went away; the answer itself goes on.

    Args:
        turn: of any state, as old as may be.
        seconds: how long to wait at most; 0 looks once.

    Raises:
        NotFound: the conversation was deleted meanwhile.
        DatabaseError: the outcome cannot be read.
    """
    finished = await in_database(_finished, turn.pk)
    if finished is not None or seconds <= 0:
        return finished
    try:
        async with asyncio.timeout(seconds), aclosing(conversations.follow(turn)) as frames:
            async for _ in frames:
                pass  # the final event is the last one; what it tells stands in the rows
    except TimeoutError:
        pass
    return await in_database(_finished, turn.pk)


def wait_here(turn: Turn, seconds: float) -> Turn | None:
    """Wait as ``whole_answer`` does, in the thread of a request, which gives its connection back first.

    Returns None at once when the process has too many that wait, and the answer is not there already.

    Raises:
        NotFound, DatabaseError: see ``whole_answer``.
    """
    if not connection.in_atomic_block:
        connection.close()  # to the pool; of SQLite, it also lets go of its cache of pages
    with _place() as has_place:
        return async_to_sync(whole_answer)(turn, seconds if has_place else 0)


@contextmanager
def _place() -> Iterator[bool]:
    has_place = _waiting.acquire(blocking=False)
    try:
        yield has_place
    finally:
        if has_place:
            _waiting.release()


def _finished(turn_id: UUID) -> Turn | None:
    rows = Turn.objects.select_related("question", "answer").prefetch_related("citations")
    turn = rows.filter(pk=turn_id).first()
    if turn is None:
        raise NotFound("There is no such turn.")
    return turn if turn.is_finished else None
