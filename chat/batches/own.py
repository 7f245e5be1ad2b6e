"""What batches keep of a person: how it is exported, and how it goes.

The questions and answers are messages, which go with their conversations, and take their items along; here is
what stands beside them.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.serializers.json import DjangoJSONEncoder

from accounts import privacy
from chat.models import Batch, BatchItem

if TYPE_CHECKING:
    from accounts.models import User

_AT_ONCE = 100


def connect() -> None:
    """Offer the part to exports, deletions and retention; called when the application is ready."""
    privacy.register(
        "batches",
        exporter=export,
        eraser=erase,
        old=old_batches,
        days_setting="CONVERSATION_RETENTION_DAYS",
    )


def export(user: "User") -> Iterator[privacy.File]:
    """Yield each batch of a person: its items with what became of them."""
    for batch in Batch.objects.visible_to(user).order_by("created_at", "pk").iterator():
        whole = {
            "id": batch.pk,
            "created_at": batch.created_at,
            "cancelled_at": batch.cancelled_at,
            "items": [_item(item) for item in batch.items.with_progress()],
        }
        text = json.dumps(whole, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
        yield privacy.File(f"batches/{batch.created_at:%Y-%m-%d}-{batch.pk}.json", text)


def erase(user: "User") -> None:
    """Delete every batch of a person; nothing of them is sent any more."""
    Batch.objects.visible_to(user).delete()


def old_batches(before: datetime, *, dry_run: bool) -> int:
    """Delete the batches sent before an instant; return how many there are. Conversations go by their own."""
    old = Batch.objects.filter(created_at__lt=before)
    if dry_run:
        return old.count()
    count = 0
    while batch := list(old.order_by("pk").values_list("pk", flat=True)[:_AT_ONCE]):
        Batch.objects.filter(pk__in=batch).delete()
        count += len(batch)
    return count


def _item(item: BatchItem) -> dict[str, Any]:
    return {
        "id": item.reference,
        "position": item.position,
        "state": item.progress,
        "conversation": item.conversation_id,
        "turn": item.turn_id,
        "text": item.text,
        "language": item.language,
        "metadata": item.metadata,
        "problem": item.problem,
    }
