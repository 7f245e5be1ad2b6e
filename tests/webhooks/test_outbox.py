"""What is told, in the transaction of what it tells of, and no more than is needed."""

import json
import time

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from chat.models import Citation, Conversation, ConversationFlag, Message, Turn
from chat.signals import turn_settled
from chat.turn import overdue
from knowledge.documents.publish import publish_version, save_draft, withdraw_document
from knowledge.evaluation.scratch import scratch_library
from knowledge.models import Document
from tests.webhooks.conftest import make_endpoint
from webhooks.models import Delivery, Endpoint
from webhooks.outbox import wanted

pytestmark = pytest.mark.django_db
URL = "https://receiver.example/hook"
QUESTION = "Where is my bag? I am Alice Quokka."


@pytest.fixture(autouse=True)
def unsent(nothing_sent):
    """Nothing leaves."""


def turn_of(alice, **known):
    conversation = Conversation.objects.create(owner=alice, title=QUESTION)
    said = Message.objects.create(
        conversation=conversation, position=1, role="user", text=QUESTION, created_at=timezone.now()
    )
    values = {"status": Turn.Status.COMPLETED, "intent": "baggage", "language": "en", "source": "model"}
    return Turn.objects.create(
        conversation=conversation, position=1, question=said, created_at=timezone.now(),
        deadline_at=Turn.new_deadline(), **values | {"finished_at": timezone.now()} | known,
    )  # fmt: skip


def settle(turn, citations=()):
    def texts():
        return "Where is my bag? I am [NAME_1].", "In Madrid [1]."

    turn_settled.send(sender=Turn, turn=turn, citations=list(citations), texts=texts)


def told():
    return [
        json.loads(body) for body in Delivery.objects.order_by("created_at").values_list("body", flat=True)
    ]


def test_a_completed_turn_is_told_in_ids_and_facts(alice):
    make_endpoint(URL)
    turn = turn_of(alice)
    passage = Citation(
        turn=turn,
        number=1,
        kind="passage",
        title="Bags",
        section="Lost",
        quote="secret words",
        version_number=2,
    )
    record = Citation(
        turn=turn, number=2, kind="record", title="Booking ABC123", record_key="booking:ABC123", quote="Alice"
    )
    settle(turn, [passage, record])
    [message] = told()
    delivery = Delivery.objects.get()
    assert (message["id"], message["type"], message["api_version"]) == (
        delivery.message_id,
        "turn.completed",
        "1",
    )
    data = message["data"]
    assert data["conversation"] == {"id": str(turn.conversation_id)}
    assert (data["turn"]["id"], data["turn"]["intent"], data["turn"]["error"]) == (
        str(turn.pk),
        "baggage",
        None,
    )
    assert data["citation_count"] == 2
    assert data["citations"][0] == {
        "number": 1, "kind": "passage", "title": "Bags", "section": "Lost", "version": 2, "page": None,
    }  # fmt: skip
    for personal in ("Alice", "alice", "ABC123", "bag?", "Madrid", "secret words", "text"):
        assert personal not in delivery.body


def test_texts_are_told_masked_and_only_to_an_endpoint_that_wants_them(alice):
    make_endpoint(URL)
    curious = make_endpoint(URL, name="curious", include_text=True)
    settle(turn_of(alice))
    assert Delivery.objects.filter(has_text=True).get().endpoint == curious
    by_text = [message["data"].get("text") for message in told()]
    assert sorted(map(str, by_text)) == [
        "None", str({"question": "Where is my bag? I am [NAME_1].", "answer": "In Madrid [1]."}),
    ]  # fmt: skip


def test_a_failed_turn_is_told_with_its_code(alice):
    make_endpoint(URL)
    settle(turn_of(alice, status=Turn.Status.FAILED, error_code="deadline", error_retryable=True))
    [message] = told()
    assert message["type"] == "turn.failed"
    assert message["data"]["turn"]["error"] == {"code": "deadline", "retryable": True}


def test_a_stopped_turn_is_told_to_nobody(alice):
    make_endpoint(URL)
    settle(turn_of(alice, status=Turn.Status.STOPPED))
    assert told() == []


