"""Words and meaning together: two lists of passages joined by their scores.

Each list is divided by its best score and the two are added with equal weights. On the measured sets that was
better than joining by ranks (reciprocal rank fusion), and better than either list alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import structlog
from django.conf import settings

from knowledge.search import lexical
from knowledge.search.lexical import Found, Ranking
from knowledge.search.vectors import pgvector, store
from knowledge.search.vectors.faiss_index import faiss_index
from knowledge.search.vectors.nearness import confidence, nearness
from knowledge.search.vectors.question import Meaning
from knowledge.search.vectors.store import Known
from knowledge.search.visibility import Reader, visible_to

logger = structlog.get_logger(__name__)

CANDIDATES = 50  # of each list
LOOK_FURTHER = 8  # times as many vectors, when the reader may see too few of the nearest
MEANING_WEIGHT = 0.5  # the rest is the words'
# Of the earlier turns' meaning beside the question's: more than with words, as a short follow-up has a vector
# as long as any other. Tried with the tests' embedder only (0.2 lost, 1.0 won); a real model may differ.
EARLIER_WEIGHT = 0.6
DIGITS = 6  # of a cosine; what is closer than that is a tie, whatever the order of adding up was


@dataclass(frozen=True, slots=True)
class _Near:
    """A passage with its cosine to question and earlier turns together, and to the question alone."""

    passage_id: int
    cosine: float
    own: float


def rank(
    text: str,
    meaning: Meaning,
    *,
    history: Sequence[str] = (),
    language: str = "en",
    reader: Reader,
    limit: int,
) -> Ranking:
    """Rank up to ``limit`` passages that ``reader`` may see by words and meaning together.

    The confidence is that of the words, or that of the meaning where this is higher and near enough to count
    (see ``nearness``). Scores are on the scale of the confidence; equal ones are ordered by passage id.
    """
    by_words = lexical.rank(
        text,
        history=history,
        language=language,
        on=reader.on,
        audience=reader.audience,
        categories=reader.categories,
        languages=reader.languages,
        documents=reader.documents,
        limit=max(limit, CANDIDATES),
    )
    known = store.known(meaning.model)
    near = _nearest(known, meaning, reader) if known else []
    if not known or not near:
        return replace(by_words, found=by_words.found[:limit])
    of_meaning = confidence(nearness(max(one.own for one in near), known.nearest))
    sure = max(by_words.confidence, of_meaning)
    scale = max(sure, by_words.found[0].score if by_words.found else 0.0)
    found = _fuse(by_words.found, near, scale)
    return replace(by_words, found=tuple(found[:limit]), confidence=sure)


def load() -> None:
    """Read the vectors into this process's index, where it is this that questions are answered from."""
    known = store.known(settings.EMBEDDINGS_MODEL)
    if known and not pgvector.is_ready(known.model):
        faiss_index.refresh(known)


def _fuse(by_words: Sequence[Found], near: Sequence[_Near], scale: float) -> list[Found]:
    """Return all passages of both lists, best first, the best with the score ``scale``."""
    fused: dict[int, float] = {}
    for weight, scores in (
        (1 - MEANING_WEIGHT, {one.passage_id: one.score for one in by_words}),
        (MEANING_WEIGHT, {one.passage_id: one.cosine for one in near}),
    ):
        best = max(scores.values(), default=0.0)
        if best <= 0:
            continue
        for passage_id, score in scores.items():
            fused[passage_id] = fused.get(passage_id, 0.0) + weight * max(score, 0.0) / best
    best = max(fused.values(), default=1.0)
    found = [
        Found(passage_id, round(scale * score / best, DIGITS))
        for passage_id, score in fused.items()
        if score > 0
    ]
    return sorted(found, key=lambda one: (-one.score, one.passage_id))


def _nearest(known: Known, meaning: Meaning, reader: Reader) -> list[_Near]:
    """Return the nearest passages that the reader may see, looking further while they are too few."""
    if meaning.question.size != known.dimension:
        logger.warning("vectors_of_two_lengths", question=meaning.question.size, passages=known.dimension)
        return []
    wanted = _with_earlier(meaning)
    count = CANDIDATES + CANDIDATES // 2
    while True:
        vector_ids = [pk for pk, _ in _candidates(known, wanted, count)]
        by_vector = store.passages_of(vector_ids)
        seen = visible_to(reader, list(by_vector.values()))
        shown = [by_vector[pk] for pk in vector_ids if by_vector.get(pk) in seen][:CANDIDATES]
        if len(shown) == CANDIDATES or len(vector_ids) < count:
            break
        count *= LOOK_FURTHER
    return _measured(known, meaning.question, wanted, shown)


def _candidates(known: Known, wanted: np.ndarray, count: int) -> list[tuple[int, float]]:
    if pgvector.is_ready(known.model):
        return pgvector.nearest(known, wanted, count, store.served_languages())
    return faiss_index.nearest(known, wanted, count)


def _with_earlier(meaning: Meaning) -> np.ndarray:
    """Return the question's vector turned a little towards the earlier turns."""
    if not len(meaning.earlier):
        return meaning.question
    earlier = meaning.earlier.mean(axis=0)
    both = meaning.question + EARLIER_WEIGHT * earlier / max(float(np.linalg.norm(earlier)), 1e-6)
    return both / max(float(np.linalg.norm(both)), 1e-6)


def _measured(known: Known, question: np.ndarray, wanted: np.ndarray, shown: Sequence[int]) -> list[_Near]:
    """Return the passages with cosines computed from the stored vectors: the same whatever found them."""
    passage_ids, rows = store.of_passages(known.model, known.dimension, shown)
    exact = rows.astype(np.float64)
    cosines = np.round(exact @ wanted.astype(np.float64), DIGITS)
    own = np.round(exact @ question.astype(np.float64), DIGITS)
    return [_Near(*one) for one in zip(passage_ids, cosines.tolist(), own.tolist(), strict=True)]
