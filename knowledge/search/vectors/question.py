"""Embed a question and its earlier turns, quickly or not at all: a question never waits long for its meaning.

What has been asked before comes from the cache. While the endpoint is away a breaker keeps each question from
waiting for it, and search goes by words alone.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from django.conf import settings
from django.core.cache import cache
from django.core.signals import setting_changed

from knowledge.search.vectors import configured, serves
from knowledge.search.vectors.breaker import Breaker
from knowledge.search.vectors.embedder import embedder
from knowledge.search.vectors.errors import EmbeddingError

FAILURES = 3  # in a row, then the endpoint is left alone …
PAUSE_SECONDS = 30.0  # … for so long
CACHE_SECONDS = 86_400
MOST_EARLIER = 4  # earlier turns that are embedded, the last ones
THREADS = 16  # questions that may wait for the endpoint at once, in one process

# Not the threads that work for the database: none of those should wait for a network.
_threads = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="embedding")
breaker = Breaker(FAILURES, PAUSE_SECONDS)


@dataclass(frozen=True, eq=False, slots=True)
class Meaning:
    """A question's unit vector by one model, and those of the earlier turns (one row each, oldest first)."""

    model: str
    question: np.ndarray
    earlier: np.ndarray


async def meaning_of(text: str, history: Sequence[str], language: str) -> Meaning | None:
    """Return what the embedding model makes of a question; None when words alone must do.

    That is for a language the model does not serve, and when the endpoint fails or does not answer within
    ``EMBEDDINGS_QUESTION_SECONDS``, the wait for a thread included.
    """
    if not _can_be_embedded(text, language):
        return None
    step = asyncio.get_running_loop().run_in_executor(_threads, _embed, text, tuple(history))
    try:
        return await asyncio.wait_for(step, settings.EMBEDDINGS_QUESTION_SECONDS)
    except TimeoutError:
        return None  # the thread notes it for itself, once; one that still waited for a thread is dropped


def meaning_now(text: str, history: Sequence[str], language: str) -> Meaning | None:
    """Do the same in the calling thread, for commands and staff tools."""
    return _embed(text, tuple(history)) if _can_be_embedded(text, language) else None


def _can_be_embedded(text: str, language: str) -> bool:
    return configured() and serves(language) and bool(text.strip())


def _embed(text: str, history: tuple[str, ...]) -> Meaning | None:
    """Return the meaning, from the cache or by one request for all that is not in it."""
    turns = [turn for turn in history if turn.strip()][-MOST_EARLIER:]
    texts = list(dict.fromkeys(_normalised(one) for one in (*turns, text)))
    known = _cached(texts)
    missing = [one for one in texts if one not in known]
    if missing:
        fresh = _ask(missing)
        if fresh is None:
            return None
        known |= fresh
    rows = [known[_normalised(turn)] for turn in turns]
    question = known[_normalised(text)]
    if any(row.shape != question.shape for row in rows):
        rows = []  # kept from before the model changed its dimension
    earlier = np.stack(rows) if rows else np.empty((0, question.size), np.float32)
    return Meaning(settings.EMBEDDINGS_MODEL, question, earlier)


def _ask(texts: list[str]) -> dict[str, np.ndarray] | None:
    if not breaker.allows():
        return None
    prefix = settings.EMBEDDINGS_QUESTION_PREFIX
    try:
        rows = embedder().embed(
            [f"{prefix} {text}" if prefix else text for text in texts],
            seconds=settings.EMBEDDINGS_QUESTION_SECONDS,
        )
    except EmbeddingError as error:
        breaker.failed(str(error))
        return None
    breaker.succeeded()
    fresh = dict(zip(texts, rows, strict=True))
    cache.set_many({_key(text): row.tobytes() for text, row in fresh.items()}, CACHE_SECONDS)
    return fresh


def _cached(texts: Sequence[str]) -> dict[str, np.ndarray]:
    keys = {_key(text): text for text in texts}
    return {keys[key]: np.frombuffer(kept, np.float32) for key, kept in cache.get_many(keys).items() if kept}


def _key(text: str) -> str:
    parts = "\0".join((settings.EMBEDDINGS_MODEL, settings.EMBEDDINGS_QUESTION_PREFIX, text))
    return "question-vector:" + hashlib.sha256(parts.encode()).hexdigest()


def _normalised(text: str) -> str:
    return " ".join(text.casefold().split())


def _forget(*, setting: str, **_: object) -> None:
    """Try again when a test changes a setting."""
    if setting.startswith("EMBEDDINGS_"):
        breaker.succeeded()


setting_changed.connect(_forget)
