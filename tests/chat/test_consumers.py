"""The WebSocket edge."""

import pytest

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
