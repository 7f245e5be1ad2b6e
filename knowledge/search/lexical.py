"""Score passages by words: one SQL statement, in whole numbers, the same on SQLite and PostgreSQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from django.db import connection

from knowledge.models import Posting
from knowledge.models.documents import readable_audiences
from knowledge.search import index
from knowledge.search.bm25 import UNIT
from knowledge.search.question import SCALE, Weighed, weigh_question

EARLIER_TRUST = 0.3  # how far a match with earlier turns speaks for an answer to this question
TRIES = 3  # searches begun again because the library changed meanwhile
READ_ROWS = 10_000  # postings read to find passages; the commoner terms beyond only rank what was found
# Passages offered to the reader's filters, and passages ranked for that; the next step when too few are left.
STEPS = ((32, 128), (1_024, 4_096), (1_000_000_000, 1_000_000_000))

_SCORE = """
    WITH wanted (term_id, weight, finds) AS (VALUES {terms}),
    found AS (
        SELECT posting.passage_id, SUM(posting.weight * wanted.weight) AS score
        FROM wanted CROSS JOIN knowledge_posting posting
        WHERE posting.term_id = wanted.term_id AND wanted.finds = 1
        GROUP BY posting.passage_id
        ORDER BY score DESC, posting.passage_id
        LIMIT %s
    ),
    ranked AS (
        SELECT found.passage_id, found.score + COALESCE((
                   SELECT SUM(posting.weight * wanted.weight)
                   FROM wanted CROSS JOIN knowledge_posting posting
                   WHERE wanted.finds = 0
                     AND posting.term_id = wanted.term_id AND posting.passage_id = found.passage_id
               ), 0) AS score
        FROM found
    ),
    offered AS (SELECT passage_id, score FROM ranked ORDER BY score DESC, passage_id LIMIT %s)
    SELECT offered.passage_id, offered.score,
           CASE WHEN document.audience IN ({audiences})
                 AND version.status = 'published'
                 AND (version.effective_from IS NULL OR version.effective_from <= %s)
                 AND (version.effective_until IS NULL OR version.effective_until >= %s)
                 AND NOT EXISTS (
                     SELECT 1 FROM knowledge_version newer
                     WHERE newer.document_id = version.document_id
                       AND newer.number > version.number
                       AND newer.status = 'published'
                       AND (newer.effective_from IS NULL OR newer.effective_from <= %s)
                       AND (newer.effective_until IS NULL OR newer.effective_until >= %s)
                 )
                THEN 1 ELSE 0 END AS shown
    FROM offered
    JOIN knowledge_passage passage ON passage.id = offered.passage_id
    JOIN knowledge_version version ON version.id = passage.version_id
    JOIN knowledge_document document ON document.id = version.document_id
    ORDER BY offered.score DESC, offered.passage_id
"""


@dataclass(frozen=True, slots=True)
class Found:
    """A passage with the score it is ranked by."""

    passage_id: int
    score: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """Passages, best first; how far the first speaks for an answer (0 for none); the library's revision."""

    found: tuple[Found, ...]
    confidence: float
    revision: int


def rank(text: str, *, history: Sequence[str], language: str, on: date, audience: str, limit: int) -> Ranking:
    """Rank up to ``limit`` passages in force on the day ``on`` that ``audience`` may read.

    ``history`` is the earlier turns, oldest first. Equal scores are ordered by passage id. A library that
    changes meanwhile is asked again, so that the terms looked up and the passages scored are of one state.
    """
    for _ in range(TRIES):
        revision, shelves = index.shelves()
        wanted = weigh_question(text, "\n".join(history), language, shelves)
        shown = _shown(wanted, on, audience, limit) if wanted and limit > 0 else []
        if index.revision() == revision:
            break
    found = tuple(Found(passage_id, score / UNIT / SCALE) for passage_id, score in shown)
    return Ranking(found, _confidence(wanted, *shown[0]) if shown else 0.0, revision)


def _shown(wanted: Sequence[Weighed], on: date, audience: str, limit: int) -> list[tuple[int, int]]:
    """Return id and score of the best passages that may be shown, looking deeper while they are too few."""
    for offered, ranked in STEPS:
        rows = _score(wanted, on=on, audience=audience, offered=offered, ranked=ranked)
        shown = [(passage_id, int(score)) for passage_id, score, may_be_shown in rows if may_be_shown]
        if len(shown) >= limit or len(rows) < offered:
            break
    return shown[:limit]


def _score(wanted: Sequence[Weighed], *, on: date, audience: str, offered: int, ranked: int) -> list[tuple]:
    """Return passage id, score and whether it may be shown, of the best passages."""
    audiences = readable_audiences(audience)
    read = _read(wanted)
    statement = _SCORE.format(
        terms=", ".join(["(%s, %s, %s)"] * len(read)), audiences=", ".join(["%s"] * len(audiences))
    )
    terms = [value for term, finds in read for value in (term.term_id, term.total, int(finds))]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*terms, ranked, offered, *audiences, *[on.isoformat()] * 4])
        return cursor.fetchall()


def _read(wanted: Sequence[Weighed]) -> list[tuple[Weighed, bool]]:
    """Return the terms to read, each with whether it finds passages or only ranks those found.

    The rarest find, as far as their postings are few enough to be read whole; at least one does.
    """
    rarest = sorted(wanted, key=lambda term: (term.passages, term.text))
    rows = accumulate(term.passages for term in rarest)
    finding = max(1, sum(read <= READ_ROWS for read in rows))
    return [(term, number < finding) for number, term in enumerate(rarest)]


def _confidence(wanted: Sequence[Weighed], passage_id: int, score: int) -> float:
    """Return the score with the part that only the earlier turns gave counted for less."""
    earlier = {term.term_id: term.total - term.own for term in wanted if term.total > term.own}
    if earlier:
        held = Posting.objects.filter(passage=passage_id, term__in=earlier).values_list("term", "weight")
        score -= round((1 - EARLIER_TRUST) * sum(earlier[term] * weight for term, weight in held))
    return score / UNIT / SCALE
