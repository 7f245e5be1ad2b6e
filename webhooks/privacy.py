"""How long deliveries are kept, and how what they tell of a conversation goes with it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from accounts import privacy
from chat.signals import conversations_erased
from webhooks.models import Attempt, Delivery, Endpoint

BATCH: Final = 500


def connect() -> None:
    """Offer the part, and listen to deletions; called once, when the application is ready."""
    privacy.register("webhooks", old=old_deliveries, days_setting="WEBHOOK_RETENTION_DAYS")
    conversations_erased.connect(forget, dispatch_uid="webhooks_erasure")


def old_deliveries(before: datetime, *, dry_run: bool) -> int:
    """Delete deliveries written before ``before``, what waits included, and those of no endpoint."""
    old = Delivery.objects.filter(
        Q(created_at__lt=before) | ~Q(endpoint_id__in=Endpoint.objects.values("pk"))
    )
    if dry_run:
        return old.count()
    count = 0
    while ids := list(old.order_by("created_at").values_list("pk", flat=True)[:BATCH]):
        # By rows of one's own: the log's counts of attempts are not what was asked for.
        Attempt.objects.filter(delivery__in=ids).delete()
        count += Delivery.objects.filter(pk__in=ids).delete()[0]
    return count


def forget(ids: Sequence[UUID], **_: object) -> None:
    """Empty what tells of deleted conversations, within the transaction that deletes them.

    What was not sent is not sent any more. That something was sent stays, without a word or an id of it.
    """
    told = Delivery.objects.of_conversations(list(ids))
    if not told.exists():
        return
    Attempt.objects.filter(delivery__in=told).update(response="")  # a receiver may have said it back
    told.filter(state=Delivery.State.PENDING).update(finished_at=timezone.now())
    told.update(
        state=Delivery.State.ERASED,
        body="",
        has_text=False,
        next_at=None,
        lease_until=None,
        conversation_id=None,
    )
