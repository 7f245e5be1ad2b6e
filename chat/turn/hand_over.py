"""Offering a person of the staff, and noting that one is wanted.

The offer stands beside the answer; taking it up is a message like any other that asks for a person. Nothing
here promises when somebody will come.
"""

from django.conf import settings

from accounts import audit
from chat.models import ConversationFlag, Turn
from chat.turn.context import TurnContext
from chat.turn.wording import sentence

KIND = "person"  # of the notice


def offer(context: TurnContext) -> None:
    """Put the offer before the other notices and quick replies, where the strategy wants it."""
    if not context.strategy.offers_person:
        return
    words = _with_hours("offer_person", context.language)
    context.notices = [{"kind": KIND, "text": words}, *context.notices][:3]
    context.quick_replies = [sentence("want_person", context.language), *context.quick_replies][:3]


def confirmation(language: str) -> str:
    """Return what is said to whoever has asked for a person."""
    return _with_hours("hand_off", language)


def note_wish(turn: Turn, context: TurnContext) -> None:
    """Flag the conversation of a turn that asked for a person, unless it waits for one already.

    Call it in the transaction that settles the turn, so that nobody is told of a flag that is not there.

    Raises:
        DatabaseError: it could not be written; then the turn must not be settled either.
    """
    if context.intent != "hand_off" or ConversationFlag.objects.filter(turn=turn).exists():
        return
    kind = ConversationFlag.Kind.PERSON
    waiting = ConversationFlag.objects.waiting().filter(conversation_id=turn.conversation_id, kind=kind)
    if waiting.exists():
        return
    ConversationFlag.objects.create(
        conversation_id=turn.conversation_id, turn=turn, kind=kind, cause=context.tone
    )
    target = ("chat.conversation", turn.conversation_id)
    audit.record(audit.Act.PERSON_WANTED, target=target)


def _with_hours(key: str, language: str) -> str:
    words = sentence(key, language)
    hours = settings.HANDOVER_HOURS.strip()
    return f"{words} {sentence('staff_hours', language, hours=hours)}" if hours else words
