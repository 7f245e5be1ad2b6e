"""Send on what waits in batches, a few at a time, so that nobody who is at the page waits for it.

At most ``BATCH_TURNS_AT_ONCE`` turns of all batches run at a time, and none is added while a live question
has waited for its carrier for a second. An item is claimed before it is sent; the claim of a process that is
lost runs out, and whoever looks next sends the item again under the same ids, which makes nothing twice.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from celery import shared_task
from django.conf import settings
from django.db import Error as DatabaseFailure
from django.db import transaction
from django.utils import timezone

from chat import conversations
from chat.batches.taking import problem_of
from chat.database import in_database
from chat.dispatch import serve_here
from chat.errors import ChatError, NotSaved, RateLimited
from chat.models import Batch, BatchItem, Turn
from chat.turn.worker_loop import worker_loop

logger = structlog.get_logger(__name__)

RELEASE_SECONDS: Final = 1.0
CLAIM_SECONDS: Final = 60.0  # sending takes milliseconds
LIVE_WAITS_SECONDS: Final = 1.0  # a queued turn normally begins within milliseconds
_State = BatchItem.State


@shared_task(name="chat.batches.release", ignore_result=True)
def release_task() -> None:
    """Send on what there is room for; beat asks every second."""
    worker_loop.run(_release_on_a_worker())


async def release() -> int:
    """Send on what there is room for; return how many items were tried."""
    items = await in_database(_claim)
    for item in items:
        await _send(item)
    return len(items)


async def _release_on_a_worker() -> None:
    serve_here()  # the loop lives on: if the broker is lost now, the turns run in its background
    await release()


async def _send(item: BatchItem) -> None:
    owner = item.batch.owner
    try:
        conversation = await in_database(_conversation_of, item)
        submitted = await conversations.submit(owner, conversation, item.text, item.pk, in_batch=True)
    except RateLimited as error:
        later = timezone.now() + timedelta(seconds=error.retry_after)
        await in_database(_note, item, state=_State.WAITING, not_before=later, claimed_until=None)
    except (NotSaved, DatabaseFailure) as error:
        logger.warning("batch_item_put_off", item=str(item.pk), reason=str(error))  # till its claim runs out
    except ChatError as error:
        await in_database(_note, item, state=_State.FAILED, text="", problem=problem_of(error))
    else:
        await in_database(_note, item, state=_State.SENT, text="", turn=submitted.turn, claimed_until=None)


def _claim() -> list[BatchItem]:
    now = timezone.now()
    first = BatchItem.objects.due(now).first()
    if first is None or _live_turns_wait(now):
        return []
    with transaction.atomic():
        # Whoever sends takes the oldest batch first, so its row is a lock between them.
        Batch.objects.select_for_update().filter(pk=first.batch_id).first()
        room = settings.BATCH_TURNS_AT_ONCE - _under_way(now)
        due = BatchItem.objects.due(now).select_related("batch__owner")[: max(0, room)]
        return [item for item in due if _claimed(item, now)]


def _claimed(item: BatchItem, now: datetime) -> bool:
    until = now + timedelta(seconds=CLAIM_SECONDS)
    still = BatchItem.objects.due(now).order_by().filter(pk=item.pk)
    return still.update(state=_State.SENDING, claimed_until=until) == 1


def _under_way(now: datetime) -> int:
    sending = BatchItem.objects.filter(state=_State.SENDING, claimed_until__gt=now).count()
    return sending + Turn.objects.unfinished().filter(batch_item__isnull=False).count()


def _live_turns_wait(now: datetime) -> bool:
    since = now - timedelta(seconds=LIVE_WAITS_SECONDS)
    queued = Turn.objects.waiting_for_a_carrier(now).filter(status=Turn.Status.QUEUED, created_at__lt=since)
    return queued.filter(batch_item__isnull=True).exists()


def _conversation_of(item: BatchItem) -> UUID:
    """Return the conversation that an item is asked in; one of its own is begun."""
    if item.conversation_id is not None:
        return item.conversation_id
    with transaction.atomic():
        conversation = conversations.open_conversation(
            item.batch.owner, item.pk, accept_language=item.language
        )
        BatchItem.objects.filter(pk=item.pk).update(conversation=conversation)
    return conversation.pk


def _note(item: BatchItem, **values: object) -> None:
    BatchItem.objects.filter(pk=item.pk, state=_State.SENDING).update(**values)
