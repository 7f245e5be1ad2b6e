"""The names of the former services: the same conversations, people and limits behind them."""

from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import ApiKey
from chat import conversations, filing
from chat.api import legacy
from chat.models import Conversation, Message, Turn

pytestmark = pytest.mark.django_db(transaction=True)
SESSION, MESSAGE = "/chat/session", "/chat/message"


@pytest.fixture(autouse=True)
def in_this_process(settings):
    """Run turns within the request: the plain client has no loop that lives on."""
    settings.REDIS_URL, settings.EVENT_LOG = "", "memory"


class Program:
    """A client with somebody's API key."""

    def __init__(self, user):
        self.headers = {"Authorization": f"Bearer {ApiKey.objects.issue(user, 'program')[1]}"}

    def get(self, path):
        return Client().get(path, headers=self.headers)

    def post(self, path, body=None, **headers):
        kind = "application/json"
        return Client().post(path, body or {}, content_type=kind, headers={**self.headers, **headers})

    def begin(self):
        return self.post(SESSION).json()["session_id"]


@pytest.fixture
def program(alice):
    return Program(alice)


def test_session_is_opened_asked_and_read(program, alice, library):
    opened = program.post(SESSION)
    session = opened.json()["session_id"]
    assert (opened.status_code, opened["Location"]) == (201, f"/chat/session/{session}")
    answer = program.post(MESSAGE, {"session_id": session, "message": "How heavy may a checked bag be?"})
    told = answer.json()
    assert (answer.status_code, told["state"], told["intent"]) == (200, "completed", "policy")
    assert "23 kg" in told["answer"]
    assert told["citations"][0]["title"] == "Checked baggage"
    history = program.get(opened["Location"]).json()
    assert [message["role"] for message in history["messages"]] == ["user", "assistant"]
    assert history["messages"][1]["text"] == told["answer"]
    assert history["title"] == "How heavy may a checked bag be?"
    for address in (history["conversation"], history["all_messages"], told["events"]):
        assert program.get(address).status_code == 200
    assert Conversation.objects.get().owner == alice


def test_answer_that_takes_longer_is_followed(program, monkeypatch):
    async def not_now(_turn):
        pass

    monkeypatch.setattr(conversations, "dispatch", not_now)
    monkeypatch.setattr(legacy, "WAIT_SECONDS", 0.05)
    answer = program.post(MESSAGE, {"session_id": program.begin(), "message": "Hello!"})
    turn = Turn.objects.get()
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")
    assert answer.json()["events"] == f"/api/v1/turns/{turn.pk}/events"
    assert answer["Location"] == f"/api/v1/turns/{turn.pk}/"


def test_failed_answer_tells_why(program, monkeypatch):
    async def fail(turn_id):
        await Turn.objects.filter(pk=turn_id).aupdate(
            status="failed", error_code="model_away", error_words="No model.", error_retryable=True
        )

    monkeypatch.setattr(conversations, "dispatch", fail)
    told = program.post(MESSAGE, {"session_id": program.begin(), "message": "Hello!"}).json()
    assert (told["state"], told["answer"], told["source"]) == ("failed", "", None)
    assert told["error"] == {"code": "model_away", "words": "No model.", "retryable": True}


def test_same_key_or_client_id_asks_once(program):
    assert (
        len({program.post(SESSION, **{"Idempotency-Key": "k"}).json()["session_id"] for _ in range(2)}) == 1
    )
    session = program.begin()
    for body, headers in (({}, {"Idempotency-Key": "k"}), ({"client_id": str(uuid4())}, {})):
        body |= {"session_id": session, "message": "Hello!"}
        turns = {program.post(MESSAGE, body, **headers).json()["turn"] for _ in range(2)}
        assert len(turns) == 1
    assert Message.objects.filter(role="user").count() == 2


def test_archived_session_comes_back_out(program, alice):
    session = program.begin()
    filing.change(alice, session, archived=True)
    program.post(MESSAGE, {"session_id": session, "message": "Hello!"})
    assert not Conversation.objects.get().is_archived


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "invalid"),
        ({"session_id": "x", "message": "Hi"}, 400, "invalid"),
        ({"session_id": str(uuid4()), "message": "Hi"}, 404, "not_found"),
        ({"session_id": None, "message": "x" * 4001}, 422, "message_too_long"),
    ],
)
def test_unfit_questions_are_problems(program, body, status, code):
    if "session_id" in body:
        body["session_id"] = body["session_id"] or program.begin()
    answer = program.post(MESSAGE, body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer["Content-Type"] == "application/problem+json"


def test_bob_finds_nothing(program, bob):
    session = program.begin()
    program.post(MESSAGE, {"session_id": session, "message": "Hello from Alice"})
    his = Program(bob)
    for pk in (session, str(uuid4())):
        asked = his.post(MESSAGE, {"session_id": pk, "message": "Hi"})
        read = his.get(f"{SESSION}/{pk}")
        assert [(answer.status_code, answer.json()["code"]) for answer in (asked, read)] == [
            (404, "not_found")
        ] * 2
    assert Message.objects.filter(role="user").count() == 1


def test_strangers_are_turned_away(alice):
    for answer in (Client().post(SESSION), Client().post(MESSAGE), Client().get(f"{SESSION}/{uuid4()}")):
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
        assert answer["Content-Type"] == "application/problem+json"


def test_cookie_needs_the_csrf_token(alice):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    assert browser.post(SESSION).status_code == 403
    assert browser.post(MESSAGE, {}, content_type="application/json").status_code == 403
    assert Conversation.objects.count() == 0
    browser.get("/chat/")
    token = browser.cookies["csrftoken"].value
    opened = browser.post(SESSION, content_type="application/json", headers={"X-CSRFToken": token})
    assert opened.status_code == 201


def test_messages_are_limited_as_elsewhere(program, settings):
    settings.RATELIMIT_ENABLE = True
    settings.LIMITS = {**settings.LIMITS, "user_messages": (1, 60)}
    session = program.begin()
    answers = [program.post(MESSAGE, {"session_id": session, "message": f"Hello {n}"}) for n in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert int(answers[1]["Retry-After"]) > 0
