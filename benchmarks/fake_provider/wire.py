"""The two vendors' wire formats: what a stream, a plain answer and an error look like in bytes."""

import json
from typing import Any, Protocol


class Wire(Protocol):
    """How one vendor writes an answer down; every method returns finished bytes of an event stream."""

    def opening(self) -> bytes:
        """Return what comes before the first token."""
        ...

    def text(self, piece: str) -> bytes:
        """Return one token."""
        ...

    def closing(self, reason: str | None, completion_tokens: int, *, usage: bool, end: bool) -> bytes:
        """Return the finish reason, the usage and the end mark, each only where asked for."""
        ...

    def call(self, index: int, call_id: str, name: str, arguments: str) -> bytes:
        """Return the events of one call of a tool, its arguments in pieces."""
        ...

    def keep_alive(self) -> bytes:
        """Return an event that says nothing."""
        ...

    def wrong_shape(self) -> bytes:
        """Return valid JSON that is not what the protocol says."""
        ...

    def error(self, status: int, code: str) -> dict[str, Any]:
        """Return the body of an error."""
        ...

    def plain(self, text: str, completion_tokens: int) -> dict[str, Any]:
        """Return the body of an answer that is not streamed."""
        ...


def _event(payload: object, name: str = "") -> bytes:
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(payload, ensure_ascii=False, separators=(',', ':'))}\n\n".encode()


def _pieces(arguments: str) -> list[str]:
    return [arguments[at : at + 5] for at in range(0, len(arguments), 5)]


