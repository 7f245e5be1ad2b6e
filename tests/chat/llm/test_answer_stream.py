"""Reading a body: halves of characters, and the ends that an answer may have."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from chat.llm.answer_stream import AnswerStream, estimated_tokens
from chat.llm.errors import MalformedStream, ProviderError, StreamCut
from chat.llm.openai import OpenAIDialect
from tests.chat.llm.asking import LONG

pytestmark = pytest.mark.anyio


def chunk(text: str, reason: str | None = None) -> bytes:
    event = {"choices": [{"delta": {"content": text}, "finish_reason": reason}]}
    return b"data: " + json.dumps(event).encode() + b"\n\n"


async def body(*parts: bytes, then: Exception | None = None) -> AsyncIterator[bytes]:
    for part in parts:
        yield part
    if then:
        raise then


async def read(source: AsyncIterator[bytes], most_characters: int = 10_000) -> tuple[str, str]:
    """Return the text and the finish reason."""
    stream = AnswerStream(
        source,
        OpenAIDialect(),
        LONG,
        first_deadline=asyncio.get_running_loop().time() + 30,
        most_characters=most_characters,
        failures=(OSError,),
    )
    text = ""
    while not stream.ended:
        text += await stream.read()
    return text, stream.finish(sent_characters=100).reason


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        (["a \ud83d", "\ude00 b"], "a 😀 b"),
        (["\ud83d", "\ude00", "\ud83d", "\ude00"], "😀😀"),
        (["a\ud83d", "b"], "a\ufffdb"),
        (["a\ude00b"], "a\ufffdb"),
        (["end\ud83d"], "end\ufffd"),
        (["\ud83d\ude00 whole"], "😀 whole"),
    ],
)
async def test_halves_of_a_character_are_joined(pieces: list[str], text: str) -> None:
    parts = [chunk(piece) for piece in pieces]
    assert await read(body(*parts, b"data: [DONE]\n\n")) == (text, "stop")
    assert await read(body(b"".join(parts) + b"data: [DONE]\n\n")) == (text, "stop")


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ((chunk("x"), b"data: [DONE]\n\n"), "stop"),
        ((chunk("x"), b"data: [DONE]"), "stop"),
        ((chunk("x"), b"data: [DO", b"NE]\r\n"), "stop"),
        ((chunk("x", "length"),), "length"),
        ((chunk("x", "eos_token"),), "stop"),
        ((chunk("x"), chunk("", "content_filter")), "filtered"),
        ((chunk("x", "stop"), b'data: {"cho'), "stop"),
        ((chunk("x", "stop"), b"\xff\xfe garbage\n"), "stop"),
        ((chunk("x", "stop"), b'data: {"error": {"code": "late"}}\n\n'), "stop"),
    ],
)
async def test_whole_answers_end_well(parts: tuple[bytes, ...], reason: str) -> None:
    assert await read(body(*parts)) == ("x", reason)


async def test_break_after_the_reason_is_no_failure() -> None:
    assert await read(body(chunk("x", "stop"), then=OSError())) == ("x", "stop")


@pytest.mark.parametrize(
    ("parts", "error"),
    [
        ((), StreamCut),
        ((chunk("x"),), StreamCut),
        ((chunk("x"), b'data: {"choices":[{"delta":{"content":"y"'), StreamCut),
        ((chunk("x", "abort"),), StreamCut),
        ((chunk(" \n", "stop"),), MalformedStream),
        ((b"data: " + b"[" * 100_000 + b"\n\n",), MalformedStream),
        ((b"data: \xff\xff\n\n",), MalformedStream),
    ],
)
async def test_other_ends_are_errors(parts: tuple[bytes, ...], error: type[ProviderError]) -> None:
    with pytest.raises(error):
        await read(body(*parts))


async def test_too_long_answer_is_ended() -> None:
    text, reason = await read(body(*[chunk("0123456789")] * 50), most_characters=100)
    assert reason == "length"
    assert len(text) == 110


@pytest.mark.parametrize(("characters", "tokens"), [(0, 0), (1, 1), (4, 1), (5, 2)])
def test_tokens_are_estimated_upwards(characters: int, tokens: int) -> None:
    assert estimated_tokens(characters) == tokens
