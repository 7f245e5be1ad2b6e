"""Limits on the socket: a typed error that says when, and keeps nobody else from anything."""

from uuid import uuid4

import pytest

from chat import conversations
from chat.database import in_database
from chat.models import Message
from tests.chat.conftest import FINAL, conversation, desk, open_socket, worker

pytestmark = pytest.mark.anyio
__all__ = ["conversation", "desk", "worker"]


async def test_too_many_messages_are_told_and_the_socket_lives(alice, conversation, limit):
    limit(conversation_messages=(1, 60))
    async with open_socket(alice, conversation.id) as socket:
        await socket.ask("Hello!")
        await socket.until(*FINAL)
        client_id = await socket.ask("And again!")
        (*_, error) = await socket.until("error")
        await socket.send(type="ping")
        assert (await socket.receive())["type"] == "pong"
    assert error == {
        "type": "error",
        "code": "rate_limited",
        "words": f"That was too much at once. You can send again in {error['retry_after']} seconds.",
        "retryable": True,
        "retry_after": error["retry_after"],
        "client_id": client_id,
    }
    assert 50 < error["retry_after"] <= 60
    assert await Message.objects.filter(role="user").acount() == 1


async def test_message_sent_again_is_neither_counted_nor_refused(alice, conversation, limit):
    limit(conversation_messages=(2, 60))
    client_id = uuid4()
    async with open_socket(alice, conversation.id) as socket:
        for _ in range(4):
            await socket.ask("Hello!", client_id)
            await socket.until(*FINAL)
        await socket.ask("Something else!")
        await socket.until(*FINAL)
        await socket.ask("A third!")
        assert (await socket.until("error"))[-1]["code"] == "rate_limited"
        await socket.ask("Hello!", client_id)
        assert (await socket.until("message.accepted", "error"))[-1]["type"] == "message.accepted"


async def test_second_socket_or_reconnect_gains_nothing(alice, conversation, limit):
    limit(conversation_messages=(1, 60))
    async with open_socket(alice, conversation.id) as socket:
        await socket.ask("Hello!")
        await socket.until(*FINAL)
    async with open_socket(alice, conversation.id) as socket:
        await socket.ask("Again!")
        assert (await socket.until("error"))[-1]["code"] == "rate_limited"


async def test_bob_is_not_affected(alice, bob, conversation, limit):
    limit(conversation_messages=(1, 60))
    his = await in_database(conversations.open_conversation, bob)
    async with open_socket(alice, conversation.id) as hers, open_socket(bob, his.id) as socket:
        for _ in range(2):
            await hers.ask("Hello!")
        await hers.until("error")
        await socket.ask("Hello!")
        assert (await socket.until("error", *FINAL))[-1]["type"] in FINAL


async def test_frames_are_limited_whatever_they_are(alice, conversation, limit):
    limit(socket_frames=(3, 60))
    async with open_socket(alice, conversation.id) as socket:
        await socket.receive()
        for _ in range(4):
            await socket.send(type="ping")
        answers = [await socket.receive() for _ in range(4)]
    assert [answer["type"] for answer in answers] == ["pong", "pong", "pong", "error"]
    assert answers[3]["code"] == "rate_limited"
