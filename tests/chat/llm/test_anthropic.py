"""Anthropic's protocol: what is sent, and what its events mean."""

from typing import Any

import pytest

from benchmarks.fake_provider import FakeProvider
from chat.llm.answer_stream import Ending
from chat.llm.anthropic import AnthropicDialect
from chat.llm.base import PromptMessage, Request
from tests.chat.llm.asking import MakeProvider, ask
from tests.chat.llm.conftest import KEY


def _delta(**fields: Any) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": 0, "delta": fields}


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (_delta(type="text_delta", text="x"), "x"),
        (_delta(type="thinking_delta", thinking="hm"), ""),
        (_delta(type="signature_delta", signature="s"), ""),
        ({"type": "ping"}, ""),
        ({"type": "an_event_of_next_year", "text": "y"}, ""),
    ],
)
def test_text_of_an_event(event: dict[str, Any], text: str) -> None:
    assert AnthropicDialect().read(event, Ending()) == text


@pytest.mark.parametrize(
    "event",
    [
        *([], "x", None, {}, {"type": "message_start"}, {"type": "message_delta"}),
        *({"type": "content_block_delta"}, _delta(), _delta(type="text_delta")),
        _delta(type="text_delta", text=None),
        {"type": "message_delta", "delta": {}, "usage": {"output_tokens": None}},
    ],
)
def test_wrong_shape_raises(event: Any) -> None:
    with pytest.raises((TypeError, LookupError, AttributeError)):
        AnthropicDialect().read(event, Ending())


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("refusal", "filtered"),
    ],
)
def test_stop_reasons(said: str, meant: str) -> None:
    ending = Ending()
    AnthropicDialect().read({"type": "message_delta", "delta": {"stop_reason": said}}, ending)
    assert ending.reason == meant


def test_cached_prompt_tokens_are_counted() -> None:
    ending = Ending()
    usage = {"input_tokens": 5, "cache_read_input_tokens": 100, "cache_creation_input_tokens": None}
    AnthropicDialect().read({"type": "message_start", "message": {"usage": usage}}, ending)
    assert ending.prompt_tokens == 105


@pytest.mark.anyio
async def test_request_carries_rules_apart(fake: FakeProvider, make_provider: MakeProvider) -> None:
    messages = (PromptMessage("assistant", "Cut off."), PromptMessage("user", "A?"))
    await ask(make_provider("anthropic", model="claude-x"), Request("Rules.", messages, "A?", max_tokens=77))
    call = fake.requests[0]
    assert call["body"] == {
        "model": "claude-x",
        "max_tokens": 77,
        "system": "Rules.",
        "messages": [{"role": "user", "content": "A?"}],
        "stream": True,
    }
    assert call["path"] == "/v1/messages"
    assert KEY in str(call["headers"])
