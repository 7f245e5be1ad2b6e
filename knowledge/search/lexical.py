"""Score passages by words: one SQL statement, in whole numbers, the same on SQLite and PostgreSQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from knowledge.models.documents import readable_audiences
from knowledge.search.bm25 import UNIT
from knowledge.search.question import SCALE, Weighed, weigh_question

EARLIER_TRUST = 0.3  # how far a match with earlier turns speaks for an answer to this question
READ_ROWS = 10_000  # postings read to find passages; the commoner terms beyond only rank what was found
# Passages offered to the reader's filters, and passages ranked for that; the next step when too few are left.
STEPS = ((64, 512), (1_024, 8_192), (1_000_000_000, 1_000_000_000))

_SCORE = """
    WITH wanted (term_id, own, total, finds) AS (VALUES {terms}),
    found AS (
        SELECT posting.passage_id,
               SUM(posting.weight * wanted.own) AS own,
               SUM(posting.weight * wanted.total) AS total
        FROM wanted CROSS JOIN knowledge_posting posting
        WHERE posting.term_id = wanted.term_id AND wanted.finds = 1
        GROUP BY posting.passage_id
        ORDER BY total DESC, posting.passage_id
        LIMIT %s
    ),
    parts AS (
        SELECT passage_id, own, total FROM found
        UNION ALL
        SELECT found.passage_id, posting.weight * wanted.own, posting.weight * wanted.total
        FROM found CROSS JOIN wanted CROSS JOIN knowledge_posting posting
        WHERE wanted.finds = 0
          AND posting.term_id = wanted.term_id AND posting.passage_id = found.passage_id
    ),
    scored AS (
        SELECT passage_id, SUM(own) AS own, SUM(total) AS total
        FROM parts
        GROUP BY passage_id
        ORDER BY total DESC, passage_id
        LIMIT %s
    )
    SELECT scored.passage_id, scored.own, scored.total,
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
    FROM scored
    JOIN knowledge_passage passage ON passage.id = scored.passage_id
    JOIN knowledge_version version ON version.id = passage.version_id
    JOIN knowledge_document document ON document.id = version.document_id
    ORDER BY scored.total DESC, scored.passage_id
"""


@dataclass(frozen=True, slots=True)
class Found:
    """A passage with the score it is ranked by, and how far that speaks for an answer to the question."""

    passage_id: int
    score: float
    confidence: float


def find(
    text: str, *, history: Sequence[str], language: str, on: date, audience: str, limit: int
) -> list[Found]:
    """Return up to ``limit`` passages in force on the day ``on`` that ``audience`` may read, best first.

    ``history`` is the earlier turns, oldest first. Equal scores are ordered by passage id.
    """
    wanted = weigh_question(text, "\n".join(history), language)
    if not wanted or limit < 1:
        return []
    for offered, ranked in STEPS:
        rows = _score(wanted, on=on, audience=audience, offered=offered, ranked=ranked)
        shown = [row for row in rows if row[3]]
        if len(shown) >= limit or len(rows) < offered:
            break
    return [_found(passage_id, int(own), int(total)) for passage_id, own, total, _ in shown[:limit]]


def _found(passage_id: int, own: int, total: int) -> Found:
    unit = UNIT * SCALE
    return Found(passage_id, total / unit, (own + EARLIER_TRUST * (total - own)) / unit)


def _score(wanted: Sequence[Weighed], *, on: date, audience: str, offered: int, ranked: int) -> list[tuple]:
    """Return passage id, own score, total score and whether it may be shown, of the best passages."""
    finding = _finding(wanted)
    audiences = readable_audiences(audience)
    statement = _SCORE.format(
        terms=", ".join(["(%s, %s, %s, %s)"] * len(wanted)), audiences=", ".join(["%s"] * len(audiences))
    )
    terms = [
        value
        for term in wanted
        for value in (term.term_id, term.own, term.total, int(term.term_id in finding))
    ]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*terms, ranked, offered, *audiences, *[on.isoformat()] * 4])
        return cursor.fetchall()


def _finding(wanted: Sequence[Weighed]) -> set[int]:
    """Return the rarest terms, whose postings are few enough to be read whole; at least one."""
    finding, rows = set(), 0
    for term in sorted(wanted, key=lambda term: (term.passages, term.text)):
        rows += term.passages
        if finding and rows > READ_ROWS:
            break
        finding.add(term.term_id)
    return finding