def test_a_turn_that_is_given_up_is_told(alice):
    make_endpoint(URL, include_text=True)
    turn = turn_of(alice, status=Turn.Status.RUNNING, attempt=9, lease_until=timezone.now(), finished_at=None)
    assert [failed.turn for failed in overdue.give_up()] == [turn.pk]
    [message] = told()
    assert message["data"]["turn"]["error"]["code"] == "attempts_exhausted"
    assert message["data"]["text"] == {"question": None, "answer": None}


def test_a_flag_is_told_without_a_word(alice):
    make_endpoint(URL, "conversation.flagged", include_text=True)
    turn = turn_of(alice)
    flag = ConversationFlag.objects.create(
        conversation=turn.conversation, turn=turn, kind="protocol", cause="cues"
    )
    flag.handle(alice)
    flag.save()  # a change is not told
    [message] = told()
    assert message["data"]["flag"]["kind"] == "protocol"
    assert message["data"]["flag"]["url"].endswith(f"/admin/chat/conversationflag/{flag.pk}/change/")
    assert "bag" not in json.dumps(message)
    assert Delivery.objects.get().conversation_id == turn.conversation_id


def test_publishing_and_withdrawing_are_told(library):
    assert told() == []  # there was no endpoint
    make_endpoint(URL)
    document = Document.objects.get(slug="pets")
    publish_version(save_draft(document, "# Pets\n\nNo pets."))
    withdraw_document(document)
    messages = told()
    assert [m["type"] for m in messages] == ["document.published", "document.withdrawn", "document.withdrawn"]
    data = messages[0]["data"]
    assert (data["document"]["slug"], data["version"]["number"]) == ("pets", 2)
    assert "No pets" not in json.dumps(messages)


def test_what_is_rolled_back_is_not_told(library, nothing_sent):
    make_endpoint(URL)

    def publish_and_fail():
        with transaction.atomic():
            publish_version(save_draft(Document.objects.get(slug="pets"), "# Pets\n\nNo pets."))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        publish_and_fail()
    assert (told(), nothing_sent) == ([], [])


def test_what_cannot_be_told_is_not_done(library, monkeypatch):
    """The delivery and what it tells of are one: neither is there without the other."""
    make_endpoint(URL)

    def fail(*_args, **_kwargs):
        raise DatabaseError("full")

    monkeypatch.setattr(Delivery, "save", fail)
    draft = save_draft(Document.objects.get(slug="pets"), "# Pets\n\nNo pets.")
    with pytest.raises(DatabaseError):
        publish_version(draft)
    draft.refresh_from_db()
    assert draft.status == "draft"


@pytest.mark.django_db(transaction=True)
def test_a_library_of_its_own_is_nobodys_event(library):
    make_endpoint(URL)
    with scratch_library():
        publish_version(save_draft(Document.objects.create(slug="x", title="X"), "# X\n\nWords."))
    assert told() == []


@pytest.mark.parametrize("known", [{"is_active": False}, {"events": ["document.published"]}])
def test_who_does_not_want_it_is_not_told(alice, known):
    make_endpoint(URL, **known)
    settle(turn_of(alice))
    assert told() == []


def test_without_an_endpoint_nothing_is_asked_of_the_database(alice, django_assert_num_queries):
    turn = turn_of(alice)
    settle(turn)
    with django_assert_num_queries(0):
        settle(turn)


def test_an_endpoint_of_this_process_is_known_at_once(alice):
    turn = turn_of(alice)
    settle(turn)
    endpoint = make_endpoint(URL)
    settle(turn)
    endpoint.is_active = False
    endpoint.save()
    settle(turn)
    endpoint.delete()
    settle(turn)
    assert "turn.completed" not in wanted


def test_an_endpoint_of_another_process_is_known_after_a_while(alice, settings, monkeypatch):
    turn = turn_of(alice)
    settle(turn)
    Endpoint.objects.bulk_create([made := Endpoint(name="x", url=URL, events=["turn.completed"])])
    settle(turn)
    assert told() == []
    later = time.monotonic() + settings.WEBHOOK_CACHE_SECONDS
    monkeypatch.setattr("webhooks.outbox.time.monotonic", lambda: later)
    settle(turn)
    assert Delivery.objects.get().endpoint_id == made.pk
