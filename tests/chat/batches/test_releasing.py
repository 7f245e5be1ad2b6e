"""Items become ordinary turns, a few at a time, once each, and never before people who are at the page."""

from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.utils import timezone

from accounts.models import PersonPlan, Plan, User
from chat import batches, conversations
from chat.batches import releasing
from chat.models import BatchItem, Conversation, Message, Turn
from tests.chat.batches.conftest import fetch, send

pytestmark = pytest.mark.django_db(transaction=True)
BAGS = {"id": "a", "text": "How heavy may a checked bag be?"}


@pytest.fixture(autouse=True)
def in_this_process(settings: Any) -> None:
    """Run turns within the step that sends them."""
    settings.REDIS_URL, settings.EVENT_LOG = "", "memory"


@pytest.fixture
def not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave turns queued."""

    async def not_now(_turn: object) -> None: ...

    monkeypatch.setattr(conversations, "dispatch", not_now)


def release() -> int:
    return async_to_sync(batches.release)()


def states(alice: User, batch: str) -> list[str]:
    return [item["state"] for item in fetch(alice, batch)["items"]["results"]]


def test_item_is_answered_with_citations(alice, library):
    batch = send(alice, BAGS).json()["id"]
    assert release() == 1
    [item] = fetch(alice, batch)["items"]["results"]
    assert item["state"] == "completed"
    assert "23 kg" in item["answer"]["text"]
    assert item["answer"]["citations"][0]["title"] == "Checked baggage"
    assert item["problem"] is None
    assert Conversation.objects.visible_to(alice).get().pk == Turn.objects.get().conversation_id
    assert str(Turn.objects.get().pk) == item["turn"]
    assert BatchItem.objects.get().text == "", "the message has it"


def test_item_is_asked_in_the_conversation_it_names(alice, library):
    thread = conversations.open_conversation(alice)
    send(
        alice, BAGS | {"conversation": str(thread.pk)}, {"text": "And 40 kg?", "conversation": str(thread.pk)}
    )
    while release():
        pass
    asked = Message.objects.filter(role="user").order_by("position")
    assert [message.text for message in asked] == [BAGS["text"], "And 40 kg?"]
    assert Conversation.objects.count() == 1


def test_only_so_many_run_at_once(alice, settings, not_run):
    settings.BATCH_TURNS_AT_ONCE = 2
    batch = send(alice, *[{"text": f"Question {n}?"} for n in range(5)]).json()["id"]
    assert [release(), release()] == [2, 0]
    assert states(alice, batch) == ["running"] * 2 + ["waiting"] * 3
    Turn.objects.filter(pk=Turn.objects.first().pk).update(status="completed")
    assert release() == 1
    assert sorted(states(alice, batch)) == ["completed", "running", "running", "waiting", "waiting"]


def test_live_questions_go_first(alice, bob, not_run):
    send(alice, BAGS)
    thread = conversations.open_conversation(bob)
    live = async_to_sync(conversations.submit)(bob, thread.pk, "Hello?").turn
    Turn.objects.filter(pk=live.pk).update(created_at=timezone.now() - timedelta(seconds=2))
    assert release() == 0
    Turn.objects.filter(pk=live.pk).update(status="completed")
    assert release() == 1


def test_what_a_lost_process_left_is_sent_once(alice, library, monkeypatch):
    batch = send(alice, BAGS).json()["id"]

    def lost(*_args: object, **_values: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(releasing, "_note", lost)  # the message is saved, and nobody notes it
        release()
    assert release() == 0, "its claim holds"
    assert states(alice, batch) == ["running"]
    BatchItem.objects.update(claimed_until=timezone.now())
    assert release() == 1
    assert states(alice, batch) == ["completed"]
    assert Message.objects.filter(role="user").count() == 1


def test_what_cannot_be_asked_any_more_fails_alone(alice, library):
    thread = conversations.open_conversation(alice)
    batch = send(alice, BAGS | {"conversation": str(thread.pk)}, {"text": "Elsewhere?"}).json()["id"]
    Conversation.objects.filter(pk=thread.pk).update(closed_at=timezone.now())
    while release():
        pass
    first, second = fetch(alice, batch)["items"]["results"]
    assert (first["state"], first["problem"]["code"]) == ("failed", "conversation_closed")
    assert second["state"] == "completed"


def test_cancelled_items_are_never_sent(alice):
    batch = send(alice, BAGS)
    batches.cancel(BatchItem.objects.get().batch)
    assert release() == 0
    assert states(alice, batch.json()["id"]) == ["cancelled"]


def test_rate_of_the_plan_holds_items_back(alice, library):
    PersonPlan.objects.create(user=alice, plan=Plan.objects.create(name="Slow", messages_per_minute=1))
    batch = send(alice, BAGS, {"text": "And pets?"}).json()["id"]
    assert [release(), release()] == [2, 0]
    assert states(alice, batch) == ["completed", "waiting"]
    BatchItem.objects.filter(state="waiting").update(not_before=timezone.now())
    assert release() == 1, "it is tried again, when its time has come"


def test_batch_takes_nothing_of_the_live_limit(alice, library, settings):
    settings.LIMITS = {**settings.LIMITS, "user_messages": (1, 60), "conversation_messages": (1, 60)}
    batch = send(alice, BAGS, {"text": "And pets?"}).json()["id"]
    release()
    assert states(alice, batch) == ["completed"] * 2
    thread = conversations.open_conversation(alice)
    assert async_to_sync(conversations.submit)(alice, thread.pk, "Hello?", over_http=True).is_new


def test_closed_account_sends_nothing(alice):
    send(alice, BAGS)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert release() == 0


def test_stopped_and_failed_turns_are_told(alice, not_run):
    batch = send(alice, BAGS, {"text": "And pets?"}).json()["id"]
    release()
    first, second = BatchItem.objects.order_by("position")
    Turn.objects.filter(pk=first.turn_id).update(
        status="failed", error_code="deadline", error_words="It took too long.", error_retryable=True
    )
    Turn.objects.filter(pk=second.turn_id).update(status="stopped")
    batch = fetch(alice, batch)
    assert batch["state"] == "finished"
    one, two = batch["items"]["results"]
    assert one["problem"] == {"code": "deadline", "title": "It took too long.", "retryable": True}
    assert (one["state"], two["state"], two["problem"]) == ("failed", "stopped", None)


def test_idle_desk_asks_the_database_once(django_assert_num_queries):
    with django_assert_num_queries(1):
        releasing._claim()
