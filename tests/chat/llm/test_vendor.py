"""What both vendors' providers share: pieces, time limits, usage, and letting go."""

import asyncio
import socket
from contextlib import aclosing
from dataclasses import replace

import pytest

from benchmarks.fake_provider import FakeProvider, answer_text
from chat.llm.base import Usage
from chat.llm.errors import ProviderRefused, TimedOut, Unavailable
from chat.llm.openai import OpenAIProvider
from tests.chat.llm.asking import LONG, MakeProvider, ask, request

pytestmark = pytest.mark.anyio

TEXT = "Año 🛫🧳 “中文”\n- two [1]\n"


async def eventually(reached: object, *, seconds: float = 5.0) -> None:
    """Wait until ``reached()``; the limit only ends a test that has failed."""
    async with asyncio.timeout(seconds):
        while not reached():
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("size", [0, 1, 7, 64])
async def test_any_cut_gives_same_text(
    fake: FakeProvider, make_provider: MakeProvider, kind: str, size: int, newline: str
) -> None:
    fake.script(text=TEXT, slice=size, newline=newline)
    outcome = await ask(make_provider(kind, replace(LONG, coalesce=0.0)))
    assert outcome.text == TEXT
    assert outcome.finish.reason == "stop"


async def test_first_piece_comes_at_once(fake: FakeProvider, make_provider: MakeProvider, kind: str) -> None:
    fake.script(interval=3_600)  # the second token never comes, however slow the reader is
    provider = make_provider(kind, replace(LONG, coalesce=3_600))
    async with aclosing(provider.stream(request())) as stream:
        assert (await anext(stream)).text == answer_text("q1", 1)


async def test_later_tokens_come_together(fake: FakeProvider, make_provider: MakeProvider, kind: str) -> None:
    fake.script(interval=0.001, tokens=200)
    outcome = await ask(make_provider(kind, replace(LONG, coalesce=0.1)))
    assert outcome.text == answer_text("q1", 200)
    assert len(outcome.pieces) < 100


async def test_waiting_chunks_are_read_in_one(
    fake: FakeProvider, make_provider: MakeProvider, kind: str
) -> None:
    # 2,000 HTTP chunks wait at once: one read each would be 2,000 pauses.
    fake.script(tokens=2_000)
    outcome = await ask(make_provider(kind, replace(LONG, coalesce=0.05)), request(max_tokens=2_000))
    assert outcome.text == answer_text("q1", 2_000)
    assert len(outcome.pieces) < 200


async def test_usage_is_the_vendors(fake: FakeProvider, make_provider: MakeProvider, kind: str) -> None:
    usage = (await ask(make_provider(kind))).finish.usage
    assert usage == Usage(usage.prompt_tokens, 20)
    assert usage.prompt_tokens > 0


async def test_usage_is_estimated_when_missing(
    fake: FakeProvider, make_provider: MakeProvider, kind: str
) -> None:
    fake.script(faults=["no_usage"])
    outcome = await ask(make_provider(kind))
    assert outcome.finish.usage.estimated
    assert outcome.finish.usage.completion_tokens == -(-len(outcome.text) // 4)


async def test_cancelled_reader_closes_the_call(
    fake: FakeProvider, make_provider: MakeProvider, kind: str
) -> None:
    fake.script(tokens=100_000, interval=0.01)
    reader = asyncio.create_task(ask(make_provider(kind)))
    await eventually(lambda: fake.ledger.running == 1)
    reader.cancel()
    await asyncio.wait([reader])
    await eventually(lambda: fake.disconnects == 1)


async def test_cancelled_wait_closes_the_call(
    fake: FakeProvider, make_provider: MakeProvider, kind: str
) -> None:
    fake.script(faults=["hang"])
    reader = asyncio.create_task(ask(make_provider(kind)))
    await eventually(lambda: fake.ledger.running == 1)
    reader.cancel()
    await eventually(lambda: fake.disconnects == 1)


async def test_closed_stream_closes_the_call(
    fake: FakeProvider, make_provider: MakeProvider, kind: str
) -> None:
    fake.script(tokens=100_000, interval=0.01)
    async with aclosing(make_provider(kind).stream(request())) as stream:
        await anext(stream)
    await eventually(lambda: fake.disconnects == 1)


async def test_finished_call_leaves_its_connection_for_the_next(
    fake: FakeProvider, make_provider: MakeProvider, kind: str
) -> None:
    provider = make_provider(kind)
    for _ in range(5):
        await ask(provider)
    assert fake.connections == 1


async def test_many_answers_at_once_stay_apart(
    fake: FakeProvider, make_provider: MakeProvider, kind: str
) -> None:
    fake.script(interval=0.002)
    provider = make_provider(kind)
    outcomes = await asyncio.gather(*(ask(provider, request(f"Mine? #p{n}-")) for n in range(100)))
    assert [outcome.text for outcome in outcomes] == [answer_text(f"p{n}-", 20) for n in range(100)]


async def test_closed_provider_opens_again(
    fake: FakeProvider, make_provider: MakeProvider, kind: str
) -> None:
    provider = make_provider(kind)
    await ask(provider)
    await provider.aclose()
    await eventually(lambda: fake.connections == 0)
    assert (await ask(provider)).text == answer_text("q1", 20)


async def test_text_that_no_bytes_can_hold_is_refused(make_provider: MakeProvider, kind: str) -> None:
    outcome = await ask(make_provider(kind), request("half an emoji: \ud83d"))
    assert type(outcome.error) is ProviderRefused


async def test_refused_connection_is_unavailable() -> None:
    with socket.socket() as silent:  # bound, so that nobody else gets the port, and not listening
        silent.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        provider = OpenAIProvider("compatible", "m", api_key="k", base_url=address, patience=LONG)
        outcome = await ask(provider)
        await provider.aclose()
    assert type(outcome.error) is Unavailable


async def test_unanswered_connection_times_out() -> None:
    # A listener whose queue is full answers no further connection.
    with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for filler in (first, second):
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        patience = replace(LONG, connect=0.2)
        provider = OpenAIProvider("compatible", "m", api_key="k", base_url=address, patience=patience)
        outcome = await ask(provider)
        await provider.aclose()
    assert type(outcome.error) is TimedOut
    assert outcome.error.waiting_for == "connection"


@pytest.mark.parametrize("address", ["localhost:11434/v1", "ftp://127.0.0.1/v1", "http://[::bad/v1"])
async def test_address_that_is_none_is_a_provider_error(address: str) -> None:
    provider = OpenAIProvider("compatible", "m", api_key="k", base_url=address, patience=LONG)
    assert (await ask(provider)).error is not None
    await provider.aclose()
