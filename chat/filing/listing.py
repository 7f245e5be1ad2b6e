"""Which of a person's conversations are wanted, the most recently active first."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from chat.filing.words import patterns
from chat.models import Conversation, Message, Turn

if TYPE_CHECKING:
    from accounts.models import User

SEARCHED: Final = 1_000  # conversations whose texts one search looks through


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for; what is None does not matter.

    Attributes:
        archived: only those put away, or only the others.
        closed: only those that take no more messages, or only the others.
        words: all of them stand in the title or in a message.
        created_after, created_before, active_after, active_before: instants; ``after`` includes its own.
    """

    archived: bool | None = None
    closed: bool | None = None
    words: str = ""
    created_after: datetime | None = None
    created_before: datetime | None = None
    active_after: datetime | None = None
    active_before: datetime | None = None


def listed(user: "User") -> QuerySet[Conversation]:
    """Return the person's conversations with what is told of them: ``active_at`` (of the last message, or of
    the beginning), ``last_turn_id`` and ``last_turn_status``.
    """
    newest = Turn.objects.filter(conversation=OuterRef("pk")).order_by("-position")
    return Conversation.objects.visible_to(user).annotate(
        active_at=Coalesce("last_message_at", "created_at"),
        last_turn_id=Subquery(newest.values("pk")[:1]),
        last_turn_status=Subquery(newest.values("status")[:1]),
    )


def find(user: "User", wanted: Wanted) -> QuerySet[Conversation]:
    """Return what of the person's is wanted, in no order.

    Words are looked for in the ``SEARCHED`` most recently active conversations of those that are wanted
    otherwise: ``active_before`` reaches further back.
    """
    found = listed(user).filter(*_conditions(wanted))
    words = patterns(wanted.words)
    if not words:
        return found
    searched = found.order_by("-active_at", "-pk").values("pk")[:SEARCHED]
    # A list rather than a subquery: planners do not see that a thousand is the most there can be.
    found = found.filter(pk__in=[row["pk"] for row in searched])
    for pattern in words:
        said = Message.objects.filter(conversation=OuterRef("pk"), text__regex=pattern)
        found = found.filter(Q(title__regex=pattern) | Exists(said))
    return found


def _conditions(wanted: Wanted) -> list[Q]:
    instants = {
        "created_at__gte": wanted.created_after,
        "created_at__lt": wanted.created_before,
        "active_at__gte": wanted.active_after,
        "active_at__lt": wanted.active_before,
    }
    conditions = [Q(**{lookup: instant}) for lookup, instant in instants.items() if instant is not None]
    if wanted.archived is not None:
        conditions.append(Q(archived_at__isnull=not wanted.archived))
    if wanted.closed is not None:
        conditions.append(Q(closed_at__isnull=not wanted.closed))
    return conditions
