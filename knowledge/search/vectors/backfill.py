"""Give passages their vectors: in the background after a publication, every few minutes, and by command.

A run goes over the passages that lack a vector, a batch at a time, each batch in a transaction of its own.
Broken off anywhere it loses no batch that was kept, and the next run goes on from there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count

import numpy as np
import structlog
from django.conf import settings

from knowledge.models import Passage, Vector, VectorSet
from knowledge.run_lock import RunLock
from knowledge.search.vectors import configured, pgvector, store
from knowledge.search.vectors.embedder import ATTEMPTS, embedder
from knowledge.search.vectors.errors import EmbeddingError, MalformedVectors, TextRefused
from knowledge.search.vectors.nearness import PROBES
from knowledge.search.vectors.state import note_trouble

logger = structlog.get_logger(__name__)

MOST_CHARACTERS = 100_000  # in one request, below every known limit in tokens
LEAST_CHARACTERS = 200  # a text refused at this length is refused for what it says
RUN = RunLock("embedding-run")

Progress = Callable[[int], None]


@dataclass(slots=True)
class Outcome:
    """What a run did: passages that got a vector, and those whose text the endpoint does not take."""

    embedded: int = 0
    refused: list[int] = field(default_factory=list)


def run(progress: Progress | None = None) -> Outcome:
    """Embed every passage that lacks a vector by the present model.

    Args:
        progress: called with the number of passages embedded, after every batch.

    Raises:
        EmbeddingError: the endpoint could not be used; what was embedded before is kept.
    """
    outcome = Outcome()
    if not configured():
        return outcome
    pgvector.prepare()
    pgvector.fill(settings.EMBEDDINGS_MODEL)
    # Until a pass finds nothing new: meanwhile something may have been published behind the place reached.
    while _pass(outcome, progress):
        pass
    if outcome.embedded:
        pgvector.refresh_statistics()
        pgvector.index(settings.EMBEDDINGS_MODEL, _vector_set().dimension)
    return outcome


def run_in_background() -> None:
    """Do the same unless another process is at it; never raises for a failing endpoint, only notes it."""
    if configured():
        RUN.run(_run)


def _run() -> bool:
    try:
        outcome = run(lambda _: RUN.is_alive())
    except EmbeddingError as error:
        logger.warning("passages_not_embedded", reason=str(error))
        note_trouble(error)
        return False
    note_trouble(None)
    logger.info("passages_embedded", passages=outcome.embedded, refused=outcome.refused[:20])
    return True


def begin_anew() -> int:
    """Drop every vector of the present model, once the endpoint has shown that it works; return how many.

    Raises:
        EmbeddingError: the endpoint could not be used; everything is as it was.
    """
    _embed_probes()
    return store.forget_model(settings.EMBEDDINGS_MODEL)


def prune() -> int:
    """Drop the vectors of every other model than the present one; return how many."""
    dropped = 0
    for model in store.other_models(settings.EMBEDDINGS_MODEL):
        dimensions = Vector.objects.filter(model=model).order_by().values_list("dimension", flat=True)
        for dimension in set(dimensions.distinct()):
            pgvector.drop_index(model, dimension)
        dropped += store.forget_model(model)
    return dropped


def text_of(passage: Passage) -> str:
    """Return what of a passage is embedded: its title path and its text."""
    text = f"{passage.heading}\n{passage.text}" if passage.heading else passage.text
    prefix = settings.EMBEDDINGS_PASSAGE_PREFIX
    return f"{prefix} {text}" if prefix else text


def _pass(outcome: Outcome, progress: Progress | None) -> bool:
    """Go once over the passages without a vector, by rising id; say whether any was embedded."""
    before = outcome.embedded
    last, refused = 0, []
    while batch := _batch(last):
        last = batch[-1].pk
        of = _vector_set()
        passages, rows, without = _embed(batch, of.dimension, is_proven=outcome.embedded > 0)
        refused += without
        if passages:
            outcome.embedded += store.save(of, passages, rows)
        if progress:
            progress(outcome.embedded)
    outcome.refused = refused
    return outcome.embedded > before


def _batch(last: int) -> list[Passage]:
    passages = store.missing(settings.EMBEDDINGS_MODEL).filter(pk__gt=last).only("pk", "heading", "text")
    batch, characters = [], 0
    for passage in passages[: settings.EMBEDDINGS_BATCH]:
        characters += len(text_of(passage))
        if batch and characters > MOST_CHARACTERS:
            break
        batch.append(passage)
    return batch


def _vector_set() -> VectorSet:
    known = VectorSet.objects.filter(model=settings.EMBEDDINGS_MODEL).first()
    return known or store.open_set(settings.EMBEDDINGS_MODEL, _embed_probes())


def _embed_probes() -> np.ndarray:
    prefix = settings.EMBEDDINGS_QUESTION_PREFIX
    texts = [f"{prefix} {probe}" if prefix else probe for probe in PROBES]
    size = settings.EMBEDDINGS_BATCH
    parts = [_ask(texts[first : first + size]) for first in range(0, len(texts), size)]
    return np.concatenate(parts)


def _ask(texts: Sequence[str], dimension: int | None = None) -> np.ndarray:
    return embedder().embed(
        texts, seconds=settings.EMBEDDINGS_SECONDS, dimension=dimension, attempts=ATTEMPTS
    )


def _embed(
    batch: Sequence[Passage], dimension: int, *, is_proven: bool
) -> tuple[list[Passage], np.ndarray, list[int]]:
    """Return the passages embedded, their vectors, and the ids of those whose text is refused.

    A batch that is refused is halved until the text is found that is too much, so that one passage does not
    keep the others from their vectors. Where nothing was accepted so far (``is_proven``), a plain sentence is
    tried: an endpoint that refuses even that is at fault, not the text, and its refusal is raised.
    """
    try:
        return list(batch), _ask([text_of(passage) for passage in batch], dimension), []
    except (TextRefused, MalformedVectors):
        if len(batch) == 1:
            return _embed_shortened(batch[0], dimension, is_proven=is_proven)
    done: list[Passage] = []
    rows: list[np.ndarray] = []
    refused: list[int] = []
    middle = len(batch) // 2
    for half in (batch[:middle], batch[middle:]):
        embedded, vectors, without = _embed(half, dimension, is_proven=is_proven or bool(done))
        done += embedded
        rows.append(vectors)
        refused += without
    return done, np.concatenate(rows), refused


def _embed_shortened(
    passage: Passage, dimension: int, *, is_proven: bool
) -> tuple[list[Passage], np.ndarray, list[int]]:
    """Embed as much of one passage as the endpoint takes: its beginning tells most of what it is about."""
    text = text_of(passage)
    for halvings in count(1):
        length = len(text) >> halvings
        try:
            return [passage], _ask([text[: max(length, 1)]], dimension), []
        except (TextRefused, MalformedVectors):
            if length > LEAST_CHARACTERS:
                continue
            if not is_proven:
                _ask(PROBES[:1], dimension)  # raises where the endpoint takes nothing at all
            return [], np.empty((0, dimension), np.float32), [passage.pk]
    raise AssertionError("the loop above ends by itself")
