"""The outbox: a delivery for each endpoint, written in the transaction of what it tells of.

What is committed will be told, whatever ends meanwhile; what is rolled back is not. A process that knows of
no endpoint for an event asks again after ``WEBHOOK_CACHE_SECONDS``, or at once when it changed one itself.
"""

import threading
import time
import uuid
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.utils import timezone

from chat.models import Citation, ConversationFlag, Turn
from chat.signals import turn_settled
from knowledge.models import Version
from knowledge.signals import version_changed
from webhooks import payloads
from webhooks.models import TEST_EVENT, Delivery, Endpoint, EventType
from webhooks.tasks import soon

Facts = Callable[[Endpoint], dict[str, Any]]

_OF_TURNS = {
    Turn.Status.COMPLETED: EventType.TURN_COMPLETED,
    Turn.Status.FAILED: EventType.TURN_FAILED,
}


class _Wanted:
    """Which events any active endpoint wants, as this process last knew."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._events: frozenset[str] = frozenset()
        self._until = 0.0

    def __contains__(self, event: str) -> bool:
        """Tell whether somebody wants the event; costs a look at the clock, and now and then one query."""
        if time.monotonic() >= self._until:
            self._look()
        return event in self._events

    def forget(self, **_: object) -> None:
        """Look again at the next event."""
        with self._lock:
            self._until = 0.0

    def _look(self) -> None:
        until = time.monotonic() + settings.WEBHOOK_CACHE_SECONDS
        wanted = Endpoint.objects.filter(is_active=True).values_list("events", flat=True)
        events = frozenset(event for events in wanted for event in events)
        with self._lock:
            self._events, self._until = events, until


wanted = _Wanted()


def connect() -> None:
    """Begin to listen; called once, when the application is ready."""
    turn_settled.connect(_turn_settled, dispatch_uid="webhooks_turn")
    post_save.connect(_flag_saved, sender=ConversationFlag, dispatch_uid="webhooks_flag")
    version_changed.connect(_version_changed, dispatch_uid="webhooks_version")
    post_save.connect(_endpoint_changed, sender=Endpoint, dispatch_uid="webhooks_endpoint_saved")
    post_delete.connect(_endpoint_changed, sender=Endpoint, dispatch_uid="webhooks_endpoint_deleted")


def send_test(endpoint: Endpoint) -> Delivery:
    """Write a test event for one endpoint: one try, none after it."""
    facts = {"message": f"A test from {settings.COMPANY_NAME}'s support desk."}
    return _write(endpoint, TEST_EVENT, facts, most_attempts=1)


def send_again(delivery: Delivery) -> bool:
    """Have a finished delivery sent anew, as the same message; tell whether there is something to send."""
    again = Delivery.objects.filter(
        pk=delivery.pk, state__in=(Delivery.State.DELIVERED, Delivery.State.FAILED)
    ).exclude(body="")
    changed = again.update(
        state=Delivery.State.PENDING,
        next_at=timezone.now(),
        lease_until=None,
        finished_at=None,
        most_attempts=delivery.attempts + Delivery._meta.get_field("most_attempts").default,
    )
    if changed:
        transaction.on_commit(partial(soon, str(delivery.endpoint_id)))
    return changed == 1


def _turn_settled(
    turn: Turn, citations: Sequence[Citation], texts: payloads.Texts | None, **_: object
) -> None:
    event = _OF_TURNS.get(Turn.Status(turn.status))
    if event is None or event not in wanted:
        return

    def facts(endpoint: Endpoint) -> dict[str, Any]:
        known = payloads.turn_facts(turn, citations)
        return known | payloads.texts_of(texts) if endpoint.include_text else known

    _tell(event, facts, conversation=turn.conversation_id, holds_text=True)


def _flag_saved(instance: ConversationFlag, created: bool, raw: bool, **_: object) -> None:
    event = EventType.CONVERSATION_FLAGGED
    if created and not raw and event in wanted:
        _tell(event, lambda _: payloads.flag_facts(instance), conversation=instance.conversation_id)


def _version_changed(version: Version, is_published: bool, **_: object) -> None:
    event = EventType.DOCUMENT_PUBLISHED if is_published else EventType.DOCUMENT_WITHDRAWN
    if event in wanted:
        _tell(event, lambda _: payloads.version_facts(version))


def _endpoint_changed(**_: object) -> None:
    wanted.forget()
    transaction.on_commit(wanted.forget)  # another thread may have looked before the commit


def _tell(
    event: EventType, facts: Facts, *, conversation: uuid.UUID | None = None, holds_text: bool = False
) -> None:
    for endpoint in Endpoint.objects.filter(is_active=True):
        if event in endpoint.events:
            has_text = holds_text and endpoint.include_text
            _write(endpoint, event, facts(endpoint), conversation_id=conversation, has_text=has_text)


def _write(endpoint: Endpoint, event: str, facts: dict[str, Any], **known: Any) -> Delivery:
    delivery = Delivery(endpoint=endpoint, event=str(event), **known)
    delivery.body = payloads.envelope(delivery.message_id, str(event), delivery.created_at, facts)
    delivery.save(force_insert=True)
    transaction.on_commit(partial(soon, str(endpoint.pk)))
    return delivery
