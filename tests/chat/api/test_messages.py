"""Asking over REST and waiting for the whole answer, over the carrier of this run."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import AsyncClient
from django.utils import timezone

from accounts.models import ApiKey
from chat import conversations
from chat.api import waiting
from chat.database import in_database
from chat.errors import NotFound
from chat.models import Conversation, Message, Turn
from tests.chat.test_turns import BAGS

pytestmark = pytest.mark.anyio
ANSWER = "Up to 23 kg a bag [1]."


@pytest.fixture(autouse=True)
async def nothing_left_running(desk: None) -> AsyncIterator[None]:
    """Let every answer end before the tables are emptied."""
    yield
    async with asyncio.timeout(20):
        while await in_database(Turn.objects.unfinished().exists):
            await asyncio.sleep(0.05)


@pytest.fixture
def asking(conversation, key) -> Any:
    """Ask as Alice, with a path's query and headers."""

    async def ask(
        query: str = "", *, client_id: UUID | None = None, value: str = key[1], **headers: str
    ) -> Any:
        body = {"text": BAGS} | ({"client_id": str(client_id)} if client_id else {})
        return await AsyncClient().post(
            f"/api/v1/conversations/{conversation.id}/messages/{query}",
            json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {value}", **headers},
        )

    return ask


async def test_whole_answer_comes_in_one_piece(asking, library, provider):
    provider.script(text=ANSWER)
    answer = await asking("?wait=30")
    body = answer.json()
    assert (answer.status_code, body["state"]) == (201, "completed")
    assert body["answer"]["text"] == "Up to 23 kg a bag [^1]."
    assert body["answer"]["citations"][0]["title"] == "Checked baggage"
    assert body["answer"]["source"]["kind"] == "model"
    assert body["usage"]["completion_tokens"] > 0
    assert body["error"] is None
    assert body["message"]["text"] == BAGS
    assert answer["Location"] == f"/api/v1/turns/{body['turn']}/"


async def test_a_preference_waits_too(asking, library, provider):
    provider.script(text=ANSWER)
    answer = await asking(Prefer="respond-async, wait=30")
    assert (answer.status_code, answer["Preference-Applied"]) == (201, "wait=30")


@pytest.mark.parametrize("words", ["wait=soon", "handling=lenient", "wait=-1", ""])
async def test_a_preference_that_cannot_be_read_is_ignored(asking, library, words):
    answer = await asking(Prefer=words)
    assert answer.status_code == 202
    assert "Preference-Applied" not in answer


@pytest.mark.parametrize(
    "query", ["?wait=61", "?wait=-1", "?wait=soon", "?wait=", "?wait=1.5", "?wait=99999"]
)
async def test_a_wait_out_of_bounds_asks_nothing(asking, query):
    answer = await asking(query)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert "wait" in answer.json()["fields"]
    assert await Message.objects.acount() == 0


@pytest.mark.parametrize("query", ["?wait=0", "?wait=1"])
async def test_what_takes_longer_is_followed(asking, alice, library, provider, query):
    provider.script(text=ANSWER, held=True)
    answer = await asking(query)
    assert answer.status_code == 202
    assert answer.json()["events"] == f"/api/v1/turns/{answer.json()['turn']}/events"
    provider.script(text=ANSWER, held=False)
    turn = await in_database(conversations.get_turn, alice, answer.json()["turn"])
    async with asyncio.timeout(20):
        assert (await waiting.whole_answer(turn, 20)).status == Turn.Status.COMPLETED


async def test_the_same_again_waits_for_the_same(asking, library, provider):
    provider.script(text=ANSWER)
    answers = [await asking("?wait=30", **{"Idempotency-Key": "k"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].json() == answers[1].json()
    assert provider.calls == 1


def failed_before(conversation: Conversation, client_id: UUID) -> None:
    now = timezone.now()
    said = Message.objects.create(
        conversation=conversation, position=1, role="user", text=BAGS, client_id=client_id, created_at=now
    )
    Turn.objects.create(
        conversation=conversation, position=1, question=said, created_at=now, finished_at=now,
        deadline_at=Turn.new_deadline(), status=Turn.Status.FAILED, error_code="turn_failed",
        error_words="No answer.", error_retryable=True,
    )  # fmt: skip


async def test_a_failed_turn_tells_its_problem(asking, conversation):
    client_id = uuid4()
    await in_database(failed_before, conversation, client_id)
    answer = await asking("?wait=30", client_id=client_id)
    body = answer.json()
    assert (answer.status_code, body["state"], body["answer"]) == (200, "failed", None)
    assert body["error"] == {"code": "turn_failed", "words": "No answer.", "retryable": True}
    assert body["message"]["error"] == body["error"]


async def test_a_deleted_conversation_ends_the_wait(alice, conversation, library, provider):
    provider.script(text=ANSWER, held=True)
    submitted = await conversations.submit(alice, conversation.id, BAGS)
    waits = asyncio.create_task(waiting.whole_answer(submitted.turn, 20))
    await asyncio.sleep(0.1)
    await in_database(conversations.delete, alice, conversation.id)
    provider.script(held=False)
    async with asyncio.timeout(15):
        with pytest.raises(NotFound):
            await waits


async def test_too_many_that_wait_are_told_where_to_follow(asking, library, provider, monkeypatch):
    monkeypatch.setattr(waiting, "_waiting", waiting.threading.Semaphore(0))
    provider.script(text=ANSWER, held=True)
    async with asyncio.timeout(10):
        answer = await asking("?wait=60")
    provider.script(held=False)
    assert answer.status_code == 202


async def test_bob_cannot_wait_for_hers(asking, bob, library):
    _, value = await in_database(ApiKey.objects.issue, bob, "program")
    answer = await asking("?wait=30", value=value)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_stream_of_an_unknown_conversation_is_a_problem(key):
    answer = await AsyncClient().post(
        f"/api/v1/conversations/{uuid4()}/messages/stream",
        json.dumps({"text": BAGS}),
        content_type="application/json",
        headers={"Authorization": f"Bearer {key[1]}", "Accept": "text/event-stream"},
    )
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
