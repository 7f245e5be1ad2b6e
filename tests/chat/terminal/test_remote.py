"""A desk elsewhere: a real server on this machine, connections that break, tokens that open nothing."""

import asyncio
from uuid import UUID, uuid4

import pytest

from chat.errors import ChatError, NotFound
from chat.terminal.desk import CONNECTION_LOST, FINAL, Unreachable
from chat.terminal.remote import RemoteDesk
from tests.chat.terminal.conftest import QUESTION
from tests.chat.terminal.proxies import cutting
from tests.serving import free_port

pytestmark = pytest.mark.anyio
LONG = "Up to 23 kg a bag [1]. " * 20


def shown(events):
    """Return what a watcher of the pieces has in the end."""
    text = ""
    for event in events:
        text = "" if event["type"] == "turn.restarted" else text + event.get("text", "")
    return text


async def test_answer_streams_with_citations(site):
    site.provider.script(held=True)  # until it is followed: an answer that is over is told by its end alone
    events = []
    async with RemoteDesk(site.address, site.keys["alice"]) as desk:
        thread = await desk.begin()
        async for event in desk.ask(thread.id, QUESTION, uuid4()):
            events.append(event)
            site.provider.script(held=False)
    assert [events[0]["type"], events[-1]["type"]] == ["message.accepted", "turn.completed"]
    assert shown(events).strip() == events[-1]["message"]["text"]
    assert events[-1]["citations"][0]["title"] == "Checked baggage"


async def test_cut_connection_is_taken_up_after_the_last_event(site):
    site.provider.script(text=LONG, interval=0.015)
    cuts_after = [b"id: 1-3\n", b"id: 1-8\n"]

    def cut(head, passed):
        if b"/events" not in head.split(b"\r\n")[0] or not cuts_after or cuts_after[0] not in passed:
            return False
        return bool(cuts_after.pop(0))

    async with (
        cutting(site.address, cut) as (proxy, address),
        RemoteDesk(address, site.keys["alice"]) as desk,
    ):
        thread = await desk.begin()
        events = [event async for event in desk.ask(thread.id, QUESTION, uuid4())]
    told = [event for event in events if event["type"] != CONNECTION_LOST]
    ids = [tuple(int(part) for part in event["id"].split("-")) for event in told]
    assert proxy.cuts >= 1
    assert ids == sorted(set(ids))
    # Whole, however far it had come meanwhile: an answer that is over is told by its last event alone.
    assert told[-1]["message"]["text"].startswith(shown(told).strip())
    assert told[-1]["message"]["text"].count("23 kg") == 20
    assert any(b"last-event-id: 1-" in head.lower() for head in proxy.heads)


async def test_question_whose_acknowledgement_was_lost_is_asked_once(site):
    lost = []

    def cut(head, _):
        if head.startswith(b"POST") and b"/messages/" in head.split(b"\r\n")[0] and not lost:
            lost.append(head)
            return True
        return False

    async with cutting(site.address, cut) as (_, address), RemoteDesk(address, site.keys["alice"]) as desk:
        thread = await desk.begin()
        events = [event async for event in desk.ask(thread.id, QUESTION, uuid4())]
        messages = await desk.messages(thread.id)
    assert lost
    assert events[-1]["type"] == "turn.completed"
    assert [message["role"] for message in messages] == ["user", "assistant"]


async def test_answer_is_stopped_and_what_was_written_stays(site):
    site.provider.script(text=LONG, interval=0.05)
    async with RemoteDesk(site.address, site.keys["alice"]) as desk:
        thread = await desk.begin()
        events = []
        async for event in desk.ask(thread.id, QUESTION, uuid4()):
            events.append(event)
            if event["type"] == "turn.delta" and len(events) < 6:
                await desk.stop(UUID(event["turn"]))
    assert events[-1]["type"] == "turn.stopped"
    assert 0 < len(events[-1]["message"]["text"]) < len(LONG)


