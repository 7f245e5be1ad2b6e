"""A turn in the shape of a response of OpenAI's Responses API."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from chat.models import Turn
from chat.openai_api.answers import Answer
from chat.openai_api.errors import Refused

PREFIX = "resp_"


@dataclass(frozen=True, slots=True)
class ResponseShape:
    """One turn as a response, at each step of its life.

    Attributes:
        turn: the turn.
        previous: the turn before it in its conversation.
        told: of the request, beside what is told of the answer.
    """

    turn: Turn
    previous: UUID | None = None
    told: dict[str, Any] = field(default_factory=dict)

    @property
    def item_id(self) -> str:
        """Return the id of the one message in the output."""
        return f"msg_{self.turn.pk.hex}"

    def in_progress(self) -> dict[str, Any]:
        """Return the response while the answer is on its way."""
        return self._response("in_progress", [])

    def finished(self, answer: Answer) -> dict[str, Any]:
        """Return the response with its answer; an answer that does not end by itself is incomplete."""
        reason = {"length": "max_output_tokens", "content_filter": "content_filter"}.get(answer.finish)
        is_complete = answer.is_whole and reason is None
        status = "completed" if is_complete else "incomplete"
        output = self.message(status, [output_text(answer.text, annotations(answer))])
        return self._response(
            status,
            [output],
            incomplete_details=None if is_complete else {"reason": reason},
            completed_at=_seconds(self.turn.finished_at) if self.turn.finished_at and is_complete else None,
            usage=_usage(answer),
            chatsite=answer.details | self.told,
        )

    def failed(self, error: Refused) -> dict[str, Any]:
        """Return the response that has no answer."""
        code = "rate_limit_exceeded" if error.status == 429 else "server_error"
        details = {
            "code": error.code,
            "conversation": str(self.turn.conversation_id),
            "turn": str(self.turn.pk),
        }
        told = {"error": {"code": code, "message": error.words}, "chatsite": details | self.told}
        return self._response("failed", [], **told)

    def message(self, status: str, content: list[dict[str, Any]]) -> dict[str, Any]:
        """Return the one message of the output."""
        return {
            "id": self.item_id,
            "type": "message",
            "role": "assistant",
            "status": status,
            "content": content,
        }

    def _response(self, status: str, output: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
        return {
            "id": f"{PREFIX}{self.turn.pk.hex}",
            "object": "response",
            "created_at": _seconds(self.turn.created_at),
            "status": status,
            "background": False,
            "completed_at": None,
            "conversation": {"id": str(self.turn.conversation_id)},
            "error": None,
            "incomplete_details": None,
            "instructions": None,
            "max_output_tokens": None,
            "metadata": {},
            "model": settings.API_MODEL_NAME,
            "output": output,
            "parallel_tool_calls": False,
            "previous_response_id": f"{PREFIX}{self.previous.hex}" if self.previous else None,
            "temperature": None,
            "text": {"format": {"type": "text"}},
            "tool_choice": "none",
            "tools": [],
            "top_p": None,
            "truncation": "disabled",
            "usage": None,
            **more,
        }


def output_text(text: str, cited: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the text part of a message."""
    return {"type": "output_text", "text": text, "annotations": list(cited), "logprobs": []}


def annotations(answer: Answer) -> list[dict[str, Any]]:
    """Return what the markers in the text point to."""
    return [{"type": "url_citation", **one} for one in answer.citations]


def _usage(answer: Answer) -> dict[str, Any]:
    return {
        "input_tokens": answer.prompt_tokens,
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens": answer.completion_tokens,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": answer.prompt_tokens + answer.completion_tokens,
    }


def _seconds(at: datetime) -> int:
    return int(at.timestamp())
