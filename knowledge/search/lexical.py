"""Rank passages by words: BM25 over the postings, the same to the last digit on SQLite and PostgreSQL."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from knowledge.search import index, scoring
from knowledge.search.bm25 import UNIT
from knowledge.search.question import SCALE, Asked, weigh_question
from knowledge.search.snapshot import snapshot
from knowledge.search.visibility import Reader, visible, visible_to

__all__ = ["Found", "Ranking", "rank", "visible"]

EARLIER_TRUST = 0.3  # how far a match with earlier turns speaks for an answer to this question


@dataclass(frozen=True, slots=True)
class Found:
    """A passage with the score it is ranked by."""

    passage_id: int
    score: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """Passages, best first, and how far the first speaks for an answer (0 for none).

    ``revision`` is the library's; ``corrected`` the words taken for mistyped ones, with what was meant.
    """

    found: tuple[Found, ...]
    confidence: float
    revision: int
    corrected: dict[str, str] = field(default_factory=dict)


def rank(
    text: str,
    *,
    history: Sequence[str] = (),
    language: str = "en",
    on: date,
    audience: str,
    categories: Sequence[str] = (),
    languages: Sequence[str] = (),
    documents: Sequence[str] = (),
    limit: int,
) -> Ranking:
    """Rank up to ``limit`` passages in force on the day ``on`` that ``audience`` may read.

    ``history`` is the earlier turns, oldest first; ``categories``, ``languages`` and ``documents`` (slugs)
    restrict what is searched when they name something. Equal scores are ordered by passage id. The terms
    looked up and the passages scored are of one state of the library.
    """
    reader = Reader(on, audience, tuple(categories), tuple(languages), tuple(documents))
    with snapshot():
        revision, shelves = index.shelves()
        shelves = {shelf: held for shelf, held in shelves.items() if reader.reads(shelf)}
        asked = weigh_question(text, "\n".join(history), language, shelves)
        blocks = {block: number for held in shelves.values() for block, number in held.blocks.items()}
        shown = _shown(asked, blocks, reader, limit)
        confidence = _confidence(asked, *shown[0]) if shown else 0.0
    found = tuple(Found(passage_id, score / UNIT / SCALE) for passage_id, score in shown)
    return Ranking(found, confidence, revision, asked.corrected)


def _shown(asked: Asked, blocks: dict[int, int], reader: Reader, limit: int) -> list[tuple[int, int]]:
    """Return id and score of the best passages that may be shown, looking deeper while they are too few."""
    shown: list[tuple[int, int]] = []
    if not asked.terms or limit < 1:
        return shown
    for offered, are_all in scoring.offers(asked.terms, blocks):
        seen = visible_to(reader, [passage_id for passage_id, _ in offered])
        shown = [one for one in offered if one[0] in seen]
        if len(shown) >= limit or are_all:
            break
    return shown[:limit]


def _confidence(asked: Asked, passage_id: int, score: int) -> float:
    """Return the score with the part that only the earlier turns gave counted for less."""
    earlier = {term.term: term.total - term.own for term in asked.terms if term.total > term.own}
    if earlier:
        score -= round((1 - EARLIER_TRUST) * scoring.given_to(passage_id, earlier))
    return score / UNIT / SCALE
