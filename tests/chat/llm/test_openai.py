"""OpenAI's protocol: what is sent, and what the chunks of its many speakers mean."""

from typing import Any

import pytest

from benchmarks.fake_provider import FakeProvider, answer_text
from chat.llm.answer_stream import Ending
from chat.llm.base import PromptMessage, Request
from chat.llm.openai import OpenAIDialect
from tests.chat.llm.asking import MakeProvider, ask, request
from tests.chat.llm.conftest import KEY


def _choice(**fields: Any) -> dict[str, Any]:
    return {"choices": [fields]}


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (_choice(delta={"content": "x"}, finish_reason=None), "x"),
        (_choice(delta={"content": None, "role": "assistant"}), ""),
        (_choice(delta={}, finish_reason="stop"), ""),
        (_choice(delta=None, finish_reason="stop"), ""),
        (_choice(delta={"reasoning_content": "hm"}), ""),
        ({"choices": [], "prompt_filter_results": [{}]}, ""),
        ({"usage": {"prompt_tokens": 1, "completion_tokens": 2}}, ""),
        ({"choices": None, "usage": {"prompt_tokens": 1}}, ""),
    ],
)
def test_text_of_a_chunk(event: dict[str, Any], text: str) -> None:
    assert OpenAIDialect().read(event, Ending()) == text


@pytest.mark.parametrize(
    "event",
    [
        *([], "x", 7, None, {}, {"choices": "none"}, {"choices": [None]}, {"choices": {"0": 1}}),
        *(_choice(delta="x"), _choice(delta={"content": 7}), _choice(delta={"content": ["x"]})),
        _choice(delta={}, finish_reason=["stop"]),
        {"choices": [], "usage": "many"},
    ],
)
def test_wrong_shape_raises(event: Any) -> None:
    with pytest.raises((TypeError, LookupError, AttributeError)):
        OpenAIDialect().read(event, Ending())


def test_usage_that_is_no_number_is_not_counted() -> None:
    ending = Ending()
    OpenAIDialect().read({"usage": {"prompt_tokens": None, "completion_tokens": "7"}}, ending)
    assert (ending.prompt_tokens, ending.completion_tokens) == (None, None)


@pytest.mark.anyio
async def test_request_carries_rules_then_messages(fake: FakeProvider, make_provider: MakeProvider) -> None:
    messages = (PromptMessage("user", "A?"), PromptMessage("assistant", "B."), PromptMessage("user", "C?"))
    await ask(make_provider("openai", model="gpt-x"), Request("Rules.", messages, "C?", max_tokens=77))
    assert fake.requests[0]["body"] == {
        "model": "gpt-x",
        "messages": [
            {"role": "system", "content": "Rules."},
            {"role": "user", "content": "A?"},
            {"role": "assistant", "content": "B."},
            {"role": "user", "content": "C?"},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_completion_tokens": 77,
    }
    assert fake.requests[0]["headers"]["authorization"] == f"Bearer {KEY}"


@pytest.mark.anyio
async def test_azure_calls_its_deployment(fake: FakeProvider, make_provider: MakeProvider) -> None:
    outcome = await ask(make_provider("azure", model="desk-gpt"))
    call = fake.requests[0]
    assert outcome.text == answer_text("q1", 20)
    assert call["path"] == "/openai/deployments/desk-gpt/chat/completions?api-version=2024-10-21"
    assert call["headers"]["api-key"] == KEY


@pytest.mark.anyio
@pytest.mark.parametrize("kind", ["openai", "azure", "compatible"])
async def test_name_of_the_token_limit_is_learnt(
    fake: FakeProvider, make_provider: MakeProvider, kind: str
) -> None:
    fake.script(faults=["unsupported"])
    provider = make_provider(kind)
    outcomes = [await ask(provider), await ask(provider)]
    assert [outcome.text for outcome in outcomes] == [answer_text("q1", 20)] * 2
    names = [{"max_tokens", "max_completion_tokens"} & set(call["body"]) for call in fake.requests]
    assert names[0] != names[1] == names[2]


@pytest.mark.anyio
async def test_prompt_of_any_text_arrives(fake: FakeProvider, make_provider: MakeProvider) -> None:
    question = 'Ñandú 🛫 "quoted" \\ \u2028 \x00 #q1'
    await ask(make_provider("openai"), request(question))
    assert fake.requests[0]["body"]["messages"][-1]["content"] == question
