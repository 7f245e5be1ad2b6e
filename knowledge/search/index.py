"""Keep the index: put a version's passages in, take them out.

``add`` and ``remove`` run inside the caller's transaction, after ``lock_library``: writers take turns, so
counts stay right, and a reader sees all of a change or none of it.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from time import time_ns

from django.db import connection
from django.db.models import F, Value
from django.db.models.functions import Greatest

from knowledge.models import Library, Passage, Shelf, Version
from knowledge.search import opensearch, postings, vocabulary
from knowledge.search.bm25 import weigh_words
from knowledge.search.terms import base_language, content_words

BATCH = 2_000  # passages weighed and written at a time, so that memory does not grow with the library

_SHELVES = """
    SELECT shelf.language, shelf.passages, block.id, block.number, library.revision
    FROM knowledge_library library
    LEFT JOIN knowledge_shelf shelf ON shelf.passages > 0
    LEFT JOIN knowledge_block block ON block.language = shelf.language
    WHERE library.id = 1
    ORDER BY shelf.language, block.number
"""


@dataclass(slots=True)
class Holdings:
    """The passages of one language in the index, and the blocks they are in: number by block id."""

    passages: int
    blocks: dict[int, int] = field(default_factory=dict)


def lock_library() -> None:
    """Let no other publication run until this transaction ends, and raise the revision."""
    Library.objects.get_or_create(pk=1)
    Library.objects.filter(pk=1).update(revision=F("revision") + 1)
    opensearch.index_soon()


def count_anew() -> None:
    """Have the revision go on above every one that was told before: from the clock's milliseconds.

    For a library that has lost publications, as one put back from a backup has, and for one beside another:
    what is kept elsewhere for a revision (an index, a cache) is then never taken for it. One that was never
    filled stays so.
    """
    clock = time_ns() // 1_000_000
    Library.objects.filter(pk=1).update(revision=Greatest(F("revision") + 1, Value(clock)))


def revision() -> int:
    """Return the number that every publication and withdrawal raises; 0 for a library never filled."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT revision FROM knowledge_library WHERE id = 1")
        row = cursor.fetchone()
    return row[0] if row else 0


def shelves() -> tuple[int, dict[str, Holdings]]:
    """Return the revision with the holdings of each language that has some, both as of one moment."""
    found: dict[str, Holdings] = {}
    of_library = 0
    with connection.cursor() as cursor:
        cursor.execute(_SHELVES)
        for language, passages, block, number, of_library in cursor.fetchall():  # noqa: B007 (used below)
            if language is not None and block is not None:
                found.setdefault(language, Holdings(passages)).blocks[block] = number
    return of_library, found


def add(versions: Sequence[Version]) -> None:
    """Put the passages of ``versions`` (each with its document loaded) into the index."""
    for language, ids in _by_language(versions).items():
        passages = Passage.objects.filter(version__in=ids).order_by("pk")
        rows = passages.values_list("pk", "heading", "text").iterator(chunk_size=BATCH)
        while batch := list(islice(rows, BATCH)):
            words = {pk: _words(heading, text, language) for pk, heading, text in batch}
            postings.append({pk: weigh_words(*both, language) for pk, both in words.items()}, language)
            words = vocabulary.add((chain(*both) for both in words.values()), language)
            _count(language, passages=len(batch), words=words)
    Version.objects.filter(pk__in=[version.pk for version in versions]).update(indexed=True)


def remove(versions: Sequence[Version]) -> None:
    """Take ``versions`` (each with its document loaded) out of the index; their passages stay."""
    for language, ids in _by_language(versions).items():
        rows = Passage.objects.filter(version__in=ids).order_by("pk").values_list("pk", "heading", "text")
        rows = rows.iterator(chunk_size=BATCH)
        while batch := list(islice(rows, BATCH)):
            postings.remove([pk for pk, _, _ in batch], language)
            words = vocabulary.remove((chain(*_words(*both, language)) for _, *both in batch), language)
            _count(language, passages=-len(batch), words=-words)
    Version.objects.filter(pk__in=[version.pk for version in versions]).update(indexed=False)


def refresh_statistics() -> None:
    """Tell PostgreSQL at once how much was added; its own round may come a minute of slow questions later."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            tables = ("posting", "word", "passage", "version", "document")
            cursor.execute(f"ANALYZE {', '.join(f'knowledge_{table}' for table in tables)}")


def _by_language(versions: Sequence[Version]) -> dict[str, list[int]]:
    by_language = defaultdict(list)
    for version in versions:
        by_language[base_language(version.document.language)].append(version.pk)
    return by_language


def _words(heading: str, text: str, language: str) -> tuple[list[str], list[str]]:
    return content_words(heading, language), content_words(text, language)


def _count(language: str, *, passages: int, words: int) -> None:
    Shelf.objects.get_or_create(language=language)
    Shelf.objects.filter(language=language).update(
        passages=F("passages") + passages, words=F("words") + words
    )
