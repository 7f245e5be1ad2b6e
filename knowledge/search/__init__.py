"""From a question to ranked passages and a confidence.

``search`` is all that others need, after ``prepare`` where meaning should count too: that asks an embedding
model over the network, while ``search`` asks the database alone. ``terms`` makes stems, ``bm25`` weighs them,
``index`` keeps the postings when documents are published, ``lexical`` scores; ``vectors`` finds by meaning,
``hybrid`` joins both.
"""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from django.utils import timezone

from knowledge.models import Audience
from knowledge.search import lexical
from knowledge.search.hits import Hit, hits
from knowledge.search.lexical import Ranking
from knowledge.search.snapshot import snapshot
from knowledge.search.state import index_state
from knowledge.search.vectors import configured
from knowledge.search.visibility import Reader

if TYPE_CHECKING:
    from knowledge.search.vectors.question import Meaning

__all__ = ["Hit", "Query", "Results", "index_state", "prepare", "prepare_now", "search"]


@dataclass(frozen=True, slots=True)
class Query:
    """A question.

    Attributes:
        text: the words asked.
        history: the conversation's earlier turns, oldest first.
        language: the question's own.
        on: the day whose texts count; None means today.
        audience: ``public`` or ``staff``.
        limit: most passages returned.
        categories: only documents of these categories; empty for all.
        languages: only documents in these languages (``pt`` includes ``pt-BR``); empty for all.
        documents: only documents with these slugs; empty for all.
        meaning: what an embedding model makes of the words, set by ``prepare``; None to go by words alone.
    """

    text: str
    history: tuple[str, ...] = ()
    language: str = "en"
    on: date | None = None
    audience: str = Audience.PUBLIC
    limit: int = 5
    categories: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    meaning: "Meaning | None" = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Results:
    """The passages found, best first, and the confidence in the first: 0 when there is none.

    A confidence near 3 is doubtful and above 4 good, whatever the length of the question or the size of the
    library. ``revision`` is the library's, for caches. ``corrected`` tells which words, in lower case, were
    taken for mistyped ones, and what for.
    """

    hits: tuple[Hit, ...]
    score: float
    revision: int
    corrected: dict[str, str] = field(default_factory=dict)


async def prepare(query: Query) -> Query:
    """Return the query with its meaning, where an embedding model is configured and answers in time.

    Waits ``EMBEDDINGS_QUESTION_SECONDS`` at most, in a thread of its own kind; never raises for the endpoint.
    """
    if not configured():
        return query
    from knowledge.search.vectors import question  # with numpy, only where there is an endpoint

    return replace(query, meaning=await question.meaning_of(query.text, query.history, query.language))


def prepare_now(query: Query) -> Query:
    """Do the same as ``prepare`` in the calling thread, for commands and the pages of the staff."""
    if not configured():
        return query
    from knowledge.search.vectors import question

    return replace(query, meaning=question.meaning_now(query.text, query.history, query.language))


def search(query: Query) -> Results:
    """Find the passages that fit a question, among those in force on its day and readable by its audience.

    Synchronous, and by words alone unless ``prepare`` gave the query its meaning; an empty library or a
    question without usable words gives no hits and score 0.
    """
    with snapshot():  # so that no publication in between leaves the passages of neither state, or of both
        ranking = _rank(query)
        return Results(hits(ranking.found), ranking.confidence, ranking.revision, ranking.corrected)


def _rank(query: Query) -> Ranking:
    on = query.on or timezone.localdate()
    if query.meaning is not None:
        from knowledge.search import hybrid

        reader = Reader(on, query.audience, query.categories, query.languages, query.documents)
        return hybrid.rank(
            query.text,
            query.meaning,
            history=query.history,
            language=query.language,
            reader=reader,
            limit=query.limit,
        )
    return lexical.rank(
        query.text,
        history=query.history,
        language=query.language,
        on=on,
        audience=query.audience,
        categories=query.categories,
        languages=query.languages,
        documents=query.documents,
        limit=query.limit,
    )
