"""The outcome of a turn as clients read it: made from the database's rows, in one place for every edge."""

from typing import Any

from django.urls import reverse

from chat.events.types import Event, TurnCompleted, TurnFailed, TurnStopped
from chat.models import Citation, Message, Rating, ToolCall, Turn


def message_json(message: Message, *, turn: object = None) -> dict[str, Any]:
    """Return a message as the protocol has it."""
    return {
        "id": message.id,
        "role": message.role,
        "text": message.text,
        "created_at": message.created_at,
        "client_id": message.client_id,
        "turn": turn,
    }


def citation_json(citation: Citation) -> dict[str, Any]:
    """Return a citation as the protocol has it."""
    url = reverse("passage", args=[citation.passage_id]) if citation.passage_id else None
    return {
        "number": citation.number,
        "kind": citation.kind,
        "title": citation.title,
        "section": citation.section,
        "quote": citation.quote,
        "url": url,
        "version": citation.version_number,
        "page": citation.page,
        "effective_from": citation.effective_from,
    }


def source_json(turn: Turn) -> dict[str, str]:
    """Return where the answer's words come from."""
    return {"kind": turn.source, "provider": turn.provider, "model": turn.model}


def tool_json(call: ToolCall) -> dict[str, Any]:
    """Return a look-up of the model's own; its arguments are masked."""
    return {
        "name": call.name,
        "arguments": call.arguments,
        "outcome": call.outcome,
        "ms": call.ms,
        "round": call.round,
    }


def rating_json(turn: Turn) -> dict[str, Any] | None:
    """Return what the customer thinks of the answer; None where they have not said."""
    rating: Rating | None = getattr(turn, "rating", None)
    if rating is None:
        return None
    return {"value": rating.value, "reasons": rating.reasons, "comment": rating.comment}


def usage_json(turn: Turn) -> dict[str, Any]:
    """Return what the answer took."""
    return {
        "prompt_tokens": turn.prompt_tokens,
        "completion_tokens": turn.completion_tokens,
        "first_token_ms": turn.first_token_ms,
        "total_ms": turn.total_ms,
    }


def final_event(turn: Turn, citations: list[Citation]) -> Event:
    """Return the event that ends a finished turn.

    Args:
        turn: finished, with ``answer`` loaded.
        citations: the answer's, in order.
    """
    message = message_json(turn.answer, turn=turn.id) if turn.answer else None
    if turn.status == Turn.Status.COMPLETED and message is not None:
        return TurnCompleted(
            message=message,
            citations=[citation_json(citation) for citation in citations],
            notices=turn.notices,
            quick_replies=turn.quick_replies,
            source=source_json(turn),
            usage=usage_json(turn),
        )
    if turn.status == Turn.Status.STOPPED:
        return TurnStopped(message=message, citations=[citation_json(citation) for citation in citations])
    return TurnFailed(code=turn.error_code, words=turn.error_words, retryable=turn.error_retryable)
