"""Tools in the two protocols: how they are offered, what comes of a stream, and servers that take none."""

from dataclasses import replace
from typing import Any

import pytest

from benchmarks.fake_provider import FakeProvider
from chat.llm import answer_stream
from chat.llm.answer_stream import Ending
from chat.llm.anthropic import AnthropicDialect
from chat.llm.base import PromptMessage, Tool, ToolCall
from chat.llm.errors import MalformedStream, ProviderRefused, StreamCut
from chat.llm.openai import OpenAIDialect
from chat.llm.vendor_errors import is_unsupported_tools
from tests.chat.llm.asking import MakeProvider, ask, request

pytestmark = pytest.mark.anyio

SCHEMA = {"type": "object", "properties": {"number": {"type": "string"}}, "required": ["number"]}
FLIGHT = Tool("get_flight", "One flight.", SCHEMA)
CALLS = [
    {"name": "get_flight", "arguments": {"number": "LW214"}},
    {"name": "get_flight", "arguments": {"number": "LW215 ñ 😀"}},
]


@pytest.mark.parametrize("size", [0, 1, 7])
async def test_calls_are_put_together_however_the_stream_is_cut(
    fake: FakeProvider, make_provider: MakeProvider, kind: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The usage comes behind the reason, here byte by byte, which takes as long as the machine likes.
    monkeypatch.setattr(answer_stream, "USAGE_SECONDS", 30.0)
    fake.script(calls=[CALLS], slice=size)
    outcome = await ask(make_provider(kind), request(tools=(FLIGHT,)))
    assert outcome.text == ""
    assert [call.name for call in outcome.finish.calls] == ["get_flight"] * 2
    assert [call.arguments for call in outcome.finish.calls] == [
        '{"number": "LW214"}',
        '{"number": "LW215 \\u00f1 \\ud83d\\ude00"}',
    ]
    assert (outcome.finish.usage.completion_tokens, outcome.finish.usage.estimated) == (20, False)


async def test_results_go_back_under_the_calls_ids(
    fake: FakeProvider, make_provider: MakeProvider, kind: str
) -> None:
    calls = (ToolCall("a", "get_flight", '{"number": "LW214"}'), ToolCall("b", "get_flight", "{}"))
    said = (
        PromptMessage("user", "When?"),
        PromptMessage("assistant", "", calls=calls),
        PromptMessage("tool", "At ten.", answers="a"),
        PromptMessage("tool", "Nothing.", answers="b"),
    )
    fake.script(text="At ten.")
    asked = request(tools=(FLIGHT,), may_call=False)
    provider = make_provider(kind)
    outcome = await ask(provider, replace(asked, messages=said))
    assert outcome.text == "At ten."
    body = fake.requests[-1]["body"]
    if kind == "openai":
        assert body["tool_choice"] == "none"
        assert [message["role"] for message in body["messages"]][1:] == ["user", "assistant", "tool", "tool"]
        assert body["messages"][2]["tool_calls"][0]["function"]["arguments"] == '{"number": "LW214"}'
        assert [message.get("tool_call_id") for message in body["messages"][3:]] == ["a", "b"]
    else:
        assert body["tool_choice"] == {"type": "none"}
        assert [message["role"] for message in body["messages"]] == ["user", "assistant", "user"]
        assert body["messages"][1]["content"][0]["input"] == {"number": "LW214"}
        assert [block["tool_use_id"] for block in body["messages"][2]["content"]] == ["a", "b"]


async def test_nothing_of_tools_is_sent_where_there_are_none(
    fake: FakeProvider, make_provider: MakeProvider, kind: str
) -> None:
    await ask(make_provider(kind))
    assert not {"tools", "tool_choice"} & set(fake.requests[-1]["body"])


async def test_server_that_takes_none_is_remembered(
    fake: FakeProvider, make_provider: MakeProvider, kind: str
) -> None:
    fake.script(refuses_tools=True, text="Hello.")
    provider = make_provider(kind)
    assert provider.takes_tools
    for _ in range(2):
        assert (await ask(provider, request(tools=(FLIGHT,)))).text == "Hello."
    assert not provider.takes_tools
    assert ["tools" in one["body"] for one in fake.requests] == [True, False, False]


async def test_server_that_must_take_them_is_refused(
    fake: FakeProvider, make_provider: MakeProvider, kind: str
) -> None:
    fake.script(refuses_tools=True, text="Hello.")
    provider = make_provider(kind)
    provider._tools = "true"
    assert isinstance((await ask(provider, request(tools=(FLIGHT,)))).error, ProviderRefused)
    provider._tools = "false"
    assert (await ask(provider, request(tools=(FLIGHT,)))).text == "Hello."
    assert fake.calls == 2


async def test_other_refusals_say_nothing_of_tools(
    fake: FakeProvider, make_provider: MakeProvider, kind: str
) -> None:
    fake.script(faults=["400", "404"])
    provider = make_provider(kind)
    for _ in range(2):
        assert isinstance((await ask(provider, request(tools=(FLIGHT,)))).error, ProviderRefused)
    assert provider.takes_tools


async def test_cut_in_the_middle_of_a_call_is_a_cut(
    fake: FakeProvider, make_provider: MakeProvider, kind: str
) -> None:
    fake.script(calls=[CALLS], faults=["no_finish"])
    assert isinstance(
        (await ask(make_provider(kind), request(tools=(FLIGHT,)))).error, StreamCut | MalformedStream
    )


def _chunk(*calls: dict[str, Any], **choice: Any) -> dict[str, Any]:
    return {"choices": [{"delta": {"tool_calls": list(calls)}, **choice}]}


def test_whole_calls_without_places_are_told_apart_by_their_ids() -> None:
    ending = Ending()
    for name in "ab":
        function = {"name": f"tool_{name}", "arguments": "{}"}
        OpenAIDialect().read(_chunk({"id": name, "function": function}, finish_reason="stop"), ending)
    assert [(call.id, call.name) for call in ending.asked.whole()] == [("a", "tool_a"), ("b", "tool_b")]


@pytest.mark.parametrize("call", [7, {"function": "x"}, {"function": {"name": 7}}, {"index": "x"}, [], "x"])
def test_wrong_shape_of_a_call_raises(call: Any) -> None:
    with pytest.raises((TypeError, AttributeError, ValueError)):
        OpenAIDialect().read(_chunk(call), Ending())


@pytest.mark.parametrize(
    "event",
    [
        {"type": "content_block_start", "index": 0, "content_block": {"type": "tool_use"}},
        {
            "type": "content_block_start",
            "index": "x",
            "content_block": {"type": "tool_use", "id": "", "name": ""},
        },
        {"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta", "partial_json": 7}},
    ],
)
def test_wrong_shape_of_a_use_raises(event: dict[str, Any]) -> None:
    with pytest.raises((TypeError, LookupError)):
        AnthropicDialect().read(event, Ending())


def test_calls_without_number_end_the_stream() -> None:
    ending = Ending()
    with pytest.raises(ValueError, match="too many"):
        for index in range(100):
            OpenAIDialect().read(_chunk({"index": index, "id": str(index)}), ending)


@pytest.mark.parametrize(
    ("status", "words", "is_it"),
    [
        (400, "registry.ollama.ai/library/gemma:2b does not support tools", True),
        (400, '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set', True),
        (404, "No endpoints found that support tool use", True),
        (400, "This model does not support function calling", True),
        (400, "max_tokens is too large", False),
        (401, "no tools for you", False),
        (500, "tool server down", False),
    ],
)
def test_refusals_of_tools_are_known_by_their_words(status: int, words: str, is_it: bool) -> None:
    class Refusal(Exception):
        status_code = status
        body: dict[str, Any] = {"message": words}

    assert is_unsupported_tools(Refusal()) == is_it
