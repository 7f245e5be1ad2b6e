"""A deleted conversation is gone everywhere, whoever deletes it; others' are not touched."""

import asyncio
import json
import logging
from contextlib import aclosing
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import transaction
from django.test import AsyncClient
from django.utils import timezone

from accounts.audit import Act
from accounts.models import AuditEntry
from chat import conversations, erasure
from chat.database import in_database
from chat.errors import NotFound
from chat.events import EventId
from chat.events.ids import GONE
from chat.events.log import event_log
from chat.events.types import TurnDelta, frame_of
from chat.models import Citation, Conversation, Message, Turn
from chat.turn import state
from tests.chat.conftest import FINAL, open_socket
from tests.leftovers import leftovers

pytestmark = pytest.mark.anyio
CANARY = "zanzibarquokka"
QUESTION = f"How heavy may a checked bag be in the Standard fare, and an overweight bag? {CANARY}"
ROWS = (Conversation, Message, Turn, Citation)


async def asked(user, conversation, text=QUESTION):
    """Ask, and wait for the end of the answer."""
    submitted = await conversations.submit(user, conversation.pk, text)
    async with aclosing(conversations.follow(submitted.turn)) as frames:
        async for _ in frames:
            pass
    return submitted.turn


async def deleted(user, conversation):
    await sync_to_async(conversations.delete)(user, conversation.pk)


async def until_settled(check):
    """Wait until something that other processes do has been done."""
    async with asyncio.timeout(10):
        while not await in_database(check):
            await asyncio.sleep(0.02)


def log_entry_of(conversation, carol):
    kind = ContentType.objects.get_for_model(Conversation)
    LogEntry.objects.create(
        user=carol, content_type=kind, object_id=str(conversation.pk), object_repr=QUESTION,
        action_flag=CHANGE, change_message=QUESTION,
    )  # fmt: skip