class OpenAIWire:
    """Chat completions, with usage in a chunk of its own when the request asks for it."""

    def __init__(self, body: dict[str, Any], number: int):
        self._usage_wanted = bool((body.get("stream_options") or {}).get("include_usage"))
        self._prompt_tokens = sum(len(str(item.get("content"))) for item in body.get("messages", ())) // 4
        self._common = {
            "id": f"chatcmpl-{number:08d}",
            "object": "chat.completion.chunk",
            "created": 1_790_000_000,
            "model": body.get("model", ""),
            "service_tier": "default",
            "system_fingerprint": "fp_0000000000",
        }
        head, tail = self._chunk({"content": "@"}).split(b'"@"')
        self._head, self._tail = head, tail

    def _chunk(self, delta: dict[str, Any], reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        return _event({**self._common, "choices": [choice], "usage": None})

    def opening(self) -> bytes:
        return self._chunk({"role": "assistant", "content": "", "refusal": None})

    def text(self, piece: str) -> bytes:
        return self._head + json.dumps(piece, ensure_ascii=False).encode() + self._tail

    def closing(self, reason: str | None, completion_tokens: int, *, usage: bool, end: bool) -> bytes:
        out = self._chunk({}, reason) if reason else b""
        if usage and self._usage_wanted:
            out += _event({**self._common, "choices": [], "usage": self._usage(completion_tokens)})
        return out + (b"data: [DONE]\n\n" if end else b"")

    def call(self, index: int, call_id: str, name: str, arguments: str) -> bytes:
        function = {"name": name, "arguments": ""}
        first = {"index": index, "id": call_id, "type": "function", "function": function}
        out = self._chunk({"tool_calls": [first]})
        for piece in _pieces(arguments):
            out += self._chunk({"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
        return out

    def _usage(self, completion_tokens: int) -> dict[str, int]:
        return {
            "prompt_tokens": self._prompt_tokens,
            "completion_tokens": completion_tokens,
            "total_tokens": self._prompt_tokens + completion_tokens,
        }

    def keep_alive(self) -> bytes:
        return b": keep-alive\n\n"

    def wrong_shape(self) -> bytes:
        return _event({**self._common, "choices": "none"})

    def error(self, status: int, code: str) -> dict[str, Any]:
        kind = "server_error" if status >= 500 else "invalid_request_error"
        return {
            "error": {"message": f"Told to fail with {status}.", "type": kind, "param": None, "code": code}
        }

    def plain(self, text: str, completion_tokens: int) -> dict[str, Any]:
        message = {"role": "assistant", "content": text, "refusal": None}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        return {
            **self._common,
            "object": "chat.completion",
            "choices": [choice],
            "usage": self._usage(completion_tokens),
        }


class AnthropicWire:
    """Messages, as named events."""

    REASONS = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal"}
    REASONS |= {"tool_calls": "tool_use"}

    def __init__(self, body: dict[str, Any], number: int):
        texts = [
            str(body.get("system", "")),
            *(str(item.get("content")) for item in body.get("messages", ())),
        ]
        self._prompt_tokens = sum(map(len, texts)) // 4
        self._message = {
            "id": f"msg_{number:08d}",
            "type": "message",
            "role": "assistant",
            "model": body.get("model", ""),
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": {"input_tokens": self._prompt_tokens, "output_tokens": 1},
        }
        delta = {"type": "text_delta", "text": "@"}
        whole = {"type": "content_block_delta", "index": 0, "delta": delta}
        self._head, self._tail = _event(whole, "content_block_delta").split(b'"@"')
        self._block = 0  # the one that is open

    def opening(self) -> bytes:
        block = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
        start = _event({"type": "message_start", "message": self._message}, "message_start")
        return start + _event(block, "content_block_start") + self.keep_alive()

    def text(self, piece: str) -> bytes:
        return self._head + json.dumps(piece, ensure_ascii=False).encode() + self._tail

    def closing(self, reason: str | None, completion_tokens: int, *, usage: bool, end: bool) -> bytes:
        out = (
            _event({"type": "content_block_stop", "index": self._block}, "content_block_stop")
            if reason or end
            else b""
        )
        if reason:
            change: dict[str, Any] = {
                "type": "message_delta",
                "delta": {"stop_reason": self.REASONS.get(reason, reason), "stop_sequence": None},
            }
            if usage:
                change["usage"] = {"output_tokens": completion_tokens}
            out += _event(change, "message_delta")
        return out + (_event({"type": "message_stop"}, "message_stop") if end else b"")

    def call(self, index: int, call_id: str, name: str, arguments: str) -> bytes:
        out = _event({"type": "content_block_stop", "index": self._block}, "content_block_stop")
        self._block += 1
        block = {"type": "tool_use", "id": call_id, "name": name, "input": {}}
        start = {"type": "content_block_start", "index": self._block, "content_block": block}
        out += _event(start, "content_block_start")
        for piece in ("", *_pieces(arguments)):
            delta = {"type": "input_json_delta", "partial_json": piece}
            event = {"type": "content_block_delta", "index": self._block, "delta": delta}
            out += _event(event, "content_block_delta")
        return out

    def keep_alive(self) -> bytes:
        return _event({"type": "ping"}, "ping")

    def wrong_shape(self) -> bytes:
        return _event({"type": "content_block_delta", "index": 0, "delta": "none"}, "content_block_delta")

    def error(self, status: int, code: str) -> dict[str, Any]:
        kinds = {401: "authentication_error", 403: "permission_error", 404: "not_found_error"}
        kinds |= {429: "rate_limit_error", 500: "api_error", 503: "overloaded_error", 529: "overloaded_error"}
        message = (
            "prompt is too long: 210000 tokens > 200000 maximum" if "context" in code else f"Told: {status}."
        )
        kind = code if code.endswith("_error") else kinds.get(status, "invalid_request_error")
        return {"type": "error", "error": {"type": kind, "message": message}}

    def plain(self, text: str, completion_tokens: int) -> dict[str, Any]:
        usage = {"input_tokens": self._prompt_tokens, "output_tokens": completion_tokens}
        content = [{"type": "text", "text": text}]
        return {**self._message, "content": content, "stop_reason": "end_turn", "usage": usage}
