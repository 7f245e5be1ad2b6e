"""An answer taken through the filters of a turn, in pieces, without a turn."""

from datetime import date, timedelta
from uuid import uuid4

from django.utils import timezone

from chat.events.log import Appender
from chat.llm.base import Source
from chat.models import Turn
from chat.turn.context import Concealed, Customer, Evidence, TurnContext
from chat.turn.generate import drain
from chat.turn.guard import guarded
from chat.turn.trial import SilentLog


def context_for(*sources: str | Source, question: str = "How much?", language: str = "en") -> TurnContext:
    """Return an attempt that a model answers from these sources, of which strings are passages."""
    turn, conversation = uuid4(), uuid4()
    given = [
        one if isinstance(one, Source) else Source(number, "passage", f"Rules {chr(64 + number)}", "", one)
        for number, one in enumerate(sources, 1)
    ]
    return TurnContext(
        turn_id=turn,
        conversation_id=conversation,
        customer=Customer(0),
        appender=Appender(SilentLog(), turn=turn, conversation=conversation, attempt=1),
        question=question,
        revision=0,
        asked_at=timezone.now(),
        deadline_at=timezone.now() + timedelta(seconds=60),
        today=date(2026, 11, 21),
        concealed=Concealed(question=question, search_text=question, has_failed=False),
        evidence=[Evidence(source) for source in given],
        source=Turn.Source.MODEL,
        language=language,
    )


def shown(context: TurnContext, *pieces: str) -> str:
    """Return what is shown of an answer that comes in these pieces."""
    context.footnotes = []
    filters = guarded(context, quoting=False)
    text = ""
    for piece in pieces:
        for each in filters:
            piece = each.feed(piece)
        text += piece
    return text + drain(filters)
