"""Take a batch: each item is accepted or refused by itself; and what became of the items since."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils import timezone

from accounts import limits
from chat.conversations import check_message
from chat.errors import ChatError, ConversationClosed, MessageRefused, NotFound, RateLimited
from chat.models import Batch, BatchItem, Conversation

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True, slots=True)
class NewItem:
    """One question as it was sent.

    Attributes:
        reference: the sender's own id of it; empty for none.
        conversation: where it is asked; None begins one.
        metadata: the sender's own words about it.
        problem: why it is refused already, as ``problem_of`` writes it.
    """

    text: str = ""
    reference: str = ""
    conversation: UUID | None = None
    language: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    problem: Mapping[str, Any] | None = None


def problem_of(error: ChatError, **more: object) -> dict[str, Any]:
    """Return an error as an item keeps it."""
    problem = {"code": error.code, "title": str(error.words), "retryable": error.retryable, **more}
    if isinstance(error, RateLimited):
        problem["retry_after"] = error.retry_after
    return problem


def take(
    user: "User", sent: Sequence[NewItem], *, batch_id: UUID | None = None, fingerprint: str = ""
) -> Batch:
    """Save a batch; the same ``batch_id`` again gives the same one and takes nothing.

    Every accepted item counts under the limit of batches, once; those beyond it are refused.

    Args:
        user: who sends it. Limits and plans are theirs, and so are the conversations.
        sent: the items, in order.
        batch_id: made of the sender's key; None: there was none.
        fingerprint: digest of what was sent.

    Raises:
        MessageRefused: the key came before, with other items.
    """
    if batch_id is not None and (known := _known(batch_id, fingerprint)) is not None:
        return known
    batch = Batch(pk=batch_id or uuid4(), owner=user, fingerprint=fingerprint)
    counted: list[limits.Decision] = []
    items = _items(batch, _checked(user, sent, counted))
    try:
        with transaction.atomic():
            batch.save(force_insert=True)
            BatchItem.objects.bulk_create(items)
    except Exception as error:  # whatever it was: what is not saved must not count
        for decision in counted:
            limits.give_back_now(decision)
        known = _known(batch.pk, fingerprint) if isinstance(error, IntegrityError) else None
        if known is None:
            raise
        return known
    return batch


def cancel(batch: Batch) -> None:
    """Let nothing of it begin any more; what was sent is answered, and stopped by its turn."""
    now = timezone.now()
    Batch.objects.filter(pk=batch.pk, cancelled_at=None).update(cancelled_at=now)
    batch.items.filter(state=BatchItem.State.WAITING).update(
        state=BatchItem.State.CANCELLED, text="", not_before=None
    )
    batch.refresh_from_db(fields=["cancelled_at"])


def progress_of(batches: Iterable[Batch]) -> dict[UUID, dict[str, int]]:
    """Return how many items of each batch are how far, in one query; what has none is 0."""
    counts = {batch.pk: dict.fromkeys(BatchItem.Progress.values, 0) for batch in batches}
    rows = BatchItem.objects.filter(batch__in=list(counts)).with_progress().order_by()
    for batch, progress, number in rows.values_list("batch", "progress").annotate(Count("pk")):
        counts[batch][progress] = number
    return counts


def _known(batch_id: UUID, fingerprint: str) -> Batch | None:
    known = Batch.objects.filter(pk=batch_id).first()
    if known is not None and known.fingerprint != fingerprint:
        words = "This Idempotency-Key came before, with other items."
        raise MessageRefused(words, code="idempotency_key_reused")
    return known


def _checked(
    user: "User", sent: Sequence[NewItem], counted: list[limits.Decision]
) -> list[tuple[NewItem, str, Mapping[str, Any] | None]]:
    """Return each item with its text as it is saved, and its problem; counts those that have none."""
    wanted = {item.conversation for item in sent if item.conversation}
    own = {one.pk: one for one in Conversation.objects.visible_to(user).filter(pk__in=wanted)}
    seen: set[str] = set()
    checked = []
    for item in sent:
        text, problem = "", item.problem
        if problem is None:
            try:
                text = _check(item, own, seen)
                _count(user, counted)
            except ChatError as error:
                text, problem = "", problem_of(error)
        seen.add(item.reference)
        checked.append((item, text, problem))
    return checked


def _check(item: NewItem, own: Mapping[UUID, Conversation], seen: set[str]) -> str:
    if item.reference and item.reference in seen:
        raise MessageRefused("Another item of this batch has this id.", code="duplicate_id")
    if item.conversation:
        if item.conversation not in own:
            raise NotFound
        if not own[item.conversation].is_open:
            raise ConversationClosed
    return check_message(item.text)


def _count(user: "User", counted: list[limits.Decision]) -> None:
    decision = limits.take_now(limits.rule("batch_items"), user.pk)
    if not decision.allowed:
        raise RateLimited(decision.retry_seconds)
    counted.append(decision)


def _items(batch: Batch, checked: Sequence[tuple[NewItem, str, Mapping[str, Any] | None]]) -> list[BatchItem]:
    return [
        BatchItem(
            batch=batch,
            position=position,
            reference=item.reference,
            conversation_id=None if problem else item.conversation,
            text=text,
            language=item.language,
            metadata=dict(item.metadata),
            state=BatchItem.State.REFUSED if problem else BatchItem.State.WAITING,
            problem=problem,
        )
        for position, (item, text, problem) in enumerate(checked, start=1)
    ]
