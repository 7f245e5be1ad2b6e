"""Turns that nobody works on: which are to be begun again, and which have had all their attempts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone, translation

from accounts.spending.ledger import release
from chat.errors import TurnFailed
from chat.models import Turn
from chat.signals import turn_settled
from chat.turn import metrics
from chat.turn.language import of_words

# A queued turn normally begins within milliseconds; one this old was lost on its way to a carrier.
QUEUED_SECONDS = 5.0
MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Failed:
    """A turn that was given up, with what its final event needs."""

    turn: UUID
    conversation: UUID
    attempt: int
    error: TurnFailed


def to_begin_again(*, queued_seconds: float = QUEUED_SECONDS) -> list[UUID]:
    """Return turns with attempts left that nobody works on, the oldest first."""
    now = timezone.now()
    queued_before = now - timedelta(seconds=queued_seconds)
    waiting = Turn.objects.waiting_for_a_carrier(now).filter(attempt__lt=settings.TURN_MAX_ATTEMPTS)
    old_enough = Q(status=Turn.Status.RUNNING) | Q(created_at__lte=queued_before)
    return list(waiting.filter(old_enough).order_by("created_at").values_list("pk", flat=True)[:MOST_AT_ONCE])


def give_up() -> list[Failed]:
    """Fail the turns that have had all their attempts, or whose time is long over; return them."""
    now = timezone.now()
    failed = []
    late = now - timedelta(seconds=settings.TURN_DEADLINE_SECONDS)
    hopeless = Turn.objects.waiting_for_a_carrier(now).filter(
        Q(attempt__gte=settings.TURN_MAX_ATTEMPTS) | Q(deadline_at__lt=late)
    )
    for turn in hopeless.select_related("conversation__owner", "question")[:MOST_AT_ONCE]:
        error = _error_for(turn)
        if _fail(turn, error, now):
            failed.append(Failed(turn.pk, turn.conversation_id, turn.attempt + 1, error))
            metrics.given_up(error.code)
    release([turn.turn for turn in failed])
    return failed


def _error_for(turn: Turn) -> TurnFailed:
    """Return what the person is told, in their language: nobody has understood the question."""
    conversation = turn.conversation
    spoken = of_words(
        turn.question.text,
        profile=conversation.owner.language,
        accept_language=conversation.accept_language,
    )
    with translation.override(spoken):
        return TurnFailed(code="attempts_exhausted")


def _fail(turn: Turn, error: TurnFailed, now: datetime) -> bool:
    """End a turn unless somebody has begun it again meanwhile, and tell whoever listens, as one step."""
    with transaction.atomic():
        changed = Turn.objects.filter(pk=turn.pk, attempt=turn.attempt, status=turn.status).update(
            status=Turn.Status.FAILED,
            attempt=F("attempt") + 1,
            lease_until=None,
            finished_at=now,
            final_seq=1,
            error_code=error.code,
            error_words=error.words,
            error_retryable=error.retryable,
        )
        if changed:
            settled = Turn.objects.get(pk=turn.pk)
            turn_settled.send(sender=Turn, turn=settled, citations=[], texts=None)
    return changed == 1
