"""The fake provider speaks the vendors' protocols as their own SDKs read them, and does as it is told."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import anthropic
import httpx
import openai
import pytest

from benchmarks.fake_provider import FakeProvider, answer_text

pytestmark = pytest.mark.anyio
ASKED: list[Any] = [{"role": "user", "content": "Tell me. #mine-"}]


@pytest.fixture
async def fake(anyio_backend: str) -> AsyncIterator[FakeProvider]:
    async with FakeProvider(tokens=8) as provider:
        yield provider


@pytest.fixture
async def http(fake: FakeProvider) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=fake.root_url) as client:
        yield client


def openai_client(fake: FakeProvider) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(api_key="k", base_url=fake.base_url, max_retries=0)


async def test_openai_sdk_reads_the_stream(fake: FakeProvider) -> None:
    async with openai_client(fake) as client:
        stream = await client.chat.completions.create(
            model="m", messages=ASKED, stream=True, stream_options={"include_usage": True}
        )
        chunks = [chunk async for chunk in stream]
    deltas = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
    assert "".join(deltas) == answer_text("mine-", 8)
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].usage.completion_tokens == 8


async def test_openai_sdk_reads_the_plain_answer(fake: FakeProvider) -> None:
    async with openai_client(fake) as client:
        whole = await client.chat.completions.create(model="m", messages=ASKED)
        models = await client.models.list()
    assert whole.choices[0].message.content == answer_text("mine-", 8)
    assert [model.id for model in models.data] == ["fake", "fake-mini"]


async def test_anthropic_sdk_reads_the_stream(fake: FakeProvider) -> None:
    async with (
        anthropic.AsyncAnthropic(api_key="k", base_url=fake.root_url, max_retries=0) as client,
        client.messages.stream(model="m", max_tokens=9, messages=ASKED) as stream,
    ):
        message = await stream.get_final_message()
    assert message.content[0].text == answer_text("mine-", 8)
    assert (message.stop_reason, message.usage.output_tokens) == ("end_turn", 8)


async def test_fault_by_header_and_by_model(http: httpx.AsyncClient) -> None:
    body = {"model": "m", "messages": ASKED}
    by_header = await http.post("/v1/chat/completions", json=body, headers={"x-fake-fault": "429:4"})
    by_model = await http.post("/v1/messages", json={**body, "model": "gpt+fault=403"})
    assert (by_header.status_code, by_header.headers["retry-after"]) == (429, "4")
    assert by_model.status_code == 403


async def test_control_scripts_the_next_calls(http: httpx.AsyncClient) -> None:
    told = await http.post("/control", json={"text": "Zwölf. 🛫", "faults": ["500", None]})
    answers = [await http.post("/v1/chat/completions", json={"messages": ASKED}) for _ in range(2)]
    assert told.status_code == 200
    assert answers[0].status_code == 500
    assert answers[1].json()["choices"][0]["message"]["content"] == "Zwölf. 🛫"


@pytest.mark.parametrize("wrong", [{"nonsense": 1}, {"faults": ["explode"]}])
async def test_control_refuses_what_does_not_exist(http: httpx.AsyncClient, wrong: dict[str, Any]) -> None:
    assert (await http.post("/control", json=wrong)).status_code == 400


async def test_control_tells_what_happened(http: httpx.AsyncClient) -> None:
    await http.post("/v1/chat/completions", json={"model": "m", "messages": ASKED})
    counts = (await http.get("/control")).json()
    (call,) = (await http.get("/control/requests")).json()
    arrived, first_token = (await http.get("/control/timings")).json()["mine-"]
    assert (counts["calls"], counts["running"], counts["finished"]) == (1, 0, 1)
    assert call["body"] == {"model": "m", "messages": ASKED}
    assert first_token >= arrived > 0


async def test_leaving_client_is_counted(fake: FakeProvider, http: httpx.AsyncClient) -> None:
    fake.script(interval=0.01, tokens=100_000)
    async with http.stream(
        "POST", "/v1/chat/completions", json={"stream": True, "messages": ASKED}
    ) as stream:
        await anext(stream.aiter_raw())
    async with asyncio.timeout(5):
        while fake.disconnects == 0:
            await asyncio.sleep(0.005)
    assert fake.ledger.running == 0


async def test_citations_stand_after_every_tenth_word(http: httpx.AsyncClient) -> None:
    await http.post("/control", json={"tokens": 20, "citations": True})
    answer = await http.post("/v1/chat/completions", json={"messages": ASKED})
    text = answer.json()["choices"][0]["message"]["content"]
    assert text == answer_text("mine-", 20, citations=True)
    assert text.endswith("mine-w0020 [1]")


def test_program_serves_until_told_to_stop() -> None:
    program = [
        sys.executable,
        "-m",
        "benchmarks.fake_provider",
        "--port",
        "0",
        "--delay",
        "0",
        "--tokens",
        "3",
    ]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as process:
        address = process.stdout.readline().strip()
        answer = httpx.post(f"{address}/messages", json={"messages": ASKED})
        process.send_signal(signal.SIGTERM)
        assert answer.json()["content"][0]["text"] == answer_text("mine-", 3)
        assert process.wait(timeout=10) == 0
