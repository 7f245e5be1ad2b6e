"""From the ids of passages to what is needed to quote and cite them: one plain statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from knowledge.search.lexical import Found
from knowledge.search.parameters import as_one, is_among, rows

_STATEMENT = """
    SELECT passage.id, version.id, version.number, document.id, document.slug, document.title,
           document.category, passage.heading, passage.text, document.language, version.effective_from,
           passage.page
    FROM knowledge_passage passage CROSS JOIN knowledge_version version CROSS JOIN knowledge_document document
    WHERE passage.id {among} AND version.id = passage.version_id AND document.id = version.document_id
"""


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found, with what is needed to quote and cite it. The fields are in the statement's order."""

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


def hits(found: Sequence[Found]) -> tuple[Hit, ...]:
    """Load the passages; one deleted in this very moment is left out."""
    if not found:
        return ()
    scores = {one.passage_id: one.score for one in found}
    loaded = {row[0]: row for row in rows(_STATEMENT.format(among=is_among("bigint")), [as_one(scores)])}
    return tuple(_hit(*loaded[pk], score=score) for pk, score in scores.items() if pk in loaded)


def _hit(*columns: object, score: float) -> Hit:
    """Return the hit; SQLite gives UUIDs and days as texts."""
    *before, document_id, slug, title, category, heading, text, language, begins, page = columns
    return Hit(
        *before,
        document_id if isinstance(document_id, UUID) else UUID(document_id),
        *(slug, title, category, heading, text, language),
        date.fromisoformat(begins) if isinstance(begins, str) else begins,
        page,
        score,
    )
