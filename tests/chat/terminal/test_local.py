"""The desk in this process, in both modes: asked, stopped, taken up again, and whose is whose."""

from uuid import UUID, uuid4

import pytest
from django.conf import settings

from chat import conversations
from chat.database import in_database
from chat.errors import NotFound
from chat.models import Conversation, Turn
from chat.terminal.local import LocalDesk
from tests.chat.terminal.conftest import ANSWER, QUESTION

pytestmark = [pytest.mark.anyio, pytest.mark.django_db(transaction=True)]


@pytest.fixture
async def hers(worker, alice, library, provider):
    provider.script(text=ANSWER)
    desk = await LocalDesk.open("alice")
    yield desk
    await desk.close()


async def test_answer_streams_and_is_kept(hers):
    thread = await hers.begin()
    events = [event async for event in hers.ask(thread.id, QUESTION, uuid4())]
    messages = await hers.messages(thread.id)
    assert [event["type"] for event in events][:2] == ["message.accepted", "turn.started"]
    assert events[-1]["message"]["text"] == messages[1]["text"]
    assert [message["role"] for message in messages] == ["user", "assistant"]
    assert messages[1]["citations"][0]["title"] == "Checked baggage"
    assert (await hers.recent())[0].id == thread.id


async def test_answer_is_stopped(hers, provider):
    provider.script(text="Slow words. " * 200, interval=0.05)
    thread = await hers.begin()
    stopped = False
    async for event in hers.ask(thread.id, QUESTION, uuid4()):
        if event["type"] == "turn.started" and not stopped:
            stopped = True
            await hers.stop(UUID(event["turn"]))
    assert event["type"] == "turn.stopped"


async def test_bob_finds_nothing_of_alices(hers, bob):
    thread = await hers.begin()
    last = [event async for event in hers.ask(thread.id, QUESTION, uuid4())][-1]
    his = await LocalDesk.open("bob")
    calls = (
        his.find(thread.id), his.messages(thread.id), his.stop(UUID(last["turn"])),
        anext(his.ask(thread.id, "And now?", uuid4())), anext(his.follow(UUID(last["turn"]))),
    )  # fmt: skip
    for call in calls:
        with pytest.raises(NotFound):
            await call
    assert await his.recent() == []
    await his.close()


@pytest.mark.skipif(bool(settings.REDIS_URL), reason="where there are workers, beat and they do it")
async def test_answer_that_an_earlier_process_left_is_finished(hers, alice):
    conversation: Conversation = await in_database(conversations.open_conversation, alice)
    turn, _, _ = await in_database(conversations._save, alice, conversation.pk, QUESTION, uuid4())
    # As a process leaves it that was killed in its work: running, its lease over.
    lost = {"status": Turn.Status.RUNNING, "attempt": 1, "lease_until": turn.created_at}
    await in_database(Turn.objects.filter(pk=turn.pk).update, **lost)
    events = [event async for event in hers.follow(turn.pk)]
    assert events[-1]["type"] == "turn.completed"
    assert events[-1]["id"].startswith("2-")


async def test_nobody_unknown_or_closed_is_let_in(alice):
    with pytest.raises(NotFound):
        await LocalDesk.open("mallory")
    alice.is_active = False
    await in_database(alice.save)
    with pytest.raises(NotFound):
        await LocalDesk.open("alice")
