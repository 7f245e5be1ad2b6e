"""Deleting conversations for good: rows first, in one transaction, then every trace outside the database.

Rows go in an order that leaves running turns nothing to write to: their turns are ended (so no settling can
begin), the conversations are locked (so no question can be added), then all is deleted. After the commit the
cached states are dropped, the event logs are replaced by one last event that outranks whatever a process may
still write, carriers are told to stop, and open sockets to close.

Whatever deletes a conversation (its owner, staff, the owner's whole account, retention, a command) comes
through here: Django's signal before the deletion sees to the traces where this module's own function was not
called.

While Redis is away its traces cannot be reached; they expire by themselves (``CONVERSATION_STATE_SECONDS``,
``EVENT_LOG_SECONDS``), and nobody can ask for them, since the rows that allow it are gone.
"""

import asyncio
from collections.abc import Iterable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID

import structlog
from asgiref.sync import async_to_sync
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import transaction
from django.db.models import Q
from django.db.models.signals import pre_delete
from django.utils import timezone

from chat.dispatch import serves_here
from chat.events import signals
from chat.events.log import close_event_log, event_log
from chat.models import Conversation, Turn
from chat.signals import conversations_erased
from chat.turn import answer_cache, state
from chat.turn.ending import gone_frame

logger = structlog.get_logger(__name__)

BATCH: Final = 100
_erasing: ContextVar[bool] = ContextVar("erasing", default=False)


@dataclass(frozen=True, slots=True)
class Traces:
    """What deleted rows may have left elsewhere.

    Attributes:
        conversations: those deleted.
        turns: their turns that may still have an event log, each with its conversation.
    """

    conversations: Sequence[UUID]
    turns: Sequence[tuple[UUID, UUID]]


def connect() -> None:
    """Begin to watch deletions; called once, when the application is ready."""
    pre_delete.connect(_deleted_elsewhere, sender=Conversation, dispatch_uid="conversation_leaves_no_trace")


def erase(conversations: Iterable[UUID]) -> int:
    """Delete conversations with everything that belongs to them; return how many there were.

    Raises:
        DatabaseError: nothing was deleted.
    """
    ids = sorted(conversations)
    with transaction.atomic():
        _end_turns(ids)
        found = list(
            Conversation.objects.select_for_update()
            .filter(pk__in=ids)
            .order_by("pk")
            .values_list("pk", flat=True)
        )
        _end_turns(found)  # of questions that came in between
        traces = _traces_of(found)
        _forget_in_admin_log(found)
        conversations_erased.send(sender=Conversation, ids=found)
        kept = _erasing.set(True)
        try:
            Conversation.objects.filter(pk__in=found).delete()
        finally:
            _erasing.reset(kept)
        transaction.on_commit(partial(_forget_soon, traces))
    return len(found)


async def forget(traces: Traces) -> None:
    """Drop what stands outside the database; whatever is away is told in the log and expires."""
    for turn, conversation in traces.turns:
        await event_log().forget(turn, gone_frame(turn, conversation))
    for turn, conversation in traces.turns:
        await signals.turn_gone(conversation, turn)
    await asyncio.to_thread(_forget_in_cache, traces.conversations)
    for conversation in traces.conversations:
        await signals.conversation_gone(conversation)


def _forget_in_cache(conversations: Sequence[UUID]) -> None:
    cache.delete_many([state.cache_key(conversation) for conversation in conversations])
    answer_cache.forget(conversations)


def _end_turns(conversations: Sequence[UUID]) -> None:
    """Let no attempt count any more: what it settles from now on changes nothing."""
    now = timezone.now()
    Turn.objects.unfinished().filter(conversation_id__in=conversations).update(
        status=Turn.Status.STOPPED, stop_requested_at=now, finished_at=now, lease_until=None
    )


def _traces_of(conversations: Sequence[UUID]) -> Traces:
    seconds = settings.EVENT_LOG_SECONDS + settings.TURN_DEADLINE_SECONDS * settings.TURN_MAX_ATTEMPTS
    since = timezone.now() - timedelta(seconds=seconds)
    recent = Q(created_at__gte=since) | Q(finished_at__gte=since)
    turns = Turn.objects.filter(recent, conversation_id__in=conversations)
    return Traces(conversations, list(turns.values_list("pk", "conversation_id")))


def _forget_in_admin_log(conversations: Sequence[UUID]) -> None:
    """Take titles and questions out of the admin's own log; that something was done stays."""
    turns = Turn.objects.filter(conversation_id__in=conversations).values_list("pk", flat=True)
    for model, ids in ((Conversation, conversations), (Turn, turns)):
        kind = ContentType.objects.get_for_model(model)
        entries = LogEntry.objects.filter(content_type=kind, object_id__in=[str(pk) for pk in ids])
        entries.update(object_repr="deleted", change_message="")


def _deleted_elsewhere(instance: Conversation, **_: object) -> None:
    if _erasing.get():
        return
    _end_turns([instance.pk])
    _forget_in_admin_log([instance.pk])
    conversations_erased.send(sender=Conversation, ids=[instance.pk])
    transaction.on_commit(partial(_forget_soon, _traces_of([instance.pk])))


def _forget_soon(traces: Traces) -> None:
    async_to_sync(_forget_here)(traces)


async def _forget_here(traces: Traces) -> None:
    try:
        await forget(traces)
    finally:
        if not serves_here():  # a loop made for this call alone: its connections end with it
            await close_event_log()
