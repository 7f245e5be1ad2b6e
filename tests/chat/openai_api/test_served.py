"""The real clients against a real server: as it is written, cut off, and many at once."""

import asyncio
import json
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from openai import APIConnectionError, AsyncOpenAI, OpenAI

from tests.chat.terminal.conftest import ANSWER, QUESTION, Site
from tests.chat.terminal.proxies import cutting

ROOT = Path(__file__).resolve().parents[3]
TEXT = "A checked bag may weigh up to 23 kg [^1]."
ASKED = {"model": "chatsite", "messages": [{"role": "user", "content": QUESTION}]}
MANY = 50


def client_of(site: Site, who: str = "alice", **options: object) -> OpenAI:
    return OpenAI(api_key=site.keys[who], base_url=f"{site.address}/v1", **{"max_retries": 0, **options})


def test_sync_client_reads_an_answer_as_it_is_written(site: Site) -> None:
    client = client_of(site)
    site.provider.script(text=f"{ANSWER}\n\n", interval=0.02, lasts=True)  # until the client has read of it
    text = ""
    for chunk in client.chat.completions.create(**ASKED, stream=True):
        text += chunk.choices[0].delta.content or ""
        if "checked" in text:
            site.provider.script(text=ANSWER, interval=0.0, lasts=False)
    assert text.startswith(TEXT)
    assert chunk.choices[0].finish_reason == "stop"
    assert client.responses.create(model="chatsite", input=QUESTION).output_text == TEXT
    with client.responses.stream(model="chatsite", input=QUESTION) as stream:
        assert stream.get_final_response().output_text == TEXT


def node() -> list[str]:
    """Return the words that start Node, as the checks find it."""
    code = "import sys; sys.path.insert(0, 'setup'); import checks; print(*checks.find_node(), sep='\\n')"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return found.stdout.split("\n")[:-1]


def test_npm_client_reads_everything(site: Site) -> None:
    script = Path(__file__).with_name("client.mjs")
    arguments = [site.address, site.keys["alice"], site.keys["bob"], QUESTION]
    done = subprocess.run(
        [*node(), str(script), *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told.pop("url").startswith(f"http://127.0.0.1:{urlsplit(site.address).port}/knowledge/passages/")
    assert told.pop("helpedTokens") > 0
    assert told.pop("kinds") == [f"response.{kind}" for kind in (
        "created", "in_progress", "output_item.added", "content_part.added", "output_text.delta",
        "output_text.annotation.added", "output_text.done", "content_part.done", "output_item.done",
        "completed",
    )]  # fmt: skip
    assert told == {
        "text": TEXT, "marker": "[^1]", "streamed": TEXT, "helped": TEXT, "helpedAnnotations": 1,
        "history": "continued", "responseText": TEXT, "previous": True, "sameConversation": True,
        "kept": True, "models": ["chatsite"], "notFound": "not_found", "notLetIn": "invalid_api_key",
    }  # fmt: skip


@pytest.mark.anyio
async def test_clients_retry_after_a_cut_gets_the_one_answer(site: Site) -> None:
    calls = site.provider.calls
    async with cutting(site.address, lambda _, __: proxy.cuts < 2) as (proxy, address):
        client = AsyncOpenAI(api_key=site.keys["alice"], base_url=f"{address}/v1", max_retries=3)
        answer = await client.chat.completions.create(**ASKED)
        await client.close()
    assert (proxy.cuts, len(proxy.heads)) == (2, 3)
    assert answer.choices[0].message.content == TEXT
    assert answer.chatsite["history"] == "repeated"
    assert site.provider.calls == calls + 1


@pytest.mark.anyio
async def test_stream_that_was_cut_can_be_asked_for_again(site: Site) -> None:
    """No client tries again by itself when a stream breaks; whoever uses it does, with the same request."""

    def in_the_middle(_: bytes, passed: bytes) -> bool:
        return proxy.cuts < 1 and b"checked" in passed

    site.provider.script(text=f"{ANSWER}\n\n", interval=0.02, lasts=True)  # until it has been cut
    async with cutting(site.address, in_the_middle) as (proxy, address):
        client = AsyncOpenAI(api_key=site.keys["bob"], base_url=f"{address}/v1", max_retries=0)
        with pytest.raises(APIConnectionError):
            async for chunk in await client.chat.completions.create(**ASKED, stream=True):
                first = chunk.id
        site.provider.script(text=ANSWER, interval=0.0, lasts=False)
        async with asyncio.timeout(30):  # the desk hears of the cut in its own time, and until then asks anew
            while (answer := await client.chat.completions.create(**ASKED)).id != first:
                assert answer.chatsite["history"] == "begun"
                await asyncio.sleep(0.5)
        await client.close()
    assert answer.choices[0].message.content.startswith(TEXT)
    assert answer.chatsite["history"] == "repeated"


@pytest.mark.anyio
async def test_many_who_wait_keep_nobody_from_asking(site: Site) -> None:
    site.provider.script(held=True)
    calls = site.provider.calls
    client = AsyncOpenAI(api_key=site.keys["alice"], base_url=f"{site.address}/v1", max_retries=0)
    waiting = [
        asyncio.create_task(client.responses.create(model="chatsite", input=f"{QUESTION} {number}"))
        for number in range(MANY)
    ]
    async with asyncio.timeout(30):
        while site.provider.calls < calls + MANY:  # all are asked, none is answered
            await asyncio.sleep(0.05)
    began = time.monotonic()
    assert (await client.models.list()).data[0].id == "chatsite"
    took = time.monotonic() - began
    site.provider.script(held=False)
    answers = await asyncio.gather(*waiting)
    await client.close()
    print(f"\n{MANY} wait; another request took {took:.3f} s")
    assert {answer.output_text for answer in answers} == {TEXT}
    assert took < 5
