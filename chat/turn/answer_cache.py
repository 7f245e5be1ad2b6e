"""Stage 5: an answer already written from exactly these grounds.

The key is a digest of everything the answer depends on, the passages' words included. A changed, added,
withdrawn or expired policy changes what is found and with it the key: nothing stale can be served, and
nothing has to be invalidated.
"""

import hashlib
import json
import re
from contextlib import suppress
from typing import Any

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
    if not (context.cache_key and is_whole and context.provider == context.cache_provider):
        return
    text = NO_ANSWER if is_insufficient else context.raw_text
    answer = {"text": text, "provider": context.provider, "model": context.model}
    cache.set(context.cache_key, answer, settings.ANSWER_CACHE_SECONDS)


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
        context.language,
        context.sure,
        normalised(context.question),
        [[item.source.title, item.source.section, item.source.text] for item in context.evidence],
    ]
    return "answer:" + hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def normalised(question: str) -> str:
    """Return the question without case, punctuation and extra space."""
    return " ".join(re.findall(r"\w+", question.casefold()))


def _may_be_shared(context: TurnContext) -> bool:
    """Tell whether the answer is made of public policy alone: no record, no earlier words of the person."""
    return (
        settings.ANSWER_CACHE_SECONDS > 0
        and not context.state.exchanges
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
