"""Keep the postings: put a version's passages in, take them out, and say how the index stands.

Every function here runs inside the caller's transaction, after ``lock_library``: writers take turns, so
counts stay right, and a reader sees all of a change or none of it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from django.db import connection
from django.db.models import F, Subquery

from knowledge.models import Library, Passage, Shelf, Version
from knowledge.search.bm25 import weigh
from knowledge.search.terms import base_language

BATCH = 1_000  # passages weighed and written at a time, so that memory does not grow with the library
ROWS = 10_000  # terms in one statement

_UPSERT_TERMS = """
    INSERT INTO knowledge_term (text, language, passages) {rows}
    ON CONFLICT (text, language) DO UPDATE SET passages = knowledge_term.passages + excluded.passages
    RETURNING text, id, passages
"""
_ROWS_OF_STRINGS = """
    SELECT terms, %s, numbers
    FROM unnest(string_to_array(%s, '|'), string_to_array(%s, '|')::int[]) AS counted (terms, numbers)
"""
_OF_VERSIONS = "passage_id IN (SELECT id FROM knowledge_passage WHERE version_id IN ({versions}))"
_LOWER_TERMS = f"""
    UPDATE knowledge_term SET passages = knowledge_term.passages - gone.passages
    FROM (
        SELECT term_id, COUNT(*) AS passages FROM knowledge_posting WHERE {_OF_VERSIONS} GROUP BY term_id
    ) gone
    WHERE gone.term_id = knowledge_term.id
"""
_DELETE_TERMS = f"""
    DELETE FROM knowledge_term
    WHERE passages <= 0 AND id IN (SELECT term_id FROM knowledge_posting WHERE {_OF_VERSIONS})
"""
_DELETE_POSTINGS = f"DELETE FROM knowledge_posting WHERE {_OF_VERSIONS}"


def lock_library() -> None:
    """Let no other publication run until this transaction ends, and raise the revision."""
    Library.objects.get_or_create(pk=1)
    Library.objects.filter(pk=1).update(revision=F("revision") + 1)


def revision() -> int:
    """Return the number that every publication and withdrawal raises; 0 for a library never filled."""
    return Library.objects.filter(pk=1).values_list("revision", flat=True).first() or 0


def shelves() -> tuple[int, dict[str, int]]:
    """Return the revision with the passages of each language that has some, both as of one moment."""
    of_library = Subquery(Library.objects.filter(pk=1).values("revision"))
    rows = Shelf.objects.order_by("language").values_list("language", "passages", of_library)
    found = list(rows)
    return (
        found[0][2] if found else revision(),
        {language: passages for language, passages, _ in found if passages},
    )


def add(versions: Sequence[Version]) -> None:
    """Put the passages of ``versions`` (each with its document loaded) into the index."""
    languages = {version.pk: base_language(version.document.language) for version in versions}
    for language in sorted(set(languages.values())):
        ids = [pk for pk, of in languages.items() if of == language]
        passages = Passage.objects.filter(version__in=ids).order_by("pk").iterator(chunk_size=BATCH)
        while batch := list(islice(passages, BATCH)):
            _add_batch(batch, language)
    Version.objects.filter(pk__in=languages).update(indexed=True)


def remove(versions: Sequence[Version]) -> None:
    """Take ``versions`` (each with its document loaded) out of the index; their passages stay."""
    by_language = defaultdict(list)
    for version in versions:
        by_language[base_language(version.document.language)].append(version.pk)
    for language, ids in by_language.items():
        passages = Passage.objects.filter(version__in=ids).count()
        terms = _remove_postings(ids)
        _count(language, passages=-passages, terms=-terms)
    Version.objects.filter(pk__in=[version.pk for version in versions]).update(indexed=False)


def index_state() -> dict[str, int | bool]:
    """Return ``passages`` and ``terms`` in the index, its ``revision``, and ``ok``: nothing is missing."""
    shelves = Shelf.objects.values_list("passages", "terms")
    passages = sum(held for held, _ in shelves)
    expected = Passage.objects.filter(version__indexed=True).count()
    return {
        "ok": passages == expected,
        "passages": passages,
        "terms": sum(terms for _, terms in shelves),
        "revision": revision(),
    }


def refresh_statistics() -> None:
    """Tell PostgreSQL at once how much was added; its own round may come a minute of slow questions later."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE knowledge_term, knowledge_posting, knowledge_passage, knowledge_version")


def _add_batch(passages: Sequence[Passage], language: str) -> None:
    weights = {passage.pk: weigh(passage.heading, passage.text, language) for passage in passages}
    holding = Counter(term for terms in weights.values() for term in terms)
    ids: dict[str, int] = {}
    new = 0
    for text, pk, total in _upsert_terms(sorted(holding.items()), language):
        ids[text] = pk
        new += total == holding[text]
    # In the order of the key, so that neighbouring rows land on the same page.
    rows = sorted((ids[term], pk, weight) for pk, terms in weights.items() for term, weight in terms.items())
    _insert_postings(rows)
    _count(language, passages=len(passages), terms=new)


def _upsert_terms(counts: Sequence[tuple[str, int]], language: str) -> Iterator[tuple[str, int, int]]:
    """Yield text, id and the new total of each term."""
    with connection.cursor() as cursor:
        for first in range(0, len(counts), ROWS):
            part = counts[first : first + ROWS]
            if connection.vendor == "postgresql":
                # Two long strings travel many times faster than arrays; no term holds a bar.
                rows = _ROWS_OF_STRINGS
                parameters = [language, *("|".join(map(str, column)) for column in zip(*part, strict=True))]
            else:
                rows = "VALUES " + ", ".join(["(%s, %s, %s)"] * len(part))
                parameters = [value for text, number in part for value in (text, language, number)]
            cursor.execute(_UPSERT_TERMS.format(rows=rows), parameters)
            yield from cursor.fetchall()


def _insert_postings(rows: Sequence[tuple[int, int, int]]) -> None:
    columns = "knowledge_posting (term_id, passage_id, weight)"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {columns} FROM STDIN") as copy:
                copy.write("".join(f"{term}\t{passage}\t{weight}\n" for term, passage, weight in rows))
        else:
            cursor.executemany(f"INSERT INTO {columns} VALUES (%s, %s, %s)", rows)


def _remove_postings(version_ids: Iterable[int]) -> int:
    """Delete the postings of the versions and return how many terms went with them."""
    ids = list(version_ids)
    versions = ", ".join(["%s"] * len(ids))
    with connection.cursor() as cursor:
        cursor.execute(_LOWER_TERMS.format(versions=versions), ids)
        cursor.execute(_DELETE_TERMS.format(versions=versions), ids)
        terms = cursor.rowcount
        cursor.execute(_DELETE_POSTINGS.format(versions=versions), ids)
    return terms


def _count(language: str, *, passages: int, terms: int) -> None:
    Shelf.objects.get_or_create(language=language)
    Shelf.objects.filter(language=language).update(
        passages=F("passages") + passages, terms=F("terms") + terms
    )