async def test_nothing_is_left_anywhere(alice, carol, bob, conversation, library, provider, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    provider.script(text=f"Your {CANARY} may weigh 23 kg [1].")
    turn = await asked(alice, conversation)
    await asked(alice, conversation, f"And two {CANARY}s?")
    await in_database(log_entry_of, conversation, carol)
    found = await in_database(leftovers, CANARY)
    assert {"chat_message", "django_admin_log"} <= {place.split(":")[0] for place in found}
    assert any("answer:" in place for place in found)
    named = f"conversation-state:{conversation.pk}"  # its value is sealed
    assert await in_database(leftovers, named) != []
    log = [frame async for frame in _frames(turn)]
    assert any(CANARY in frame.json for frame in log)

    await deleted(alice, conversation)

    assert await in_database(leftovers, CANARY, named) == []
    assert [frame.id async for frame in _frames(turn)] == [GONE]
    assert await in_database(lambda: [model.objects.count() for model in ROWS]) == [0, 0, 0, 0]
    assert CANARY not in caplog.text + "".join(capfd.readouterr())
    entry = await AuditEntry.objects.aget(act=Act.CONVERSATION_DELETED)
    assert (entry.actor_id, entry.object_id) == (alice.pk, str(conversation.pk))


async def _frames(turn):
    async for frame in event_log().follow(turn.pk):
        if frame is None:
            return
        yield frame


async def test_others_are_not_touched(alice, bob, conversation, library):
    other = await in_database(conversations.open_conversation, bob)
    await asked(bob, other, "How heavy may a bag be?")
    await asked(alice, conversation)
    with pytest.raises(NotFound):
        await deleted(bob, conversation)
    assert await Message.objects.filter(conversation=conversation).acount() == 2
    await deleted(alice, conversation)
    assert await Message.objects.filter(conversation=other).acount() == 2


async def test_running_answer_ends_and_writes_nothing(alice, conversation, library, provider):
    provider.script(text=f"{CANARY} " * 200, interval=0.05)
    async with open_socket(alice, conversation.pk) as socket:
        await socket.receive()
        await socket.ask(QUESTION)
        await socket.until("turn.delta")
        turn = await Turn.objects.aget()
        await deleted(alice, conversation)
        frames = await socket.until("conversation.gone")
        assert await socket.receive_close() == 4404
    assert all(frame["type"] not in ("turn.completed", "turn.failed") for frame in frames)
    late = frame_of(
        TurnDelta(CANARY), turn=turn.pk, conversation=conversation.pk, event_id=EventId(turn.attempt, 9_999)
    )
    event_log().append(turn.pk, late)  # as a carrier would that has not heard of it
    await event_log().flush(turn.pk)
    assert [frame.id async for frame in _frames(turn)] == [GONE]
    await asyncio.sleep(0.3)  # more than the next pieces of the answer take
    assert await in_database(leftovers, CANARY) == []


async def test_writing_ends_also_where_the_deletion_was_not_heard_of(alice, conversation, library, provider):
    provider.script(text="Slow words. " * 20, lasts=True, interval=0.1)
    submitted = await conversations.submit(alice, conversation.pk, QUESTION)
    async with aclosing(conversations.follow(submitted.turn)) as frames:
        async for frame in frames:
            if '"turn.delta"' in frame.json:
                break
    await in_database(Turn.objects.filter(pk=submitted.turn.pk).delete)  # tells nobody
    async with asyncio.timeout(20):  # the next renewal of the lease finds it
        while not provider.disconnects:
            await asyncio.sleep(0.05)


async def test_follower_of_server_sent_events_is_told(alice, conversation, library, provider):
    provider.script(text="Slow words. " * 200, interval=0.05)
    submitted = await conversations.submit(alice, conversation.pk, QUESTION)
    client = AsyncClient()
    await client.aforce_login(alice)
    answer = await client.get(f"/api/v1/turns/{submitted.turn.pk}/events")
    types = []
    async with asyncio.timeout(10), aclosing(answer.streaming_content) as pieces:
        async for piece in pieces:
            types += [json.loads(x[6:])["type"] for x in piece.decode().split("\n") if x.startswith("data: ")]
            if "turn.delta" in types and "turn.stopped" not in types and await Conversation.objects.aexists():
                await deleted(alice, conversation)
    assert types[-1] in FINAL


async def test_late_settling_leaves_no_state(alice, conversation, library):
    await asked(alice, conversation)
    revision = (await Conversation.objects.aget()).revision
    await deleted(alice, conversation)
    await in_database(state.load, conversation.pk, revision)  # by a turn that had begun before
    assert await in_database(cache.get, state.cache_key(conversation.pk)) is None


async def test_answer_cache_keeps_one_answer_of_a_conversation_and_loses_it(
    alice, bob, conversation, library, provider
):
    """Only the first question can be shared; the answer, in which a model may repeat it, goes with it."""
    provider.script(text=f"{CANARY}, up to 23 kg a bag [1].")
    await asked(alice, conversation)
    await asked(alice, conversation)
    other = await in_database(conversations.open_conversation, bob)
    await asked(bob, other, "What does a bag of 30 kg cost for each flight?")
    assert len(await in_database(_cached)) == 2
    await deleted(alice, conversation)
    assert len(await in_database(_cached)) == 1  # Bob's, whose question was another


def _cached():
    return [place for place in leftovers("up to 23 kg a bag") if "answer:" in place]


async def test_tasks_are_given_ids_alone(alice, conversation, library, monkeypatch):
    sent = []
    monkeypatch.setattr("chat.dispatch._sent_to_workers", lambda turn_id: _note(sent, turn_id))
    monkeypatch.setattr(settings, "REDIS_URL", settings.REDIS_URL or "redis://nowhere")
    await conversations.submit(alice, conversation.pk, QUESTION)
    assert len(sent) == 1
    assert isinstance(sent[0], UUID)


async def _note(sent, turn_id):
    sent.append(turn_id)
    return True


async def test_deleting_a_person_deletes_their_conversations(alice, conversation, library):
    turn = await asked(alice, conversation)
    await in_database(alice.delete)  # past all our functions, as a shell may
    assert await in_database(leftovers, CANARY) == []
    if settings.REDIS_URL:  # in memory the log belongs to the loop, which such a thread does not know
        assert [frame.id async for frame in _frames(turn)] == [GONE]


async def test_rolled_back_deletion_leaves_everything(alice, conversation, library):
    turn = await asked(alice, conversation)

    def broken():
        with pytest.raises(RuntimeError), transaction.atomic():
            erasure.erase([conversation.pk])
            raise RuntimeError

    await sync_to_async(broken)()
    assert await Message.objects.acount() == 2
    assert len([frame async for frame in _frames(turn)]) > 2


async def test_two_at_once_delete_once(alice, conversation, library):
    await asked(alice, conversation)
    outcomes = await asyncio.gather(
        *(in_database(conversations.delete, alice, conversation.pk) for _ in range(3)), return_exceptions=True
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", "NotFound", "NotFound"]


async def test_old_conversations_go_in_batches(alice, conversation, library, monkeypatch):
    monkeypatch.setattr(erasure, "BATCH", 2)
    old = timezone.now() - timedelta(days=40)
    for _ in range(5):
        thread = await in_database(conversations.open_conversation, alice)
        await Conversation.objects.filter(pk=thread.pk).aupdate(created_at=old)
    await asked(alice, conversation)
    before = timezone.now() - timedelta(days=30)
    from chat.privacy import old_conversations

    assert await in_database(old_conversations, before, dry_run=True) == 5
    assert await in_database(old_conversations, before, dry_run=False) == 5
    assert [c.pk async for c in Conversation.objects.all()] == [conversation.pk]


@pytest.fixture
def thread(alice, library, settings, transactional_db):
    settings.REDIS_URL, settings.EVENT_LOG = "", "memory"
    thread = conversations.open_conversation(alice)
    async_to_sync(conversations.submit)(alice, thread.pk, QUESTION)
    return thread


def test_page_asks_and_deletes(client, alice, thread):
    client.force_login(alice)
    assert "How heavy may a checked bag be" in client.get(f"/chat/{thread.pk}/delete/").content.decode()
    assert Conversation.objects.exists()
    answer = client.post(f"/chat/{thread.pk}/delete/", follow=True)
    assert "The conversation is deleted." in answer.content.decode()
    assert CANARY not in answer.content.decode()
    assert client.get(f"/chat/{thread.pk}/").status_code == 404
    assert leftovers(CANARY) == []


def test_rest_deletes_and_exports(client, alice, thread):
    client.force_login(alice)
    whole = client.get(f"/api/v1/conversations/{thread.pk}/export/").json()
    assert [message["role"] for message in whole["messages"]] == ["user", "assistant"]
    assert whole["messages"][1]["citations"][0]["title"] == "Checked baggage"
    text = client.get(f"/api/v1/conversations/{thread.pk}/export/", headers={"accept": "text/markdown"})
    assert text.content.decode().startswith("# How heavy may a checked bag be")
    assert "> " in text.content.decode()
    assert client.delete(f"/api/v1/conversations/{thread.pk}/").status_code == 204
    assert client.get(f"/api/v1/conversations/{thread.pk}/").status_code == 404
    assert client.delete(f"/api/v1/conversations/{thread.pk}/").status_code == 404


@pytest.mark.parametrize("unknown", [False, True])
def test_bob_neither_deletes_nor_exports(client, bob, thread, unknown):
    client.force_login(bob)
    pk = uuid4() if unknown else thread.pk
    answers = [
        client.delete(f"/api/v1/conversations/{pk}/"),
        client.get(f"/api/v1/conversations/{pk}/export/"),
        client.get(f"/chat/{pk}/delete/"),
        client.post(f"/chat/{pk}/delete/"),
        client.get(f"/chat/{pk}/export/"),
    ]
    assert [answer.status_code for answer in answers] == [404] * 5
    assert Conversation.objects.count() == 1


def test_staff_delete_with_the_permission(client, carol, thread):
    client.force_login(carol)
    page = f"/admin/chat/conversation/{thread.pk}/delete/"
    assert client.get(page).status_code == 200
    assert client.post(page, {"post": "yes"}).status_code == 302
    assert not Conversation.objects.exists()
    assert leftovers(CANARY) == []
    assert AuditEntry.objects.get(act=Act.CONVERSATION_DELETED).actor_id == carol.pk


def test_staff_delete_many(client, carol, thread):
    client.force_login(carol)
    chosen = {"action": "delete_selected", "_selected_action": [str(thread.pk)], "post": "yes"}
    assert client.post("/admin/chat/conversation/", chosen).status_code == 302
    assert leftovers(CANARY) == []


def test_staff_without_the_permission_do_not(client, bob, thread):
    from django.contrib.auth.models import Permission

    bob.is_staff = True
    bob.save()
    bob.user_permissions.add(Permission.objects.get(codename="view_conversation"))
    client.force_login(bob)
    assert client.post(f"/admin/chat/conversation/{thread.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Conversation.objects.exists()
