"""The load client: many customers on real WebSockets, every character of every answer checked."""

import asyncio
import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import uuid4

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from benchmarks.questions import expected_answer, mark_of, question_with

ANSWER_SECONDS = 30.0  # longer than this over the ideal, and the answer counts as lost
OPEN_SECONDS = 30.0
OPENING_AT_ONCE = 32
_MARKS = re.compile(r"\bb\d{7}(?=w\d)")


@dataclass(frozen=True, slots=True)
class Visitor:
    """One customer and a conversation of theirs; the session is the value of their cookie."""

    session: str
    conversation: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a system serves.

    Attributes:
        base: ``ws://host:port``.
        footnotes: whether source marks come out as footnotes there.
        deflate: whether the client offers to compress frames, as browsers do.
    """

    base: str
    footnotes: bool = True
    deflate: bool = False

    def connection(self, visitor: Visitor) -> connect:
        """Return the visitor's connection, to be awaited."""
        address = f"{self.base}/ws/conversations/{visitor.conversation}/"
        return connect(
            address,
            origin=self.base.replace("ws", "http", 1),
            additional_headers={"Cookie": f"sessionid={visitor.session}"},
            compression="deflate" if self.deflate else None,
            open_timeout=OPEN_SECONDS,
            ping_interval=None,
            close_timeout=2,
            proxy=None,
        )


@dataclass(frozen=True, slots=True)
class Load:
    """How much is asked, and what the provider is told to answer.

    Attributes:
        answers: questions in all, each in a conversation of its own.
        starts_per_second: they begin evenly, at this rate, whether or not earlier ones are answered.
        tokens: words of an answer.
        interval: seconds between its words.
        delay: seconds before the first.
        source: kind of source every answer must name; ``None`` for any.
        same_question: all ask the very same question.
        first_mark: number of the first question's mark; no two loads on one system may share marks.
    """

    answers: int
    starts_per_second: float
    tokens: int = 120
    interval: float = 0.02
    delay: float = 0.3
    source: str | None = "model"
    same_question: bool = False
    first_mark: int = 0

    def mark(self, number: int) -> str:
        """Return the mark of one question."""
        return mark_of(self.first_mark + (0 if self.same_question else number))


@dataclass(slots=True)
class Asked:
    """One question and what came of it; times in seconds of the monotonic clock, 0 for never.

    Attributes:
        error: what was wrong, in the same words for the same kind; empty when every character was right.
        deltas: pieces the answer came in.
    """

    mark: str
    sent: float = 0.0
    first: float = 0.0
    ended: float = 0.0
    deltas: int = 0
    error: str = ""


@dataclass(slots=True)
class _Reading:
    """An answer as its frames build it up."""

    text: str = ""
    position: tuple[int, ...] = (0, 0)
    final: dict[str, Any] = field(default_factory=dict)


class Customer:
    """A visitor with an open socket."""

    def __init__(self, socket: ClientConnection, place: Place):
        self._socket, self._place = socket, place

    async def ask(self, load: Load, mark: str) -> Asked:
        """Ask one question, read its answer to the end, and judge it."""
        asked, reading = Asked(mark), _Reading()
        limit = ANSWER_SECONDS + load.delay + load.tokens * load.interval
        try:
            async with asyncio.timeout(limit):
                await self._send(asked)
                await self._read(asked, reading)
        except TimeoutError:
            asked.error = "no end in time"
        except ConnectionClosed as closed:
            asked.error = f"socket closed ({closed.rcvd.code if closed.rcvd else 1006})"
        asked.ended = time.monotonic()
        if not asked.error:
            expected = expected_answer(mark, load.tokens, footnotes=self._place.footnotes)
            asked.error = _judge(reading, expected, mark, load.source)
        return asked

    async def _send(self, asked: Asked) -> None:
        frame = {"type": "message.send", "client_id": str(uuid4()), "text": question_with(asked.mark)}
        asked.sent = time.monotonic()
        await self._socket.send(json.dumps(frame))

    async def _read(self, asked: Asked, reading: _Reading) -> None:
        while not (reading.final or asked.error):
            frame = json.loads(await self._socket.recv())
            kind = frame["type"]
            if kind == "error":
                asked.error = f"refused: {frame.get('code')}"
            elif not _is_repeated(frame, reading):
                if kind == "turn.delta":
                    asked.first = asked.first or time.monotonic()
                    asked.deltas += 1
                _apply(frame, reading)


def _is_repeated(frame: dict[str, Any], reading: _Reading) -> bool:
    """Tell whether an event was applied before; the protocol has clients ignore those."""
    event_id = frame.get("id")
    if event_id is None:
        return False
    position = tuple(map(int, event_id.split("-")))
    if position <= reading.position:
        return True
    reading.position = position
    return False


def _apply(frame: dict[str, Any], reading: _Reading) -> None:
    kind = frame["type"]
    if kind == "turn.delta":
        reading.text += frame["text"]
    elif kind == "turn.restarted":
        reading.text = ""
    elif kind in ("turn.completed", "turn.failed", "turn.stopped"):
        reading.final = frame


def _judge(reading: _Reading, expected: str, mark: str, source: str | None) -> str:
    final = reading.final
    if final["type"] != "turn.completed":
        return f"{final['type']}: {final.get('code', '')}"
    if source is not None and final["source"]["kind"] != source:
        return f"answered from {final['source']['kind']}, not {source}"
    for name, text in (("deltas", reading.text), ("whole text", final["message"]["text"])):
        if wrong := difference(text, expected, mark):
            return f"{name}: {wrong}"
    return ""


def difference(text: str, expected: str, mark: str) -> str:
    """Return in what way ``text`` is not the expected one: foreign, cut short, or altered; empty if it is."""
    if text == expected:
        return ""
    if set(_MARKS.findall(text)) - {mark}:
        return "somebody else's text"
    return "cut short" if expected.startswith(text) else "altered"


class Crowd:
    """Customers with open sockets, one a conversation; an async context manager that closes them."""

    def __init__(self, place: Place, visitors: Sequence[Visitor]):
        self._place, self._visitors = place, visitors
        self._sockets: list[ClientConnection] = []
        self.customers: list[Customer] = []
        self.errors: list[str] = []

    async def __aenter__(self) -> Self:
        gate = asyncio.Semaphore(OPENING_AT_ONCE)
        await asyncio.gather(*(self._enter(visitor, gate) for visitor in self._visitors))
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(*(socket.close() for socket in self._sockets))

    async def _enter(self, visitor: Visitor, gate: asyncio.Semaphore) -> None:
        try:
            async with gate, asyncio.timeout(OPEN_SECONDS):
                socket = await self._place.connection(visitor)
                self._sockets.append(socket)
                await socket.recv()  # ready
        except (OSError, TimeoutError, InvalidHandshake, ConnectionClosed) as error:
            self.errors.append(f"not opened: {type(error).__name__}")
        else:
            self.customers.append(Customer(socket, self._place))

    async def ask(self, load: Load) -> list[Asked]:
        """Ask the load's questions, evenly spread in time; return what came of each, in order."""
        began = time.monotonic()
        tasks = []
        for number, customer in enumerate(self.customers[: load.answers]):
            await asyncio.sleep(max(0.0, began + number / load.starts_per_second - time.monotonic()))
            tasks.append(asyncio.create_task(customer.ask(load, load.mark(number))))
        answered = await asyncio.gather(*tasks)
        return answered + [Asked(mark="", error=error) for error in self.errors]
