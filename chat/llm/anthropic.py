"""Anthropic's messages."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from chat.llm.answer_stream import Ending, Patience, Reason
from chat.llm.base import PromptMessage, Request, ToolCall
from chat.llm.errors import StreamCut
from chat.llm.vendor import ToolUse, VendorProvider, client_options, failures_of
from chat.llm.vendor_errors import stream_error

if TYPE_CHECKING:
    import httpx2

REASONS: dict[str, Reason] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "tool_use": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "filtered",
}
# Tokens read from and written to the vendor's prompt cache are counted beside the plain ones.
_PROMPT_COUNTS = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")


class AnthropicDialect:
    """Meaning of message stream events; unknown kinds are skipped, as the vendor asks."""

    def read(self, event: dict[str, Any], ending: Ending) -> str:
        """Return an event's text; note stop reason and usage."""
        kind = event["type"]
        if kind == "content_block_delta":
            return _text(event["delta"], event, ending)
        if kind == "message_start":
            _count(event["message"].get("usage"), ending)
            ending.model = str(event["message"].get("model") or "")[:100]
            ending.completion_tokens = None  # a first guess; the count comes with the stop reason
        elif kind == "content_block_start":
            block = event["content_block"]
            if block["type"] == "tool_use":
                ending.asked.add(event["index"], call_id=block["id"], name=block["name"])
        elif kind == "message_delta":
            _count(event.get("usage"), ending)
            if reason := event["delta"].get("stop_reason"):
                ending.reason = _known_reason(reason)
        elif kind == "message_stop":
            ending.complete = True
        elif kind == "error":
            raise stream_error(event.get("error"))
        return ""


def _text(delta: dict[str, Any], event: dict[str, Any], ending: Ending) -> str:
    if delta["type"] == "input_json_delta":
        ending.asked.add(event["index"], arguments=delta["partial_json"])
    if delta["type"] != "text_delta":
        return ""  # thinking and signatures are not the answer
    text = delta["text"]
    if not isinstance(text, str):
        raise TypeError
    return text


def _count(usage: dict[str, Any] | None, ending: Ending) -> None:
    if not usage:
        return
    if "input_tokens" in usage:
        ending.prompt_tokens = sum(usage.get(name) or 0 for name in _PROMPT_COUNTS)
        ending.cached_tokens = usage.get("cache_read_input_tokens") or 0
    if "output_tokens" in usage:
        ending.completion_tokens = int(usage["output_tokens"])


def _known_reason(reason: str) -> Reason:
    known = REASONS.get(reason)
    if known is None:
        raise StreamCut("the provider ended the answer for another reason")
    return known


class AnthropicProvider(VendorProvider):
    """A model behind Anthropic's protocol.

    Args:
        model: the model's name.
        api_key: the key.
        base_url: address without ``/v1``.
        patience: time limits.
        tools: as ``VendorProvider`` has it.
    """

    def __init__(
        self, model: str, *, api_key: str, base_url: str, patience: Patience, tools: ToolUse = "auto"
    ):
        super().__init__("anthropic", model, patience, tools)
        self._api_key, self._base_url = api_key, base_url

    def _make_client(self) -> tuple[Any, tuple[type[Exception], ...]]:
        import anthropic

        client = anthropic.AsyncAnthropic(
            api_key=self._api_key, base_url=self._base_url, **client_options(anthropic, self._patience)
        )
        return client, failures_of(anthropic.AnthropicError)

    def _dialect(self) -> AnthropicDialect:
        return AnthropicDialect()

    async def _call(self, client: Any, request: Request, headers: dict[str, str]) -> "httpx2.Response":
        import anthropic
        import httpx2

        response: httpx2.Response = await client.post(
            "/v1/messages",
            cast_to=httpx2.Response,
            body=self._body(request),
            options={"headers": headers},
            stream=True,
            stream_cls=anthropic.AsyncStream,
        )
        return response

    def _body(self, request: Request) -> dict[str, Any]:
        messages = _messages(request.messages)
        # The vendor wants the user to speak first, and a cut history may begin with an answer.
        while messages[0]["role"] != "user":
            del messages[0]
        body: dict[str, Any] = {
            "model": self.model,
            "max_tokens": request.max_tokens,
            "system": request.system,
            "messages": messages,
            "stream": True,
        }
        if request.temperature is not None:
            body["temperature"] = request.temperature
        if request.tools:
            body["tools"] = [
                {"name": tool.name, "description": tool.description, "input_schema": tool.parameters}
                for tool in request.tools
            ]
            # The tools stay in the request as long as their results do: the vendor insists.
            body["tool_choice"] = {"type": "auto" if request.may_call else "none"}
        return body


def _messages(messages: Sequence[PromptMessage]) -> list[dict[str, Any]]:
    """Return the messages; the results of one round stand in one, as the vendor wants them."""
    written: list[dict[str, Any]] = []
    results: list[dict[str, Any]] = []
    for message in messages:
        if message.role != "tool":
            results = []
            written.append(_message(message))
            continue
        if not results:
            written.append({"role": "user", "content": results})
        results.append({"type": "tool_result", "tool_use_id": message.answers, "content": message.text})
    return written


def _message(message: PromptMessage) -> dict[str, Any]:
    if not message.calls:
        return {"role": message.role, "content": message.text}
    said = [{"type": "text", "text": message.text}] if message.text else []
    return {"role": message.role, "content": [*said, *map(_use, message.calls)]}


def _use(call: ToolCall) -> dict[str, Any]:
    return {"type": "tool_use", "id": call.id, "name": call.name, "input": json.loads(call.arguments)}
