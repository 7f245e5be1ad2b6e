"""Many who ask the same at once: one asks the model, the others follow its log."""

import asyncio
import json
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from accounts.models import User
from chat import conversations
from chat.database import in_database
from chat.models import Turn
from tests.chat.test_turns import BAGS, ask, shown

pytestmark = pytest.mark.anyio
CROWD = 12


@pytest.fixture
async def crowd(desk: None) -> list[tuple[User, Any]]:
    """People with a conversation each."""
    people = [User(username=f"guest{number}", email=f"guest{number}@example.com") for number in range(CROWD)]
    await sync_to_async(User.objects.bulk_create)(people)
    return [(person, await in_database(conversations.open_conversation, person)) for person in people]


async def all_ask(crowd: list[tuple[User, Any]], text: str = BAGS) -> list[list[dict[str, Any]]]:
    return await asyncio.gather(*(ask(person, conversation, text) for person, conversation in crowd))


async def test_crowd_makes_one_model_call(crowd, library, provider):
    provider.script(text="Up to 23 kg a bag [1]. " * 20, interval=0.01)
    for events in await all_ask(crowd):
        assert events[-1]["type"] == "turn.completed"
        assert shown(events) == events[-1]["message"]["text"] == ("Up to 23 kg a bag [^1]. " * 20).strip()
        assert events[-1]["citations"][0]["title"] == "Checked baggage"
        assert not [event for event in events if event["type"] == "turn.restarted"]
    assert provider.calls == 1


async def test_crowd_shares_a_verdict(crowd, library, provider):
    provider.script(text="[no-answer]", delay=0.3)
    for events in await all_ask(crowd):
        assert events[-1]["message"]["text"].startswith("I do not have that")
        assert shown(events) == events[-1]["message"]["text"]
    assert provider.calls == 1


async def test_another_leads_when_the_first_is_stopped(crowd, library, provider):
    provider.script(text="Up to 23 kg a bag [1]. " * 20, interval=0.02, lasts=True)
    person, conversation = crowd[0]
    first = await conversations.submit(person, conversation.id, BAGS)
    async with asyncio.timeout(20):
        async for frame in conversations.follow(first.turn):
            if json.loads(frame.json)["type"] == "turn.delta":
                break
        others = asyncio.create_task(all_ask(crowd[1:]))
        await _until_running(CROWD)
        await conversations.stop(first.turn)
        _ = [frame async for frame in conversations.follow(first.turn)]
        provider.script(lasts=False)  # for the one that leads now
        for events in await others:
            assert events[-1]["type"] == "turn.completed"
            assert shown(events) == events[-1]["message"]["text"]
    assert provider.calls == 2


async def test_crowd_of_a_failing_provider_is_answered_from_the_policies(crowd, library, provider):
    provider.script(text="Never", faults=["401"] * CROWD * 3)
    for events in await all_ask(crowd):
        assert events[-1]["source"]["provider"] == "extractive"
        assert shown(events) == events[-1]["message"]["text"]


async def test_different_questions_fly_alone(crowd, library, provider):
    provider.script(text="Up to 23 kg [1].", interval=0.02)
    questions = [BAGS, "How heavy may my checked bags be, all together?"]
    await asyncio.gather(*(ask(*crowd[number], question) for number, question in enumerate(questions)))
    assert provider.calls == 2


async def _until_running(number: int) -> None:
    while await Turn.objects.filter(status=Turn.Status.RUNNING).acount() < number:
        await asyncio.sleep(0.02)
