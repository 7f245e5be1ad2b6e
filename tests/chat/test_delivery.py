"""Text that is cut anywhere and comes back is the database's text, over both ways to follow."""

import asyncio
import json
from collections.abc import Callable
from contextlib import aclosing
from functools import partial
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError
from django.test import AsyncClient

from accounts.models import User
from chat import conversations
from chat.models import Conversation, Message, Turn
from tests.chat.conftest import FINAL, open_socket
from tests.chat.test_turns import BAGS, shown

pytestmark = pytest.mark.anyio
TEXT = "Up to 23 kg a bag [1]. " * 15


def nobody() -> None:
    """Told of every event where nobody wants to know."""


async def over_socket(
    user: User, turn: Turn, after: str | None, most: int, told: Callable[[], None] = nobody
) -> list[dict[str, Any]]:
    """Follow from the cursor on, telling of each event; cut the connection after ``most`` of them."""
    events: list[dict[str, Any]] = []
    async with open_socket(user, turn.conversation_id) as socket:
        await socket.receive()  # ready
        await socket.send(type="follow", turn=str(turn.pk), after=after)
        while len(events) < most and not (events and events[-1]["type"] in FINAL):
            events.append(await socket.receive())
            told()
    return events


async def over_sse(
    user: User, turn: Turn, after: str | None, most: int, told: Callable[[], None] = nobody
) -> list[dict[str, Any]]:
    """Do the same with server-sent events."""
    client = AsyncClient()
    await client.aforce_login(user)
    headers = {"Last-Event-ID": after} if after else {}
    answer = await client.get(f"/api/v1/turns/{turn.pk}/events", headers=headers)
    events: list[dict[str, Any]] = []
    async with aclosing(answer.streaming_content) as pieces:
        async for piece in pieces:
            events += [
                json.loads(line[6:]) for line in piece.decode().split("\n") if line.startswith("data: ")
            ]
            if events:
                told()
            if len(events) >= most or (events and events[-1]["type"] in FINAL):
                break
    return events[:most]


async def cut_and_come_back(
    way: Any, user: User, turn: Turn, cut: int, back: Callable[[], None]
) -> list[dict[str, Any]]:
    """Follow, lose the connection after ``cut`` events, come back with the cursor, and read to the end."""
    before = await way(user, turn, None, cut)
    return before + await way(user, turn, before[-1]["id"], 10_000, back)


@pytest.mark.parametrize("way", [over_socket, over_sse])
async def test_cut_at_any_event_loses_and_doubles_nothing(alice, conversation, library, provider, way):
    provider.script(text=TEXT, interval=0.02, lasts=True)  # until everybody has come back
    submitted = await conversations.submit(alice, conversation.id, BAGS)
    away = set(range(1, 16))

    def back(cut: int) -> None:
        away.discard(cut)
        provider.script(lasts=bool(away))

    async with asyncio.timeout(40):
        followers = [
            cut_and_come_back(way, alice, submitted.turn, cut, partial(back, cut)) for cut in sorted(away)
        ]
        transcripts = await asyncio.gather(*followers)
    turn = await Turn.objects.select_related("answer").aget(pk=submitted.turn.pk)
    for events in transcripts:
        assert shown(events) == turn.answer.text == events[-1]["message"]["text"]
        ids = [tuple(map(int, event["id"].split("-"))) for event in events]
        assert ids == sorted(set(ids))


@pytest.mark.parametrize("after", ["0-1", "1-3", "9-9", "1-99999"])
async def test_any_cursor_gets_the_whole_state(alice, conversation, library, provider, after):
    provider.script(text=TEXT)
    submitted = await conversations.submit(alice, conversation.id, BAGS)
    async with asyncio.timeout(20):
        _ = [frame async for frame in conversations.follow(submitted.turn)]
        events = await over_socket(alice, submitted.turn, after, 10_000)
    assert events[-1]["type"] == "turn.completed"


async def test_same_id_over_socket_and_rest_at_once_is_one_turn(alice, conversation, library, provider):
    provider.script(text="Up to 23 kg [1].", interval=0.02)
    client_id = uuid4()
    asked = [
        *(_ask_over_socket(alice, conversation, client_id) for _ in range(2)),
        *(_ask_over_rest(alice, conversation, client_id) for _ in range(2)),
    ]
    async with asyncio.timeout(30):
        turns = await asyncio.gather(*asked)
        _ = [f async for f in conversations.follow(await Turn.objects.aget(pk=turns[0]))]
    assert len(set(turns)) == 1
    assert await Message.objects.filter(conversation=conversation, role="user").acount() == 1
    assert provider.calls == 1


async def _ask_over_socket(user: User, conversation: Conversation, client_id: UUID) -> str:
    async with open_socket(user, conversation.id) as socket:
        await socket.ask(BAGS, client_id)
        return (await socket.until("message.accepted"))[-1]["turn"]


async def _ask_over_rest(user: User, conversation: Conversation, client_id: UUID) -> str:
    client = AsyncClient()
    await client.aforce_login(user)
    answer = await client.post(
        f"/api/v1/conversations/{conversation.id}/messages/",
        {"text": BAGS, "client_id": str(client_id)},
        content_type="application/json",
    )
    return answer.json()["turn"]


def failing_once(real: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``real``, whose first call finds the database away."""
    calls = count()

    def call(*args: Any) -> Any:
        if next(calls) == 0:
            raise OperationalError("the server closed the connection unexpectedly")
        return real(*args)

    return call


async def test_database_away_while_a_log_is_quiet_ends_no_delivery(
    alice, conversation, library, provider, monkeypatch
):
    monkeypatch.setattr(conversations, "final_frame", failing_once(conversations.final_frame))
    provider.script(text=TEXT, delay=2.5)
    async with asyncio.timeout(20), open_socket(alice, conversation.id) as socket:
        await socket.ask(BAGS)
        events = await socket.until(*FINAL)
    assert events[-1]["type"] == "turn.completed"


async def test_what_cannot_be_delivered_closes_the_socket(
    alice, conversation, library, provider, monkeypatch
):
    provider.script(text=TEXT)
    submitted = await conversations.submit(alice, conversation.id, BAGS)
    async with asyncio.timeout(20):
        _ = [frame async for frame in conversations.follow(submitted.turn)]
        monkeypatch.setattr(conversations, "_whole_state", failing_once(conversations._whole_state))
        async with open_socket(alice, conversation.id) as socket:
            await socket.receive()  # ready
            await socket.send(type="follow", turn=str(submitted.turn.pk), after=None)
            assert await socket.receive_close() == 1011
        assert (await over_socket(alice, submitted.turn, None, 9))[-1]["type"] == "turn.completed"