async def test_bob_finds_nothing_of_alices(site):
    async with RemoteDesk(site.address, site.keys["alice"]) as hers:
        thread = await hers.begin()
        last = [event async for event in hers.ask(thread.id, QUESTION, uuid4())][-1]
    async with RemoteDesk(site.address, site.keys["bob"]) as his:
        calls = (
            his.find(thread.id), his.messages(thread.id), his.stop(UUID(last["turn"])),
            anext(his.ask(thread.id, "And now?", uuid4())), anext(his.follow(UUID(last["turn"]))),
        )  # fmt: skip
        for call in calls:
            with pytest.raises(ChatError) as refused:
                await call
            assert refused.value.code == NotFound.code
        assert all(other.id != thread.id for other in await his.recent())


async def test_recent_conversations_are_found_by_title(site):
    async with RemoteDesk(site.address, site.keys["alice"]) as desk:
        thread = await desk.begin()
        assert [event async for event in desk.ask(thread.id, QUESTION, uuid4())]
        assert (await desk.recent())[0].title == QUESTION


@pytest.mark.parametrize("token", ["csk_garbage", "a.b.c", "x"])
async def test_garbage_token_opens_nothing(site, token):
    async with RemoteDesk(site.address, token) as desk:
        with pytest.raises(ChatError) as refused:
            await desk.begin()
    assert not isinstance(refused.value, Unreachable)
    assert token not in refused.value.words


@pytest.mark.parametrize("token", ["", "two\nlines", "naïve"])
def test_token_that_is_none_is_refused_before_it_is_sent(token):
    with pytest.raises(ValueError, match="token"):
        RemoteDesk("https://desk.example.org", token)


@pytest.mark.parametrize(
    "url",
    ["http://desk.example.org", "ftp://127.0.0.1", "desk", "https://a:b@desk.example.org", "http://10.0.0.1"],
)
def test_address_that_would_give_the_token_away_is_refused(url):
    with pytest.raises(ValueError, match=r"address|https"):
        RemoteDesk(url, "csk_x")


def test_plain_http_needs_to_be_asked_for():
    assert RemoteDesk("http://desk.example.org/", "x", allow_http=True).site == "http://desk.example.org"


async def test_nobody_there_is_told_at_once():
    async with RemoteDesk(f"http://127.0.0.1:{free_port()}", "csk_x") as desk:
        with pytest.raises(Unreachable, match="Connection refused"):
            await desk.begin()


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", Unreachable),
        (b'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{"id": "me"}', Unreachable),
        (b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 3\r\n\r\nbad", Unreachable),
        (b"HTTP/1.1 302 Found\r\nLocation: http://evil.example/\r\nContent-Length: 0\r\n\r\n", ChatError),
        (b"not http at all\r\n\r\n", Unreachable),
    ],
)
async def test_what_is_no_desk_is_told_as_such(answer, kind):
    async def say(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(say, "127.0.0.1", 0)
    async with server, RemoteDesk(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", "csk_x") as desk:
        with pytest.raises(kind) as told:
            await desk.begin()
    assert isinstance(told.value, Unreachable) is (kind is Unreachable)


async def test_desk_that_stays_away_ends_the_waiting(site, monkeypatch):
    monkeypatch.setattr("chat.terminal.remote.FIRST_PAUSE_SECONDS", 0.05)  # of the patience, much is left
    site.provider.script(text=LONG, interval=0.05)
    gone = []

    def cut(head, passed):
        gone.extend([head] * (b"turn.delta" in passed))
        return bool(gone)

    async with cutting(site.address, cut) as (_, address):
        desk = RemoteDesk(address, site.keys["alice"], patience=2.0)
        events = []
        async with desk:
            thread = await desk.begin()
            with pytest.raises(Unreachable):
                async for event in desk.ask(thread.id, QUESTION, uuid4()):
                    events.append(event)
    assert events[-1]["type"] == CONNECTION_LOST
    assert not any(event["type"] in FINAL for event in events)
