"""A customer's question is found by its meaning, and answered by words alone while the endpoint is away."""

import asyncio
import json

import pytest
from django.conf import settings as project

from chat import conversations
from chat.database import in_database
from knowledge.background import wait_for_threads
from knowledge.documents.publish import publish_version, save_draft
from knowledge.models import Document
from knowledge.search.vectors import backfill
from tests.knowledge.search.conftest import endpoint  # noqa: F401  (a fixture)

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(bool(project.REDIS_URL), reason="the scaled run's worker does not know the endpoint"),
]
WHELP = "Whelp aboard flight?"  # no word of it is in the policy


async def ask(user, conversation, text: str) -> dict:
    submitted = await conversations.submit(user, conversation.id, text)
    async with asyncio.timeout(20):
        events = [json.loads(frame.json) async for frame in conversations.follow(submitted.turn)]
    return events[-1]


def publish_pets() -> None:
    document = Document.objects.create(slug="pets", title="Pets")
    publish_version(save_draft(document, "Small pets may travel in the cabin for EUR 55."))
    wait_for_threads(20)
    backfill.run()


async def test_question_is_answered_for_its_meaning(alice, conversation, endpoint):  # noqa: F811
    endpoint.concepts = {"whelp": "pet", "aboard": "travel", "flight": "cabin"}
    await in_database(publish_pets)
    final = await ask(alice, conversation, WHELP)
    assert final["citations"][0]["title"] == "Pets"
    assert "EUR 55" in final["message"]["text"]


async def test_words_answer_while_the_endpoint_is_away(alice, conversation, endpoint):  # noqa: F811
    await in_database(publish_pets)
    endpoint.always = "500"
    final = await ask(alice, conversation, "What does a small pet in the cabin cost?")
    assert "EUR 55" in final["message"]["text"]
