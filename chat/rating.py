"""What customers think of answers: given, changed, taken back."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final
from uuid import UUID

from asgiref.sync import async_to_sync
from django.db import transaction
from django.utils.translation import gettext

from chat.errors import MessageRefused, NotFound, WrongState
from chat.events import signals
from chat.models import Rating, Turn
from chat.safety.personal import scrub

if TYPE_CHECKING:
    from accounts.models import User

LONGEST_COMMENT: Final = 1_000


def rate(user: "User", turn_id: UUID, value: str, reasons: Sequence[str] = (), comment: str = "") -> Rating:
    """Rate the answer of a turn, in the place of an earlier rating; other open pages are told.

    Personal values in the comment are taken out before it is saved: staff reads it, and nobody needs them.

    Args:
        user: whose answer it is.
        turn_id: the turn that the answer belongs to.
        value: one of ``Rating.Value``.
        reasons: of ``Rating.REASONS`` for that value; doubles are dropped.
        comment: of the customer's own words, ``LONGEST_COMMENT`` characters at most.

    Raises:
        NotFound: there is no such turn, or it is somebody else's.
        WrongState: it has no answer that could be rated.
        MessageRefused: reasons or comment cannot be taken.
    """
    kept = _checked(value, reasons)
    words = scrub(_checked_comment(comment))
    with transaction.atomic():
        turn = _answered(user, turn_id)
        given = {"value": value, "reasons": kept, "comment": words}
        rating, _ = Rating.objects.update_or_create(turn=turn, defaults=given)
        transaction.on_commit(lambda: _tell(turn.conversation_id))
    return rating


def take_back(user: "User", turn_id: UUID) -> None:
    """Take the rating of a turn's answer back; where there is none, nothing happens.

    Raises:
        NotFound: there is no such turn, or it is somebody else's.
    """
    with transaction.atomic():
        turn = Turn.objects.visible_to(user).filter(pk=turn_id).first()
        if turn is None:
            raise NotFound(gettext("There is no such turn."))
        count, _ = Rating.objects.filter(turn=turn).delete()
        if count:
            transaction.on_commit(lambda: _tell(turn.conversation_id))


def _answered(user: "User", turn_id: UUID) -> Turn:
    """Return the turn, held so that a deletion waits or has been."""
    turn = Turn.objects.visible_to(user).select_for_update(of=("self",)).filter(pk=turn_id).first()
    if turn is None:
        raise NotFound(gettext("There is no such turn."))
    if not turn.is_finished:
        raise WrongState(
            gettext("The answer is still being written."), code="turn_not_finished", retryable=True
        )
    if turn.answer_id is None:
        raise WrongState(gettext("There is no answer to rate."), code="nothing_to_rate")
    return turn


def _checked(value: str, reasons: Sequence[str]) -> list[str]:
    known = Rating.REASONS.get(value)
    if known is None:
        raise MessageRefused("A rating is up or down.", code="rating_unknown")
    if unknown := [reason for reason in reasons if reason not in known]:
        raise MessageRefused(f"“{unknown[0]}” is no reason for this rating.", code="reason_unknown")
    return [reason for reason in known if reason in reasons]


def _checked_comment(comment: str) -> str:
    comment = comment.replace("\x00", "").strip()
    if len(comment) > LONGEST_COMMENT:
        words = f"The comment has {len(comment):,} characters; {LONGEST_COMMENT:,} is the most."
        raise MessageRefused(words, code="comment_too_long")
    return comment


def _tell(conversation_id: UUID) -> None:
    async_to_sync(signals.conversation_changed)(conversation_id)
