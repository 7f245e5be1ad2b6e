"""From a question to ranked passages and a confidence.

``search`` is all that others need. ``terms`` makes stems, ``bm25`` weighs them, ``index`` keeps the postings
when documents are published, ``lexical`` scores.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils import timezone

from knowledge.models import Audience, Passage
from knowledge.search import lexical
from knowledge.search.index import index_state
from knowledge.search.lexical import Found

__all__ = ["Hit", "Query", "Results", "index_state", "search"]


@dataclass(frozen=True, slots=True)
class Query:
    """A question. ``history`` is the conversation's earlier turns, oldest first; ``on`` None means today."""

    text: str
    history: tuple[str, ...] = ()
    language: str = "en"
    on: date | None = None
    audience: str = Audience.PUBLIC
    limit: int = 5


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found, with what is needed to quote and cite it."""

    passage_id: int
    version_id: int
    version_number: int
    document_id: UUID
    slug: str
    title: str
    category: str
    heading: str
    text: str
    language: str
    effective_from: date | None
    page: int | None
    score: float


@dataclass(frozen=True, slots=True)
class Results:
    """The passages found, best first, and the confidence in the first: 0 when there is none.

    A confidence near 3 is doubtful and above 4 good, whatever the length of the question or the size of the
    library. ``revision`` is the library's, for caches.
    """

    hits: tuple[Hit, ...]
    score: float
    revision: int


def search(query: Query) -> Results:
    """Find the passages that fit a question, among those in force on its day and readable by its audience.

    Synchronous; an empty library or a question without usable words gives no hits and score 0.
    """
    ranking = lexical.rank(
        query.text,
        history=query.history,
        language=query.language,
        on=query.on or timezone.localdate(),
        audience=query.audience,
        limit=query.limit,
    )
    return Results(_hits(ranking.found), ranking.confidence, ranking.revision)


def _hits(found: Sequence[Found]) -> tuple[Hit, ...]:
    """Load the passages; one deleted in this very moment is left out."""
    passages = Passage.objects.select_related("version__document").defer("version__text")
    passages = passages.in_bulk([one.passage_id for one in found])
    return tuple(_hit(passages[one.passage_id], one.score) for one in found if one.passage_id in passages)


def _hit(passage: Passage, score: float) -> Hit:
    version, document = passage.version, passage.version.document
    return Hit(
        passage_id=passage.pk,
        version_id=version.pk,
        version_number=version.number,
        document_id=document.pk,
        slug=document.slug,
        title=document.title,
        category=document.category,
        heading=passage.heading,
        text=passage.text,
        language=document.language,
        effective_from=version.effective_from,
        page=passage.page,
        score=score,
    )
