"""A conversation on the command line: commands, what is taken up, what Ctrl-C does, what ends it how."""

import asyncio
import json
import os
import signal
from io import StringIO
from uuid import UUID, uuid4

import pytest

from chat.errors import NotFound, RateLimited
from chat.terminal.desk import Thread, Unreachable
from chat.terminal.output import JsonLines, PlainText
from chat.terminal.session import ANSWERED, INTERRUPTED, REFUSED, Session
from chat.terminal.state import State

pytestmark = pytest.mark.anyio
SITE = "https://desk.example.org"


class ScriptedDesk:
    """A desk that keeps conversations in memory; ``hangs`` makes it answer only when it is stopped."""

    site, who = SITE, "alice"

    def __init__(self):
        self.threads: dict[UUID, list[dict]] = {}
        self.hangs = self.deaf = False
        self.stopped: asyncio.Event | None = None
        self.error: Exception | None = None

    async def begin(self):
        thread = Thread(uuid4(), "")
        self.threads[thread.id] = []
        return thread

    async def find(self, conversation_id):
        if conversation_id not in self.threads:
            raise NotFound
        return Thread(conversation_id, "")

    async def recent(self):
        return [Thread(key, f"Talk\x1b[2J {n}") for n, key in enumerate(self.threads, 1)]

    async def messages(self, conversation_id):
        return self.threads[conversation_id]

    async def ask(self, conversation_id, text, client_id):
        if self.error:
            raise self.error
        turn = str(uuid4())
        self.threads[conversation_id].append(said("user", text, turn))
        async for event in self.follow(turn):
            yield event
        self.threads[conversation_id].append(said("assistant", "Yes [^1].", turn))

    async def follow(self, turn_id):
        self.stopped = asyncio.Event()
        yield {"type": "turn.started", "turn": str(turn_id), "id": "1-1"}
        if self.hangs:
            await self.stopped.wait()
            yield {
                "type": "turn.stopped",
                "turn": str(turn_id),
                "id": "1-2",
                "message": None,
                "citations": [],
            }
            return
        yield {
            "type": "turn.completed", "turn": str(turn_id), "id": "1-2",
            "message": {"text": "Yes [^1]."}, "citations": [], "notices": [], "quick_replies": [],
        }  # fmt: skip

    async def stop(self, turn_id):
        if not self.deaf:
            self.stopped.set()

    async def close(self):
        pass


def said(role, text, turn, state="completed"):
    return {"role": role, "text": text, "turn": turn, "state": state, "citations": [], "error": None}


@pytest.fixture
def desk():
    return ScriptedDesk()


@pytest.fixture
def out():
    return StringIO()


def session_of(desk, out, folder):
    return Session(desk, PlainText(out, out, SITE), State(folder, SITE, "alice"))


def typed(*lines):
    rest = iter(lines)

    async def ask():
        try:
            return next(rest)
        except StopIteration:
            raise EOFError from None

    return ask


async def test_last_conversation_is_taken_up_after_a_restart(desk, out, tmp_path):
    first = session_of(desk, out, tmp_path)
    assert await first.open() is False
    assert await first.talk(typed("May I bring a dog?")) == ANSWERED
    again = session_of(desk, shown := StringIO(), tmp_path)
    assert await again.open() is True
    await again.talk(typed())
    assert "You: May I bring a dog?" in shown.getvalue()
    assert len(desk.threads) == 1


async def test_new_begins_another_and_keeps_it(desk, out, tmp_path):
    await session_of(desk, out, tmp_path).open()
    assert await session_of(desk, out, tmp_path).open(new=True) is False
    await session_of(desk, out, tmp_path).open()
    assert len(desk.threads) == 2


async def test_last_conversation_that_is_gone_gives_way_to_a_new_one(desk, out, tmp_path):
    await session_of(desk, out, tmp_path).open()
    desk.threads.clear()
    assert await session_of(desk, out, tmp_path).open() is False
    assert len(desk.threads) == 1


async def test_named_conversation_that_is_not_there_is_refused(desk, out, tmp_path):
    with pytest.raises(NotFound):
        await session_of(desk, out, tmp_path).open(uuid4())
    assert desk.threads == {}


async def test_answer_under_way_is_followed_when_it_is_taken_up(desk, out, tmp_path):
    session = session_of(desk, out, tmp_path)
    await session.open()
    next(iter(desk.threads.values())).append(said("user", "Still there?", str(uuid4()), "running"))
    await session.talk(typed())
    assert "Yes [1]." in out.getvalue()


async def test_commands(desk, out, tmp_path):
    session = session_of(desk, out, tmp_path)
    await session.open()
    lines = (
        "",
        "Hello?",
        "/new",
        "/list",
        "/open 1",
        "/open 9",
        "/history",
        "/help",
        "/nonsense",
        "/quit",
        "No.",
    )
    assert await session.talk(typed(*lines)) == ANSWERED
    text = out.getvalue()
    assert "  1  Talk[2J 1" in text
    assert "\x1b" not in text
    for words in ("A new conversation.", "Which one?", "There is no /nonsense.", "/open N"):
        assert words in text
    assert "No." not in text


async def test_refused_question_leaves_the_conversation_open(desk, out, tmp_path):
    session = session_of(desk, out, tmp_path)
    await session.open()
    desk.error = RateLimited(7)
    assert await session.talk(typed("One", "/help")) == ANSWERED
    assert "again in 7 seconds" in out.getvalue()
    assert "/list" in out.getvalue()


def interrupt_soon(*after):
    for seconds in after:
        asyncio.get_running_loop().call_later(seconds, os.kill, os.getpid(), signal.SIGINT)


async def test_interrupt_stops_the_answer(desk, out, tmp_path):
    session = session_of(desk, out, tmp_path)
    await session.open()
    desk.hangs = True
    interrupt_soon(0.05)
    assert await asyncio.wait_for(session.ask_once("Hello?"), 10) == REFUSED
    assert "Stopped." in out.getvalue()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


async def test_second_interrupt_ends(desk, out, tmp_path):
    session = session_of(desk, out, tmp_path)
    await session.open()
    desk.hangs = desk.deaf = True
    interrupt_soon(0.05, 0.15)
    assert await asyncio.wait_for(session.talk(typed("Hello?")), 10) == INTERRUPTED


async def test_json_lines_are_the_events(desk, out, tmp_path):
    session = Session(desk, JsonLines(out), State(tmp_path, SITE, "alice"))
    await session.open()
    assert await session.ask_once("Hello?") == ANSWERED
    JsonLines(out).refused(Unreachable("Away\x1b."))
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line["type"] for line in lines] == ["turn.started", "turn.completed", "error"]
    assert set(lines[-1]) == {"type", "code", "words", "retryable"}
    assert "\x1b" not in out.getvalue()
