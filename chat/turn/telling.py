"""What the log and the trace say of an attempt: one line when it begins, one when the turn has ended."""

import structlog
from django.utils import timezone

from chat.errors import ChatError
from chat.events.types import Event
from chat.spans import Span, span
from chat.turn.context import TurnContext

logger = structlog.get_logger(__name__)


def turn_span(context: TurnContext) -> Span:
    """Return the span of an attempt; its stages are opened inside."""
    attributes = {
        "chatsite.turn.id": str(context.turn_id),
        "chatsite.turn.attempt": context.attempt,
        "gen_ai.conversation.id": str(context.conversation_id),
    }
    return span("turn", attributes, kind="consumer")


def begun(context: TurnContext) -> None:
    """Tell that an attempt begins; a later one takes the turn over from a carrier that was lost."""
    waited_ms = round((timezone.now() - context.asked_at).total_seconds() * 1000)
    if context.attempt == 1:
        logger.info("turn_started", conversation=str(context.conversation_id), waited_ms=waited_ms)
    else:
        logger.warning("turn_taken_over", conversation=str(context.conversation_id), waited_ms=waited_ms)


def ended(context: TurnContext, error: ChatError | None, final: Event, whole: Span) -> None:
    """Tell how a turn has ended: once, by the process that ran it to its end."""
    source, usage = str(context.source) if error is None else "", context.usage
    outcome = final.type.removeprefix("turn.")
    logger.info(
        "streaming_request_complete", outcome=outcome, error_code=error.code if error else None,
        intent=context.intent, source=source, provider=context.provider, model=context.model,
        latency_ms=context.elapsed_ms, first_token_ms=context.first_token_ms, chunks=context.chunks,
        prompt_tokens=usage.prompt_tokens, completion_tokens=usage.completion_tokens,
    )  # fmt: skip
    if not whole.is_recorded:
        return
    whole.set(
        {
            "chatsite.turn.outcome": outcome,
            "chatsite.turn.intent": context.intent,
            "chatsite.turn.source": source,
            "chatsite.turn.provider": context.provider,
            "chatsite.turn.chunks": context.chunks,
        }
    )
    if context.first_token_ms is not None:
        whole.set({"chatsite.turn.first_token_ms": context.first_token_ms})
    if error is not None:
        whole.failed(error.code)
