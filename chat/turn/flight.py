"""Single flight: of many who ask the same at once, one asks the model and the others follow its log.

The first turn that needs an answer puts its id up under the answer's key; whoever finds an id there shows
that turn's words as they come, and takes the answer itself from the cache when it is whole. Where the leader
is stopped, fails or is lost, its followers meet again under a key made of its id, and one of them leads.
Nobody takes down another's id, so no two of them can lead at once.

A leader whose model looks something up goes on for its own person alone: that stands in its log before any
word that may come of it, and whoever followed asks the model too.
"""

import asyncio
import json
from collections.abc import Callable
from contextlib import aclosing
from enum import Enum
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from chat.database import in_database
from chat.events.ids import EventId
from chat.events.log import event_log
from chat.events.types import Frame, TurnCompleted, TurnDelta, TurnRestarted, TurnTool
from chat.models import Turn
from chat.turn import answer_cache
from chat.turn.context import TurnContext
from chat.turn.generate import FilterChain, Restart, generate, within_the_deadline
from chat.turn.verdict import Insufficient

Emit = Callable[[str], None]


class _End(Enum):
    """How following ended."""

    WHOLE = "whole"
    LOST = "lost"
    PARTED = "parted"  # what comes is for the leader's own person


async def generate_once(context: TurnContext, *, filters: FilterChain, emit: Emit, restart: Restart) -> None:
    """Write the answer as ``generate`` does, unless another turn is writing the same one: then follow it.

    Raises:
        TurnFailed, Insufficient: as ``generate`` does.
    """
    if context.reply is not None or not context.cache_key or context.cache_provider == "extractive":
        await generate(context, filters=filters, emit=emit, restart=restart)
        return
    key = f"flight:{context.cache_key}"
    while (leader := await asyncio.to_thread(_lead_or_learn, key, context.turn_id)) is not None:
        async with within_the_deadline(context):
            with context.timed("follow"):
                end = await _follow(context, leader, emit, restart)
        if end is _End.WHOLE:
            await _take_over_the_answer(context, filters, emit, restart)
            return
        await _begin_anew(context, restart)
        if end is _End.PARTED:
            await generate(context, filters=filters, emit=emit, restart=restart)
            return
        key = f"flight:{context.cache_key}:{leader}"
    await _lead(context, key, filters, emit, restart)


async def _lead(context: TurnContext, key: str, filters: FilterChain, emit: Emit, restart: Restart) -> None:
    try:
        await generate(context, filters=filters, emit=emit, restart=restart)
    except Insufficient:
        await asyncio.to_thread(_keep_and_leave, context, key, is_insufficient=True)
        raise
    await asyncio.to_thread(_keep_and_leave, context, key)


async def _follow(context: TurnContext, leader: UUID, emit: Emit, restart: Restart) -> _End:
    """Show the leader's words; tell whether its answer is whole."""
    if (end := await in_database(_ended, leader)) is not None:
        return end
    last: EventId | None = None
    async with aclosing(event_log().follow(leader)) as frames:
        async for frame in frames:
            if frame is None:
                if (end := await in_database(_ended, leader)) is not None:
                    return end
            elif frame.final:
                return _End.WHOLE if _type_of(frame) == TurnCompleted.type else _End.LOST
            # What is missing may have said that the leader has parted.
            elif not (_goes_on(frame, last) and await _repeat(frame, context, emit, restart)):
                return _End.PARTED
            else:
                last = frame.id
    return _End.LOST


def _goes_on(frame: Frame, last: EventId | None) -> bool:
    """Tell whether nothing of an attempt is missing; the question itself (0-1) stands in another's log."""
    return frame.id.seq == 1 if last is None else frame.id.follows(last)


async def _repeat(frame: Frame, context: TurnContext, emit: Emit, restart: Restart) -> bool:
    """Do as the leader did; tell whether it may be followed further."""
    event = json.loads(frame.json)
    if event["type"] == TurnTool.type:
        return False
    if event["type"] == TurnRestarted.type:
        await _begin_anew(context, restart)
    elif event["type"] == TurnDelta.type:
        if context.first_token_ms is None:
            context.first_token_ms = context.elapsed_ms
        context.text += event["text"]
        emit(event["text"])
    return True


def _type_of(frame: Frame) -> str:
    return json.loads(frame.json)["type"]


async def _begin_anew(context: TurnContext, restart: Restart) -> None:
    if context.text:
        await restart()
        context.drop_partial_text()


async def _take_over_the_answer(
    context: TurnContext, filters: FilterChain, emit: Emit, restart: Restart
) -> None:
    """Make the leader's answer this turn's own; what was shown of it already is not shown again."""
    shown = context.text
    context.drop_partial_text()
    context.reply = await asyncio.to_thread(answer_cache.kept, context.cache_key)
    if context.reply is None:  # it came from another provider than the first, or was cut short
        await _show_from(shown, "", emit, restart)
        await generate(context, filters=filters, emit=emit, restart=restart)
        return
    context.is_shared = True
    pieces: list[str] = []
    try:
        await generate(context, filters=filters, emit=pieces.append, restart=restart)
    except Insufficient:
        await _show_from(shown, "", emit, restart)
        raise
    await _show_from(shown, "".join(pieces), emit, restart)


async def _show_from(shown: str, whole: str, emit: Emit, restart: Restart) -> None:
    """Bring whoever saw ``shown`` to ``whole``."""
    rest = whole.removeprefix(shown)
    if shown and (len(rest) + len(shown) != len(whole)):
        await restart()
        rest = whole
    if rest:
        emit(rest)


def _lead_or_learn(key: str, turn: UUID) -> UUID | None:
    """Become the leader (None), or return the turn that is."""
    # No turn lives as long, so an id that is up belongs to one that leads or has ended.
    if cache.add(key, str(turn), 2 * settings.TURN_DEADLINE_SECONDS):
        return None
    leader = cache.get(key)
    # Gone meanwhile, or a cache that is away: then everybody leads.
    return None if leader is None or leader == str(turn) else UUID(leader)


def _keep_and_leave(context: TurnContext, key: str, *, is_insufficient: bool = False) -> None:
    """Keep the answer, then take the own id down: whoever asks finds the one or the other."""
    answer_cache.keep(context, is_insufficient=is_insufficient)
    cache.delete(key)


def _ended(leader: UUID) -> _End | None:
    """Return how a quiet leader has ended; None while somebody works on it."""
    row = Turn.objects.filter(pk=leader).values_list("status", "lease_until").first()
    if row is None:
        return _End.LOST
    status, lease_until = row
    if status == Turn.Status.COMPLETED:
        return _End.WHOLE
    works = status == Turn.Status.RUNNING and lease_until is not None and lease_until > timezone.now()
    return None if works else _End.LOST
