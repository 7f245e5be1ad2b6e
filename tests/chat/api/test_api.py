"""The REST edge, with the plain client: a turn asked through it is finished when the request returns."""

import json
from uuid import uuid4

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from chat import conversations
from chat.models import Message, Turn

pytestmark = pytest.mark.django_db(transaction=True)


def client_of(user: User | None) -> APIClient:
    client = APIClient()
    if user is not None:
        client.force_authenticate(user)
    return client


@pytest.fixture
def thread(alice):
    return conversations.open_conversation(alice)


@pytest.fixture(autouse=True)
def in_this_process(settings):
    """Run turns within the request: the plain client has no loop that lives on."""
    settings.REDIS_URL, settings.EVENT_LOG = "", "memory"


def test_conversation_is_opened_and_listed(alice, bob):
    created = client_of(alice).post("/api/v1/conversations/")
    mine = client_of(alice).get("/api/v1/conversations/").json()["results"]
    his = client_of(bob).get("/api/v1/conversations/").json()["results"]
    assert created.status_code == 201
    assert [c["id"] for c in mine] == [created.json()["id"]]
    assert his == []


def test_question_is_accepted_and_answered(alice, thread, library):
    answer = client_of(alice).post(
        f"/api/v1/conversations/{thread.id}/messages/",
        {"text": "How heavy may a checked bag be?"},
        format="json",
    )
    assert answer.status_code == 202
    assert answer.json()["events"] == f"/api/v1/turns/{answer.json()['turn']}/events"
    messages = client_of(alice).get(f"/api/v1/conversations/{thread.id}/messages/").json()["results"]
    assert [m["role"] for m in messages] == ["user", "assistant"]
    assert messages[1]["citations"][0]["number"] == 1
    assert messages[0]["state"] == "completed"


def test_same_client_id_is_the_same_message(alice, thread):
    body = {"text": "Hello!", "client_id": str(uuid4())}
    url = f"/api/v1/conversations/{thread.id}/messages/"
    first, second = (client_of(alice).post(url, body, format="json").json() for _ in range(2))
    assert first["turn"] == second["turn"]
    assert Message.objects.filter(role="user").count() == 1


def test_same_idempotency_key_is_the_same_message(alice, thread):
    url = f"/api/v1/conversations/{thread.id}/messages/"
    answers = [
        client_of(alice).post(url, {"text": "Hello!"}, format="json", headers={"Idempotency-Key": "order 66"})
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json()["turn"] == answers[1].json()["turn"]
    assert Message.objects.filter(role="user").count() == 1


def test_same_key_with_other_words_is_refused(alice, thread):
    url = f"/api/v1/conversations/{thread.id}/messages/"
    for words, status in (("Hello!", 202), ("Goodbye!", 422)):
        answer = client_of(alice).post(
            url, {"text": words}, format="json", headers={"Idempotency-Key": "order 66"}
        )
        assert answer.status_code == status
    assert answer.json()["code"] == "client_id_reused"


def test_same_key_opens_one_conversation_each(alice, bob):
    ids = [
        client_of(person).post("/api/v1/conversations/", headers={"Idempotency-Key": "k"}).json()["id"]
        for person in (alice, alice, bob)
    ]
    assert ids[0] == ids[1] != ids[2]


def test_long_idempotency_key_is_refused(alice):
    answer = client_of(alice).post("/api/v1/conversations/", headers={"Idempotency-Key": "k" * 256})
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_too_long")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "invalid"),
        ({"text": ""}, 400, "invalid"),
        ({"text": 7, "client_id": "x"}, 400, "invalid"),
        ({"text": "x" * 4001}, 422, "message_too_long"),
        ([], 400, "invalid"),
    ],
)
def test_bad_question_is_a_problem(alice, thread, body, status, code):
    answer = client_of(alice).post(f"/api/v1/conversations/{thread.id}/messages/", body, format="json")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer["Content-Type"] == "application/problem+json"
    assert Turn.objects.count() == 0


def test_garbage_is_a_problem(alice, thread):
    url = f"/api/v1/conversations/{thread.id}/messages/"
    answer = client_of(alice).post(url, b"\xff{", content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")


def test_closed_conversation_takes_nothing(alice, thread):
    thread.closed_at = thread.created_at
    thread.save()
    url = f"/api/v1/conversations/{thread.id}/messages/"
    answer = client_of(alice).post(url, {"text": "Hello?"}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "conversation_closed")


@pytest.mark.parametrize("person", ["bob", "carol"])
def test_other_peoples_things_are_not_there(alice, thread, person, request):
    other = client_of(request.getfixturevalue(person))
    url = f"/api/v1/conversations/{thread.id}/messages/"
    turn = client_of(alice).post(url, {"text": "Hello!"}, format="json").json()["turn"]
    unknown = other.get(f"/api/v1/conversations/{uuid4()}/").json()
    assert other.get(f"/api/v1/conversations/{thread.id}/").json() == unknown
    for answer in (
        other.get(url),
        other.post(url, {"text": "Hi"}, format="json"),
        other.get(f"/api/v1/turns/{turn}/"),
        other.get(f"/api/v1/turns/{turn}/events"),
        other.post(f"/api/v1/turns/{turn}/stop"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_strangers_are_turned_away(thread):
    for path in ("conversations/", f"conversations/{thread.id}/", f"turns/{uuid4()}/events"):
        answer = client_of(None).get(f"/api/v1/{path}")
        assert answer.status_code in (401, 403)
        assert answer.json()["code"] == "not_authenticated"


def test_session_needs_the_csrf_token(alice):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    assert browser.post("/api/v1/conversations/").status_code == 403


def asked(user, thread, text="Hello!"):
    url = f"/api/v1/conversations/{thread.id}/messages/"
    return client_of(user).post(url, {"text": text}, format="json").json()["turn"]


@pytest.mark.parametrize(
    ("cursor", "types"),
    [
        ("", ["message.accepted", "turn.completed"]),
        ("1-1", ["turn.completed"]),
        ("9-9", ["message.accepted", "turn.completed"]),
    ],
)
def test_finished_turn_is_told_whole(alice, thread, cursor, types):
    turn = asked(alice, thread)
    answer = client_of(alice).get(
        f"/api/v1/turns/{turn}/events", HTTP_LAST_EVENT_ID=cursor, HTTP_ACCEPT="text/event-stream"
    )
    text = b"".join(answer).decode()
    events = [json.loads(line[6:]) for line in text.split("\n") if line.startswith("data: ")]
    assert answer["Content-Type"].startswith("text/event-stream")
    assert [event["type"] for event in events] == types
    assert f"id: {events[-1]['id']}\nevent: turn.completed\n" in text


def test_bad_cursor_is_a_problem(alice, thread):
    answer = client_of(alice).get(f"/api/v1/turns/{asked(alice, thread)}/events?after=zzz")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_turn_tells_its_state(alice, thread):
    answer = client_of(alice).get(f"/api/v1/turns/{asked(alice, thread)}/").json()
    assert (answer["status"], answer["intent"], answer["source"]) == ("completed", "small_talk", "fixed")


def test_schema_and_docs_are_served(client):
    schema = client.get("/api/schema/", HTTP_ACCEPT="application/json").json()
    assert "/api/v1/turns/{turn_id}/events" in schema["paths"]
    assert client.get("/api/docs/").status_code == 200
