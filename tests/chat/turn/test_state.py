"""What a conversation remembers: cached, shared, rebuilt, never stale."""

import pytest
from django.core.cache import cache
from django.utils import timezone

from chat import conversations
from chat.models import Citation, Message, Turn
from chat.turn import state
from chat.turn.context import Exchange

pytestmark = pytest.mark.django_db


def finished_turn(conversation, position, question, answer, **known):
    said = [
        Message.objects.create(
            conversation=conversation, position=position + n, role=role, text=text, created_at=timezone.now()
        )
        for n, (role, text) in enumerate((("user", question), ("assistant", answer)))
    ]
    return Turn.objects.create(
        conversation=conversation, position=position, question=said[0], answer=said[1], status="completed",
        created_at=timezone.now(), deadline_at=Turn.new_deadline(), **known,
    )  # fmt: skip


@pytest.fixture
def thread(alice):
    return conversations.open_conversation(alice)


def test_new_conversation_remembers_nothing(thread):
    assert state.load(thread.pk, 0).exchanges == []


def test_miss_is_rebuilt_from_the_database(thread):
    turn = finished_turn(thread, 1, "Is LW214 late?", "Yes.", slots={"flight": "LW214"}, language="en")
    Citation.objects.create(
        turn=turn, number=1, kind="record", record_key="flight:LW214:2026-11-21", quote="x"
    )
    loaded = state.load(thread.pk, 1)
    assert loaded.exchanges == [Exchange("Is LW214 late?", "Yes.")]
    assert loaded.slots == {"flight": "LW214"}
    assert loaded.record_keys == ["flight:LW214:2026-11-21"]
    assert (loaded.questions, loaded.language) == (1, "en")


def test_new_conversation_needs_no_database(thread, django_assert_num_queries):
    with django_assert_num_queries(0):
        state.load(thread.pk, 0)


def test_hit_needs_no_database(thread, django_assert_num_queries):
    finished_turn(thread, 1, "A question", "An answer")
    before = state.load(thread.pk, 1)
    with django_assert_num_queries(0):
        assert state.load(thread.pk, 1) == before


def test_older_state_is_not_believed(thread):
    finished_turn(thread, 1, "A question", "An answer")
    state.load(thread.pk, 1)
    finished_turn(thread, 3, "Another question", "Another answer")
    assert state.load(thread.pk, 2).questions == 2


def test_state_is_kept_for_an_hour(thread, settings):
    state.load(thread.pk, 1)
    assert settings.CONVERSATION_STATE_SECONDS == 3_600
    if settings.REDIS_URL:
        assert 3_500 < cache.ttl(state.cache_key(thread.pk)) <= 3_600


def test_only_the_last_exchanges_are_kept(thread):
    for n in range(8):
        finished_turn(thread, 2 * n + 1, f"Q{n}", f"A{n}")
    loaded = state.load(thread.pk, 8)
    assert [exchange.question for exchange in loaded.exchanges] == ["Q2", "Q3", "Q4", "Q5", "Q6", "Q7"]
    assert loaded.questions == 8
