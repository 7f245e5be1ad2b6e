"""The WebSocket edge."""

import asyncio
import json
from uuid import uuid4

import pytest

from chat import conversations
from chat.database import in_database
from chat.dispatch import dispatch
from chat.models import Message, Turn
from chat.sockets import sockets
from tests.chat.conftest import FINAL, open_socket

pytestmark = pytest.mark.anyio


async def test_owner_asks_and_reads_the_answer(alice, conversation):
    async with open_socket(alice, conversation.id) as socket:
        ready = await socket.receive()
        client_id = await socket.ask("Hello!")
        frames = await socket.until(*FINAL)
    assert ready == {"type": "ready", "protocol": 1, "conversation": str(conversation.id), "running": []}
    assert [f["type"] for f in frames[:3]] == ["message.accepted", "turn.started", "turn.understood"]
    assert frames[0]["message"]["client_id"] == client_id
    text = "".join(f["text"] for f in frames if f["type"] == "turn.delta")
    assert frames[-1]["type"] == "turn.completed"
    assert frames[-1]["message"]["text"] == text != ""


async def test_database_keeps_what_was_shown(alice, conversation):
    async with open_socket(alice, conversation.id) as socket:
        await socket.ask("Hello!")
        final = (await socket.until(*FINAL))[-1]
    turn = await Turn.objects.select_related("answer").aget(pk=final["turn"])
    assert turn.status == Turn.Status.COMPLETED
    assert turn.answer.text == final["message"]["text"]
    assert final["id"] == f"{turn.attempt}-{turn.final_seq}"


async def test_others_get_the_same_refusal_as_for_nothing(bob, conversation):
    async with open_socket(bob, conversation.id) as socket:
        assert socket is None
    async with open_socket(bob, uuid4()) as socket:
        assert socket is None


async def test_stranger_is_refused(conversation):
    async with open_socket(None, conversation.id) as socket:
        assert socket is None


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", "file://"])
async def test_foreign_page_is_refused(alice, conversation, origin):
    async with open_socket(alice, conversation.id, origin=origin) as socket:
        assert socket is None


ID = str(uuid4())
BAD_FRAMES = [
    ("", "bad_frame"),
    ("{", "bad_frame"),
    ("[]", "bad_frame"),
    ("null", "bad_frame"),
    ('"x"', "bad_frame"),
    ("[" * 50_000, "bad_frame"),
    ({}, "unknown_type"),
    ({"type": 7}, "unknown_type"),
    ({"type": ["ping"]}, "unknown_type"),
    ({"type": "message.delete"}, "unknown_type"),
    ({"type": "message.send"}, "bad_frame"),
    ({"type": "message.send", "client_id": "7", "text": "x"}, "bad_frame"),
    ({"type": "message.send", "client_id": ID, "text": 7}, "bad_frame"),
    ({"type": "message.send", "client_id": ID, "text": "\ud800"}, "bad_frame"),
    ({"type": "message.send", "client_id": ID, "text": " \n "}, "message_empty"),
    ({"type": "message.send", "client_id": ID, "text": "x" * 4001}, "message_too_long"),
    ({"type": "message.send", "client_id": ID, "text": "x" * 66_000}, "frame_too_large"),
    ({"type": "follow", "turn": 1}, "bad_frame"),
    ({"type": "follow", "turn": ID, "after": "x"}, "bad_frame"),
    ({"type": "follow", "turn": ID, "after": 1}, "bad_frame"),
    ({"type": "follow", "turn": ID}, "not_found"),
    ({"type": "turn.stop", "turn": ID}, "not_found"),
]


@pytest.mark.parametrize(("frame", "code"), BAD_FRAMES, ids=range(len(BAD_FRAMES)))
async def test_bad_frame_is_told_and_the_socket_lives(alice, conversation, frame, code):
    async with open_socket(alice, conversation.id) as socket:
        await socket.receive()
        await socket.send_raw(frame if isinstance(frame, str) else json.dumps(frame))
        error = await socket.receive()
        await socket.send(type="ping")
        assert (await socket.receive())["type"] == "pong"
    assert error["type"] == "error"
    assert error["code"] == code


