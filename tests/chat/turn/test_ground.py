"""What an answer may be made from, and how sure the desk is of it."""

from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings as site
from django.utils import timezone

from chat.events.log import Appender
from chat.events.memory_log import MemoryLog
from chat.models import Turn
from chat.turn.context import Customer, Footnote, TurnContext
from chat.turn.ground import ground
from chat.turn.present import present

pytestmark = pytest.mark.django_db(transaction=True)
BAGS = "How heavy may a checked bag be on a Standard fare?"


def grounded(question: str, **known: object) -> TurnContext:
    turn, conversation = uuid4(), uuid4()
    context = TurnContext(
        turn_id=turn, conversation_id=conversation, customer=Customer(0),
        appender=Appender(MemoryLog(), turn=turn, conversation=conversation, attempt=1),
        question=question, revision=0, asked_at=timezone.now(), deadline_at=timezone.now(),
        today=timezone.localdate(), **{"intent": "policy", **known},
    )  # fmt: skip
    async_to_sync(ground)(context)
    return context


def test_good_passages_are_sure(library):
    context = grounded(BAGS)
    assert context.grounding == Turn.Grounding.SURE and context.reply is None
    assert context.evidence[0].source.title == "Checked baggage"


def test_between_the_marks_is_unsure_and_says_so(library, settings):
    settings.SEARCH_SURE_ABOVE = 100.0
    context = grounded(BAGS)
    assert context.grounding == Turn.Grounding.UNSURE and not context.sure
    context.source = Turn.Source.MODEL
    async_to_sync(present)(context)
    assert context.notices[0]["kind"] == "unsure"


def test_quoted_answer_says_its_doubt_itself(library, settings):
    settings.SEARCH_SURE_ABOVE = 100.0
    context = grounded(BAGS)
    context.source = Turn.Source.QUOTED
    async_to_sync(present)(context)
    assert all(notice["kind"] != "unsure" for notice in context.notices)


def test_corrected_words_are_told(library):
    context = grounded("How heavy may a chekced bag be on a Standard fare?")
    assert context.evidence[0].source.title == "Checked baggage"
    context.footnotes = [Footnote(1, context.evidence[0])]
    context.source = Turn.Source.QUOTED
    async_to_sync(present)(context)
    assert [n["text"] for n in context.notices if n["kind"] == "corrected"] == [
        "I corrected what looked mistyped: chekced → checked."
    ]


def test_below_the_low_mark_is_refused_with_the_closest_passages(library, settings):
    settings.SEARCH_REFUSE_BELOW = 100.0
    context = grounded(BAGS)
    assert context.grounding == Turn.Grounding.REFUSED
    assert context.reply.text.startswith("I do not have that in our policies")
    assert "- Checked baggage" in context.reply.text
    assert context.evidence[0].source.title == "Checked baggage"


def test_nothing_found_is_refused_plainly(library):
    context = grounded("zzzz qqqq")
    assert context.grounding == Turn.Grounding.REFUSED
    assert not context.evidence and "closest" not in context.reply.text


def test_small_talk_needs_no_ground(library):
    context = grounded("Hello!", intent="small_talk")
    assert context.grounding == "" and context.reply is not None


def test_marks_are_in_order():
    assert 0 < site.SEARCH_REFUSE_BELOW < site.SEARCH_SURE_ABOVE
