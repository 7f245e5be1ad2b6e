"""The state of a conversation between its turns, kept in the cache and made anew from the database."""

import json
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.cache import cache

from chat.models import Citation, Conversation, Turn
from chat.sealing import Seal, Unreadable
from chat.turn import concealment
from chat.turn.context import ConversationState, Exchange, TurnContext

MOST_EXCHANGES = 6
MOST_CHARACTERS = 1_500
# Questions and answers have placeholders in it, but slots and record keys name the person's own booking.
_SEAL = Seal("conversation-state")


def cache_key(conversation: UUID) -> str:
    """Return the cache key of a conversation's state."""
    return f"conversation-state:{conversation}"


def load(conversation: UUID, revision: int) -> ConversationState:
    """Return the state at ``revision``: the cached one if it is that, else one made from the database."""
    if revision == 0:
        return ConversationState()  # nothing is settled yet
    cached = _opened(conversation)
    if cached is not None and cached["revision"] == revision:
        return _from_json(cached)
    state = _rebuild(conversation, revision)
    state.exchanges = concealment.conceal_exchanges(conversation, state.exchanges)
    remember(conversation, state)
    if not Conversation.objects.filter(pk=conversation).exists():
        forget(conversation)  # deleted while it was read; its deletion may have cleared the cache before
    return state


def remember(conversation: UUID, state: ConversationState) -> None:
    """Put the state where every process finds it."""
    sealed = _SEAL.close(json.dumps(asdict(state)).encode(), str(conversation))
    cache.set(cache_key(conversation), sealed, settings.CONVERSATION_STATE_SECONDS)


def forget(conversation: UUID) -> None:
    """Drop the state of a deleted conversation."""
    cache.delete(cache_key(conversation))


def extended(context: TurnContext, *, revision: int) -> ConversationState:
    """Return the state that follows from the context's turn having been settled at ``revision``."""
    before = context.state
    masked = concealment.concealed_exchange(context)
    exchange = Exchange(masked.question[:MOST_CHARACTERS], masked.answer[:MOST_CHARACTERS])
    cited = [note.evidence.fact.key for note in context.footnotes if note.evidence.fact]
    return ConversationState(
        revision=revision,
        exchanges=[*before.exchanges, exchange][-MOST_EXCHANGES:],
        questions=before.questions + 1,
        language=context.language,
        slots={**before.slots, **context.slots},
        record_keys=cited or before.record_keys,
        sentiment=context.tone or before.sentiment,
    )


def _opened(conversation: UUID) -> dict[str, Any] | None:
    """Return the cached state; None where there is none that this desk has written and can read."""
    sealed = cache.get(cache_key(conversation))
    if not isinstance(sealed, bytes):
        return None
    try:
        return json.loads(_SEAL.open(sealed, str(conversation)))
    except Unreadable:
        return None


def _from_json(stored: dict[str, Any]) -> ConversationState:
    return ConversationState(
        **{**stored, "exchanges": [Exchange(**exchange) for exchange in stored["exchanges"]]}
    )


def _rebuild(conversation: UUID, revision: int) -> ConversationState:
    finished = Turn.objects.filter(conversation_id=conversation).exclude(status__in=Turn.UNFINISHED)
    newest = list(finished.select_related("question", "answer").order_by("-position")[:MOST_EXCHANGES])
    state = ConversationState(revision=revision, questions=finished.count())
    for turn in reversed(newest):
        answer = turn.answer.text[:MOST_CHARACTERS] if turn.answer else ""
        state.exchanges.append(Exchange(turn.question.text[:MOST_CHARACTERS], answer))
        state.slots.update(turn.slots)
        state.language = turn.language or state.language
        state.sentiment = turn.tone or state.sentiment
    for turn in newest:
        keys = Citation.objects.filter(turn=turn, kind=Citation.Kind.RECORD)
        state.record_keys = list(keys.values_list("record_key", flat=True))
        if state.record_keys:
            break
    return state
