"""Stage 11: the outcome, in one transaction, only while the attempt is the one that counts."""

from dataclasses import asdict
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from chat.database import in_database
from chat.errors import ChatError
from chat.events.types import Event
from chat.models import Citation, Conversation, Message, ToolCall, Turn
from chat.signals import turn_settled
from chat.turn import state
from chat.turn.alert import flag
from chat.turn.charge import charge, usage_of
from chat.turn.concealment import concealed_exchange
from chat.turn.context import Footnote, TurnContext
from chat.turn.hand_over import note_wish
from chat.turn.outcome import final_event
from chat.turn.tally import count


class Superseded(Exception):
    """Another attempt has taken the turn over; this one changes nothing."""


async def settle(context: TurnContext, error: ChatError | None = None) -> Event:
    """Save the outcome and return the event that tells of it.

    Args:
        context: the attempt, with the text as far as it came.
        error: why there is no answer; none when the answer is whole or was stopped.

    Raises:
        Superseded: the attempt no longer counts.
        DatabaseError: nothing was saved.
    """
    return await in_database(_save, context, error)


def _save(context: TurnContext, error: ChatError | None) -> Event:
    with transaction.atomic():
        turn = Turn.objects.held(context.turn_id, context.attempt).select_for_update().first()
        if turn is None:
            raise Superseded(f"turn {context.turn_id} attempt {context.attempt}")
        keeps_text = error is None and bool(context.text.strip())
        position, revision = _next_position(context, new_messages=int(keeps_text))
        answer = _answer(context, position) if keeps_text else None
        _fill(turn, context, answer, error)
        turn.save()
        flag(turn, context.danger.decision)
        note_wish(turn, context)
        charge(context, error)
        citations = [_citation(turn, note) for note in context.footnotes] if keeps_text else []
        Citation.objects.bulk_create(citations)
        if context.tool_uses:
            ToolCall.objects.bulk_create(_tool_calls(turn, context))
        texts = partial(_masked, context)
        turn_settled.send(sender=Turn, turn=turn, citations=citations, texts=texts)
        # While the conversation's row is held: a deletion waits for it, and clears the cache after us.
        state.remember(context.conversation_id, state.extended(context, revision=revision))
    count(context)
    return final_event(turn, citations)


def _masked(context: TurnContext) -> tuple[str, str]:
    exchange = concealed_exchange(context)
    return exchange.question, exchange.answer


def _next_position(context: TurnContext, *, new_messages: int) -> tuple[int, int]:
    conversation = Conversation.objects.filter(pk=context.conversation_id)
    conversation.update(
        message_count=F("message_count") + new_messages,
        revision=F("revision") + 1,
        last_message_at=timezone.now(),
    )
    return conversation.values_list("message_count", "revision").get()


def _answer(context: TurnContext, position: int) -> Message:
    return Message.objects.create(
        conversation_id=context.conversation_id,
        position=position,
        role=Message.Role.ASSISTANT,
        text=context.text,
        created_at=timezone.now(),
    )


def _fill(turn: Turn, context: TurnContext, answer: Message | None, error: ChatError | None) -> None:
    usage = usage_of(context)
    known: dict[str, Any] = {
        "answer": answer,
        "status": _status(context, error),
        "lease_until": None,
        "finished_at": timezone.now(),
        "final_seq": context.appender.seq + 1,
        "intent": context.intent,
        "language": context.language,
        "slots": context.slots,
        "tone": context.tone,
        "is_urgent": bool(context.mood and context.mood.is_urgent),
        "confidence": context.confidence,
        "grounding": context.grounding,
        "source": context.source,
        "provider": context.provider,
        "model": context.model,
        "prompt_version": context.prompt_version,
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "first_token_ms": context.first_token_ms,
        "total_ms": context.elapsed_ms,
        "stage_ms": context.stage_ms,
        "notices": context.notices,
        "quick_replies": context.quick_replies,
        "claims": context.support.claims,
        "unsupported_claims": context.support.unsupported,
    }
    if error is not None:
        known |= {
            "error_code": error.code,
            "error_words": error.words,
            "error_retryable": error.retryable,
            "source": "",
        }
    for name, value in known.items():
        setattr(turn, name, value)


def _status(context: TurnContext, error: ChatError | None) -> Turn.Status:
    if error is not None:
        return Turn.Status.FAILED
    return Turn.Status.STOPPED if context.stop_requested and not context.whole else Turn.Status.COMPLETED


def _tool_calls(turn: Turn, context: TurnContext) -> list[ToolCall]:
    return [
        ToolCall(turn=turn, number=number, **asdict(use)) for number, use in enumerate(context.tool_uses, 1)
    ]


def _citation(turn: Turn, note: Footnote) -> Citation:
    evidence = note.evidence
    hit, fact = evidence.hit, evidence.fact
    return Citation(
        turn=turn,
        number=note.number,
        kind=Citation.Kind.PASSAGE if hit else Citation.Kind.RECORD,
        passage_id=hit.passage_id if hit else None,
        record_key=fact.key if fact else "",
        title=evidence.source.title,
        section=evidence.source.section,
        quote=evidence.source.text,
        version_number=hit.version_number if hit else None,
        page=hit.page if hit else None,
        effective_from=hit.effective_from if hit else None,
    )