async def test_binary_frame_is_refused(alice, conversation):
    async with open_socket(alice, conversation.id) as socket:
        await socket.receive()
        await socket.send_raw(binary=b"\x00\xff")
        assert (await socket.receive())["code"] == "bad_frame"


async def test_text_that_looks_like_anything_is_kept(alice, conversation):
    text = "नमस्ते 👋 '; DROP TABLE -- <script>\u202e"
    async with open_socket(alice, conversation.id) as socket:
        await socket.ask(text)
        await socket.until(*FINAL)
    question = await Message.objects.aget(conversation=conversation, role="user")
    assert question.text == text


async def test_second_tab_sees_the_same(alice, conversation):
    async with open_socket(alice, conversation.id) as one, open_socket(alice, conversation.id) as other:
        await one.receive()
        await other.receive()
        await one.ask("Hello!")
        first, second = await asyncio.gather(one.until(*FINAL), other.until(*FINAL))
    assert first[0]["message"] == second[0]["message"]
    assert first[-1]["id"] == second[-1]["id"]
    assert first[-1]["message"] == second[-1]["message"]


async def test_same_client_id_makes_one_turn(alice, conversation):
    client_id = uuid4()
    async with open_socket(alice, conversation.id) as one, open_socket(alice, conversation.id) as other:
        await asyncio.gather(one.ask("Hello!", client_id), other.ask("Hello!", client_id))
        await asyncio.gather(one.until(*FINAL), other.until(*FINAL))
        await one.ask("Hello!", client_id)
        again = await one.until(*FINAL)
    assert again[0]["type"] == "message.accepted"
    assert await Turn.objects.filter(conversation=conversation).acount() == 1


async def test_answer_that_ends_before_its_question_is_taken_comes_once(alice, conversation, monkeypatch):
    ended = asyncio.Event()

    async def until_answered(turn_id):
        await dispatch(turn_id)
        await ended.wait()

    monkeypatch.setattr(conversations, "dispatch", until_answered)
    async with open_socket(alice, conversation.id) as socket:
        await socket.receive()
        await socket.ask("Hello!")
        types = [frame["type"] for frame in await socket.until(*FINAL)]
        ended.set()
        await socket.send(type="ping")
        assert (await socket.receive())["type"] == "pong"
    assert types.count("message.accepted") == 1


async def test_returning_client_gets_the_rest(alice, conversation, provider):
    provider.script(text="One two three four five six seven eight nine ten. [1]", interval=0.05)
    async with open_socket(alice, conversation.id) as socket:
        await socket.ask("How many bags may I check in?")
        before = await socket.until("turn.delta", *FINAL)
    async with open_socket(alice, conversation.id) as socket:
        await socket.receive()
        await socket.send(type="follow", turn=before[-1]["turn"], after=before[-1]["id"])
        after = await socket.until(*FINAL)
    ids = [f["id"] for f in before + after if "id" in f]
    assert len(ids) == len(set(ids))
    assert after[-1]["type"] == "turn.completed"


async def test_bob_cannot_follow_or_stop_through_his_own_conversation(alice, bob, conversation):
    async with open_socket(alice, conversation.id) as socket:
        await socket.ask("Hello!")
        turn = (await socket.until(*FINAL))[-1]["turn"]
    his = await in_database(conversations.open_conversation, bob)
    async with open_socket(bob, his.id) as socket:
        await socket.receive()
        for frame in ("follow", "turn.stop"):
            await socket.send(type=frame, turn=turn)
            assert (await socket.receive())["code"] == "not_found"


async def test_idle_socket_is_closed_by_the_sweep(alice, conversation, settings):
    settings.SOCKET_IDLE_SECONDS = 0.2
    async with open_socket(alice, conversation.id) as socket:
        assert await socket.until_closed() == 4408


async def test_sockets_are_counted_and_forgotten(alice, conversation):
    async with open_socket(alice, conversation.id) as socket:
        await socket.receive()
        assert [row.conversation for row in sockets().open_conversations()] == [str(conversation.id)]
    assert len(sockets()) == 0
