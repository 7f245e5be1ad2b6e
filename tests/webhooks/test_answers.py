"""Whole questions: what endpoints are told of an answer, with nothing of the customer's in it."""

import json

import pytest
from django.conf import settings

from chat import conversations
from chat.database import in_database
from tests.chat.conftest import conversation, desk, worker  # noqa: F401  (fixtures)
from tests.webhooks.conftest import make_endpoint
from webhooks import tasks
from webhooks.models import Delivery

pytestmark = pytest.mark.anyio
QUESTION = "I am Alice Quokka, alice@example.com. How heavy may a checked bag be on a Standard fare?"


async def ask(user, conversation, text):  # noqa: F811
    submitted = await conversations.submit(user, conversation.id, text)
    return [json.loads(frame.json) async for frame in conversations.follow(submitted.turn)][-1]


def told(event):
    found = Delivery.objects.filter(event=event).order_by("has_text")
    return [json.loads(delivery.body)["data"] for delivery in found]


async def test_an_answer_is_told_of(alice, conversation, library, receiver):  # noqa: F811
    if settings.REDIS_URL:  # a worker of another test may still believe that nobody wants to know
        pytest.skip("what a worker settles is told by the same lines; it is sent in test_running")
    await in_database(make_endpoint, receiver.url)
    await in_database(make_endpoint, receiver.url, name="curious", include_text=True)
    final = await ask(alice, conversation, QUESTION)
    plain, full = await in_database(told, "turn.completed")
    assert plain["turn"]["id"] == final["turn"]
    assert plain["citations"][0]["title"].startswith("Checked baggage")
    assert plain["citation_count"] == len(final["citations"])
    assert not any(word in json.dumps(plain) for word in ("Alice", "alice", "Quokka", "heavy", "23 kg"))
    assert "23 kg" in full["text"]["answer"]
    assert "How heavy may a checked bag be" in full["text"]["question"]
    assert not any(word in json.dumps(full) for word in ("Quokka", "alice@example.com"))
    assert await in_database(tasks.wait_for_threads, 20)
    assert len(receiver.got) == 2


async def test_a_wish_for_a_person_is_told_of(alice, conversation, library, receiver):  # noqa: F811
    if settings.REDIS_URL:
        pytest.skip("as above")
    await in_database(make_endpoint, receiver.url, "conversation.flagged")
    await ask(alice, conversation, "I want to talk to a person, please.")
    [data] = await in_database(told, "conversation.flagged")
    assert (data["conversation"]["id"], data["flag"]["kind"]) == (str(conversation.pk), "wish")
