"""Whatever comes on a socket, it answers in its own words and stays open."""

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from chat import consumers
from chat.consumers import ConversationConsumer
from chat.errors import ChatError
from chat.events import EventId
from chat.frames import BadFrame, Follow, Ping, SendMessage, StopTurn, parse
from tests.chat.conftest import open_socket

QUICK = settings(
    max_examples=200, deadline=None, derandomize=True, database=None,
    phases=(Phase.explicit, Phase.generate), suppress_health_check=list(HealthCheck),
)  # fmt: skip
TYPES = ("message.send", "follow", "turn.stop", "ping", "ready", "", "Message.send", "__class__")
scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text()
    | st.uuids().map(str) | st.sampled_from(("1-7", "0-0", "-1", "9" * 5_000 + "-1", "\ud800", "\x00"))
)  # fmt: skip
anything = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)
field = st.sampled_from(("client_id", "text", "turn", "after", "extra"))
nearly = st.builds(
    lambda kind, body: {**body, "type": kind},
    st.sampled_from(TYPES) | anything,
    st.dictionaries(field, anything),
)
texts = st.text() | anything.map(json.dumps) | nearly.map(json.dumps) | st.just("[" * 100_000)


@QUICK
@given(text=st.none() | texts, binary=st.none() | st.binary())
def test_any_frame_is_understood_or_refused_in_words(text: str | None, binary: bytes | None) -> None:
    try:
        frame = parse(text, binary)
    except BadFrame as error:
        assert error.code in ("bad_frame", "frame_too_large", "unknown_type")
        assert error.words
    else:
        assert isinstance(frame, (SendMessage, Follow, StopTurn, Ping))


@QUICK
@given(client_id=st.uuids(), text=st.text(), turn=st.uuids(), seq=st.integers(0, 10**9 - 1))
def test_what_the_protocol_allows_is_read(client_id: UUID, text: str, turn: UUID, seq: int) -> None:
    sent = json.dumps({"type": "message.send", "client_id": str(client_id), "text": text})
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    assert parse(sent, None) == SendMessage(client_id, text)
    follow = json.dumps({"type": "follow", "turn": str(turn), "after": f"1-{seq}"})
    assert parse(follow, None) == Follow(turn, EventId(1, seq))


class Socket(ConversationConsumer):
    """The consumer with everything behind its frames taken away, keeping what it sends."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[dict[str, Any]] = []
        self.closed = False
        self.conversation_id = uuid4()
        self._following, self._sent = {}, {}

    async def send(self, text_data: str | None = None, **_: object) -> None:
        self.sent.append(json.loads(text_data or "{}"))

    async def close(self, code: int | None = None, reason: str | None = None) -> None:
        self.closed = True

    def _count_frame(self) -> None: ...

    def _check_scope(self, frame: object) -> None: ...


class Breaks(Exception):
    """Something that nobody has thought of."""


@pytest.fixture
def behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every handler fail: as the protocol knows it, or as nobody does."""

    async def fail(_socket: Socket, frame: object) -> None:
        raise ChatError("No.", code="refused") if isinstance(frame, Follow) else Breaks

    handlers = {kind: fail for kind in ConversationConsumer._handlers if kind is not Ping}
    monkeypatch.setattr(Socket, "_handlers", {**ConversationConsumer._handlers, **handlers}, raising=False)
    monkeypatch.setattr(consumers.logger, "exception", lambda *_, **__: None)


def answers_to(text: str | None, binary: bytes | None) -> Socket:
    """Give one frame to a socket, without a loop: nothing behind it waits."""
    socket = Socket()
    receiving = socket.receive(text, binary)
    with pytest.raises(StopIteration):
        receiving.send(None)
    return socket


@pytest.mark.usefixtures("behind")
@QUICK
@given(text=st.none() | texts, binary=st.none() | st.binary())
def test_every_frame_has_one_typed_answer_and_the_socket_stays_open(
    text: str | None, binary: bytes | None
) -> None:
    socket = answers_to(text, binary)
    (answer,) = socket.sent
    assert not socket.closed
    assert answer == {"type": "pong"} or (answer["type"], bool(answer["code"]), bool(answer["words"])) == (
        "error", True, True,
    )  # fmt: skip


@pytest.fixture
async def socket(alice: Any, conversation: Any) -> AsyncIterator[Any]:
    async with open_socket(alice, conversation.id) as client:
        assert (await client.receive())["type"] == "ready"
        yield client


HOSTILE = [
    "", "null", "[]", "{}", '{"type": 1}', '{"type": "follow"}', '{"type": "turn.stop", "turn": null}',
    json.dumps({"type": "follow", "turn": str(uuid4()), "after": "9" * 4_000 + "-1"}),
    json.dumps({"type": "message.send", "client_id": str(uuid4()), "text": "\ud800"}),
    json.dumps({"type": "message.send", "client_id": str(uuid4()), "text": "\x00"}),
    "[" * 60_000, '{"type": "ping", "x": ' + "9" * 5_000 + "}", "x" * 70_000,
]  # fmt: skip


@pytest.mark.anyio
async def test_real_socket_answers_each_and_serves_on(socket: Any) -> None:
    for text in HOSTILE:
        await socket.send_raw(text)
        answer = await socket.receive()
        assert answer["type"] == "error" and answer["code"] and answer["words"], text[:60]
    await socket.send_raw(binary=b"\x00\xff")
    assert (await socket.receive())["code"] == "bad_frame"
    await socket.send(type="ping")
    assert await socket.receive() == {"type": "pong"}
