"""Rank passages by words: BM25 over the postings, the same to the last digit on SQLite and PostgreSQL."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from knowledge.search import index, opensearch, scoring
from knowledge.search.bm25 import UNIT
from knowledge.search.question import SCALE, Asked, weigh_question
from knowledge.search.snapshot import snapshot
from knowledge.search.visibility import Reader, places, visible

__all__ = ["Found", "Ranking", "rank", "visible"]

EARLIER_TRUST = 0.3  # how far a match with earlier turns speaks for an answer to this question
# Hundredths of a passage's score added for what surrounds it. All three figures are measured.
COMPANY = 25  # of the best other passage of the document: where much fits, the subject is right
BEGINNING = 6  # of its own, for the beginning of a document, when a conversation begins


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
        asked = replace(asked, terms=scoring.affordable(asked.terms))
        blocks = {block: number for held in shelves.values() for block, number in held.blocks.items()}
        shown = _shown(asked, blocks, reader, limit, revision)
        confidence = _confidence(asked, shown)
    found = tuple(Found(one.passage_id, one.ranked / UNIT / SCALE) for one in shown)
    return Ranking(found, confidence, revision, asked.corrected)


@dataclass(frozen=True, slots=True)
class _Shown:
    """A passage that may be shown: what its own terms give it, and what it is ranked by."""

    passage_id: int
    own: int
    ranked: int


def _shown(asked: Asked, blocks: dict[int, int], reader: Reader, limit: int, revision: int) -> list[_Shown]:
    """Return the best passages that may be shown, looking deeper while they are too few."""
    shown: list[_Shown] = []
    if not asked.terms or limit < 1:
        return shown
    for offered, are_all in _offers(asked, blocks, reader, limit + limit // 2, revision):
        seen = places(reader, [passage_id for passage_id, _ in offered])
        among = [
            (passage_id, score, *seen[passage_id]) for passage_id, score in offered if passage_id in seen
        ]
        shown = _in_company(among, begins=not asked.goes_on)
        if len(shown) >= limit or are_all:
            break
    return shown[:limit]


def _offers(
    asked: Asked, blocks: dict[int, int], reader: Reader, least: int, revision: int
) -> Iterator[tuple[list[tuple[int, int]], bool]]:
    """Yield the best passages with their scores, each time more, from whichever engine has them."""
    if opensearch.is_chosen():
        from knowledge.search.opensearch import asking

        offered = asking.offers(asked.terms, reader, revision, least)
        if offered is not None:
            yield offered
            if offered[1]:
                return
    yield from scoring.offers(asked.terms, blocks, least)


def _in_company(among: Sequence[tuple[int, int, int, int]], *, begins: bool) -> list[_Shown]:
    """Rank passages (id, score, version and position; best first) with what surrounds each counted in."""
    best: dict[int, list[int]] = {}
    for _, score, version, _ in among:
        best.setdefault(version, []).append(score)
    shown = []
    for passage_id, score, version, position in among:
        first, *others = best[version]
        other = first if score < first else next(iter(others), 0)
        beginning = BEGINNING * score if begins and position == 1 else 0
        shown.append(_Shown(passage_id, score, score + (COMPANY * other + beginning) // 100))
    return sorted(shown, key=lambda one: (-one.ranked, one.passage_id))


def _confidence(asked: Asked, shown: Sequence[_Shown]) -> float:
    """Return the best score, its part that only the earlier turns gave counted for less; 0 for none."""
    if not shown:
        return 0.0
    best = min(shown, key=lambda one: (-one.own, one.passage_id))
    score = best.own
    if asked.goes_on:
        earlier = {term.term: term.total - term.own for term in asked.terms if term.total > term.own}
        score -= round((1 - EARLIER_TRUST) * scoring.given_to(best.passage_id, earlier))
    return score / UNIT / SCALE
