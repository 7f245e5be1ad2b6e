"""Customers who never give up: they ask, lose the connection, come back with a cursor, keep a transcript."""

import asyncio
import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

from benchmarks.questions import question_with

SILENCE_SECONDS = 4.0  # without a frame or a pong for so long a customer tries the other server
PAUSE_SECONDS = 0.2
FINAL = {"turn.completed", "turn.failed", "turn.stopped"}
GONE = (OSError, TimeoutError, ConnectionClosed, InvalidHandshake, InvalidMessage)


@dataclass(slots=True)
class Asked:
    """One question and everything its customer saw of it; times on the monotonic clock, 0 for never.

    Attributes:
        preview: the deltas as a client shows them.
        position: the cursor: id of the last event applied.
        final: the event that ended it.
        has_gap: events were missing, because a log was lost: the preview is not whole until the end.
        connections: how many it took.
    """

    mark: str
    client_id: str = field(default_factory=lambda: str(uuid4()))
    turn: str = ""
    preview: str = ""
    position: tuple[int, int] = (0, 0)
    final: dict[str, Any] | None = None
    has_gap: bool = False
    refused: str = ""
    connections: int = 0
    asked_at: float = 0.0
    accepted_at: float = 0.0
    ended_at: float = 0.0

    @property
    def cursor(self) -> str | None:
        """Return the cursor as the protocol has it."""
        return f"{self.position[0]}-{self.position[1]}" if self.position != (0, 0) else None

    def apply(self, frame: dict[str, Any]) -> None:
        """Take an event as a client does: what is not above the cursor is ignored."""
        attempt, seq = map(int, frame["id"].split("-"))
        if (attempt, seq) <= self.position:
            return
        before, after = self.position
        follows = seq == after + 1 if attempt == before else seq == 1
        self.has_gap |= not follows
        self.position = (attempt, seq)
        kind = frame["type"]
        if kind == "turn.delta":
            self.preview += frame["text"]
        elif kind == "turn.restarted":
            self.preview = ""
        elif kind in FINAL:
            self.final, self.ended_at = frame, time.monotonic()


class Customer:
    """One customer in one conversation.

    Args:
        session: value of the session cookie.
        conversation: its id.
        ports: of the web servers; any may serve.
        chance: makes the choices, so that a seed repeats them.
        cut: how likely the customer drops the connection at any frame.
    """

    def __init__(
        self,
        session: str,
        conversation: str,
        ports: Sequence[int],
        chance: random.Random,
        *,
        cut: float = 0.0,
    ):
        self.conversation = conversation
        self._session, self._ports, self._chance, self._cut = session, ports, chance, cut
        self.asked: list[Asked] = []

    async def ask(self, mark: str, *, give_up_after: float) -> Asked:
        """Ask one question and stay until its end has been seen.

        Args:
            mark: names the question and its answer.
            give_up_after: seconds; then ``final`` is None.
        """
        asked = Asked(mark, asked_at=time.monotonic())
        self.asked.append(asked)
        try:
            async with asyncio.timeout(give_up_after):
                while asked.final is None and not asked.refused:
                    await self._try(asked)
        except TimeoutError:
            pass
        return asked

    async def _try(self, asked: Asked) -> None:
        """Connect once and see how far it goes."""
        port = self._chance.choice(self._ports)
        asked.connections += 1
        try:
            async with asyncio.timeout(SILENCE_SECONDS):
                socket = await self._connection(port)
        except GONE:
            await asyncio.sleep(PAUSE_SECONDS)
            return
        try:
            await self._stay(socket, asked)
        except GONE:
            await asyncio.sleep(PAUSE_SECONDS)
        finally:
            socket.transport.abort()  # no farewell: a server may be frozen

    def _connection(self, port: int) -> connect:
        return connect(
            f"ws://127.0.0.1:{port}/ws/conversations/{self.conversation}/",
            origin=f"http://127.0.0.1:{port}",
            additional_headers={"Cookie": f"sessionid={self._session}"},
            compression=None, ping_interval=None, open_timeout=SILENCE_SECONDS, proxy=None,
        )  # fmt: skip

    async def _stay(self, socket: ClientConnection, asked: Asked) -> None:
        await self._next(socket)  # ready
        if asked.turn:
            await self._send(socket, type="follow", turn=asked.turn, after=asked.cursor)
        else:
            text = question_with(asked.mark)
            await self._send(socket, type="message.send", client_id=asked.client_id, text=text)
        while asked.final is None and not asked.refused:
            frame = await self._next(socket)
            await self._take(frame, socket, asked)
            if self._chance.random() < self._cut:
                return

    async def _take(self, frame: dict[str, Any], socket: ClientConnection, asked: Asked) -> None:
        kind = frame["type"]
        if kind == "error" and frame.get("client_id") in (None, asked.client_id):
            if not frame.get("retryable"):
                asked.refused = frame["code"]
                return
            await asyncio.sleep(PAUSE_SECONDS * 2)
            text = question_with(asked.mark)
            await self._send(socket, type="message.send", client_id=asked.client_id, text=text)
        elif kind == "message.accepted" and frame["message"]["client_id"] == asked.client_id:
            asked.turn = frame["turn"]
            asked.accepted_at = asked.accepted_at or time.monotonic()
            asked.apply(frame)
        elif frame.get("turn") == asked.turn and "id" in frame:
            asked.apply(frame)

    async def _next(self, socket: ClientConnection) -> dict[str, Any]:
        """Return the next frame; ask whether anybody is there when none comes."""
        try:
            async with asyncio.timeout(SILENCE_SECONDS):
                return json.loads(await socket.recv())
        except TimeoutError:
            await self._send(socket, type="ping")
            async with asyncio.timeout(SILENCE_SECONDS):
                return json.loads(await socket.recv())

    async def _send(self, socket: ClientConnection, **frame: Any) -> None:
        async with asyncio.timeout(SILENCE_SECONDS):
            await socket.send(json.dumps(frame))
