"""Stage 5: an answer already written from exactly these grounds.

The key is a digest of everything the answer depends on, the passages' words included. A changed, added,
withdrawn or expired policy changes what is found and with it the key: nothing stale can be served, and
nothing has to be invalidated.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.cache import cache

from chat.database import in_database
from chat.llm.base import Provider, Usage
from chat.llm.registry import providers
from chat.models import Turn
from chat.turn.context import Reply, TurnContext
from chat.turn.prompt_files import prompt_version
from chat.turn.verdict import NO_ANSWER

HITS = "answer-cache:hits"
MISSES = "answer-cache:misses"
GONE_SECONDS = 600  # longer than an attempt goes on after its conversation was deleted


async def look_up(context: TurnContext) -> None:
    """Set the reply when this answer has been written before; otherwise the key to keep it under."""
    if context.reply is not None or not _may_be_shared(context):
        return
    first = providers()[0]
    context.cache_key = key_of(context, first)
    context.cache_provider = first.name
    context.reply = await in_database(_counted, context.cache_key)


def keep(context: TurnContext, *, is_insufficient: bool = False) -> None:
    """Keep an answer, or the verdict that there is none, of the provider whose name is in the key."""
    is_whole = context.source == Turn.Source.MODEL and context.finish == "stop"
    if context.tool_uses:  # what was looked up is not in the key, and may be the person's own
        return
    if not (context.cache_key and is_whole and context.provider == context.cache_provider):
        return
    text = NO_ANSWER if is_insufficient else context.raw_text
    answer = {"text": text, "provider": context.provider, "model": context.model}
    cache.set(context.cache_key, answer, settings.ANSWER_CACHE_SECONDS)
    cache.set(_written_in(context.conversation_id), context.cache_key, settings.ANSWER_CACHE_SECONDS)
    if cache.get(_gone(context.conversation_id)):  # deleted while the answer was written
        cache.delete_many([context.cache_key, _written_in(context.conversation_id)])


def forget(conversations: Iterable[UUID]) -> None:
    """Drop the answers that were written to questions of deleted conversations.

    They are made of public passages, but a model may have taken up words of the question. One answer at most
    is shared of a conversation, since only its first question stands by itself.
    """
    gone = list(conversations)
    cache.set_many({_gone(conversation): 1 for conversation in gone}, GONE_SECONDS)
    pointers = [_written_in(conversation) for conversation in gone]
    cache.delete_many([*pointers, *cache.get_many(pointers).values()])


def _written_in(conversation: UUID) -> str:
    return f"conversation-answer:{conversation}"


def _gone(conversation: UUID) -> str:
    return f"conversation-gone:{conversation}"


def kept(key: str) -> Reply | None:
    """Return the answer kept under ``key`` as a reply."""
    stored = cache.get(key)
    if stored is None:
        return None
    return Reply(
        text=stored["text"],
        source=Turn.Source.CACHE,
        provider=stored["provider"],
        model=stored["model"],
        usage=Usage(),
    )


def key_of(context: TurnContext, first: Provider) -> str:
    """Return the digest of all that the answer is made from, the first provider of the chain included."""
    parts: list[Any] = [
        prompt_version(),
        first.name,
        first.model,
        first.takes_tools and settings.TOOL_ROUNDS > 0,  # one that may look further says less often: nothing
        context.language,
        context.sure,
        *context.strategy.shape,  # an answer to somebody angry is nobody's who is calm
        normalised(context.question),
        [[item.source.title, item.source.section, item.source.text] for item in context.evidence],
    ]
    return "answer:" + hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def normalised(question: str) -> str:
    """Return the question without case, punctuation and extra space."""
    return " ".join(re.findall(r"\w+", question.casefold()))


def _may_be_shared(context: TurnContext) -> bool:
    """Tell whether the answer is made of public policy alone: no record, no earlier or personal words of
    the person."""
    return (
        settings.ANSWER_CACHE_SECONDS > 0
        and not context.state.exchanges
        and not context.concealed.is_personal
        and bool(context.evidence)
        and all(item.hit is not None for item in context.evidence)
    )


def _counted(key: str) -> Reply | None:
    reply = kept(key)
    counter = HITS if reply is not None else MISSES
    if not cache.add(counter, 1, None):
        with suppress(ValueError):  # evicted between the two calls: the count begins anew
            cache.incr(counter)
    return reply
