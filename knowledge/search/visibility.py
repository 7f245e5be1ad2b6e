"""Which passages a reader may see on a day: the one condition behind every way of searching."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from knowledge.models.documents import readable_audiences
from knowledge.search.parameters import as_one, is_among, rows
from knowledge.search.terms import base_language

# CROSS JOIN is the order that SQLite keeps to: from the few passages, not from all versions there are.
_VISIBLE = """
    SELECT passage.id, passage.version_id, passage.position
    FROM knowledge_passage passage CROSS JOIN knowledge_version version CROSS JOIN knowledge_document document
    WHERE passage.id {among}
      AND version.id = passage.version_id
      AND document.id = version.document_id
      AND {readable}
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
"""
_IN_LANGUAGE = "(LOWER(document.language) = %s OR LOWER(SUBSTR(document.language, 1, %s)) IN (%s, %s))"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks, for which day, and among which documents; an empty tuple restricts nothing.

    Attributes:
        on: the day whose texts count.
        audience: ``public`` or ``staff``.
        categories: categories of documents, as written there.
        languages: languages of documents; ``pt`` includes ``pt-BR`` and the other way round.
        documents: slugs.
    """

    on: date
    audience: str
    categories: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()

    def reads(self, language: str) -> bool:
        """Say whether documents in ``language`` (its first part) are among those asked for."""
        return not self.languages or language in {base_language(one) for one in self.languages}


def visible(
    passage_ids: Collection[int],
    *,
    on: date,
    audience: str,
    categories: Sequence[str] = (),
    languages: Sequence[str] = (),
    documents: Sequence[str] = (),
) -> set[int]:
    """Return those of ``passage_ids`` that a reader may see: in force on the day, for the audience, not
    filtered out. The arguments are those of ``Reader``.
    """
    return visible_to(
        Reader(on, audience, tuple(categories), tuple(languages), tuple(documents)), passage_ids
    )


def visible_to(reader: Reader, passage_ids: Collection[int]) -> set[int]:
    """Return those of ``passage_ids`` that ``reader`` may see; see ``visible``."""
    return set(places(reader, passage_ids))


def places(reader: Reader, passage_ids: Collection[int]) -> dict[int, tuple[int, int]]:
    """Return the version and the position in it of those of ``passage_ids`` that ``reader`` may see."""
    if not passage_ids:
        return {}
    readable, parameters = _readable(reader)
    statement = _VISIBLE.format(among=is_among("bigint"), readable=readable)
    found = rows(statement, [as_one(passage_ids), *parameters, *[reader.on.isoformat()] * 4])
    return {passage_id: (version, position) for passage_id, version, position in found}


def _readable(reader: Reader) -> tuple[str, list[object]]:
    """Return the conditions on the document with their parameters."""
    conditions, parameters = [], []
    wanted = {
        "audience": readable_audiences(reader.audience),
        "category": reader.categories,
        "slug": reader.documents,
    }
    for column, values in wanted.items():
        if values:
            conditions.append(f"document.{column} IN ({', '.join(['%s'] * len(values))})")
            parameters += values
    bases = sorted({base_language(language) for language in reader.languages})
    if bases:
        conditions.append(f"({' OR '.join([_IN_LANGUAGE] * len(bases))})")
        parameters += [part for base in bases for part in (base, len(base) + 1, f"{base}-", f"{base}_")]
    return " AND ".join(conditions), parameters
