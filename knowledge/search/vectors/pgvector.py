"""The nearest vectors by PostgreSQL itself, where its extension ``vector`` (pgvector) is to be had.

The extension and a column ``embedding`` of the table of vectors are made when passages are embedded, not by a
migration: a server may get the extension later, and a role may not be allowed to create it. Without the
column everything goes by FAISS. The bytes in ``data`` stay the original, so a dump can be restored on a
server without the extension (leave the column out) and the column filled again.
"""

import hashlib
import math
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
import structlog
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from knowledge.models import Vector

if TYPE_CHECKING:
    from knowledge.search.vectors.store import Known

logger = structlog.get_logger(__name__)

LOOK_AGAIN_SECONDS = 30.0  # for a column, or an index, that another process may make
FILLED_AT_ONCE = 500
MOST_DIMENSIONS = 2_000  # that pgvector's index takes of 32-bit floats …
MOST_HALF_DIMENSIONS = 4_000  # … and of 16-bit floats
MOST_CANDIDATES = 1_000  # of pgvector's index; deeper searches compare one by one

_HAS_COLUMN = """
    SELECT EXISTS (
        SELECT 1 FROM pg_attribute
        WHERE attrelid = to_regclass('knowledge_vector') AND attname = 'embedding' AND NOT attisdropped
    )
"""
_INSERT = """
    INSERT INTO knowledge_vector (passage_id, model, dimension, data, embedding)
    VALUES (%s, %s, %s, %s, %s::vector) ON CONFLICT DO NOTHING
"""
# What is left out is listed, not what is kept: a short list, hashed once, where a join would be planned
# around, away from the index.
_NEAREST = """
    SELECT id, -distance FROM (
        SELECT held.id, held.embedding::{kind}({dimension}) <#> %s::{kind}({dimension}) AS distance
        FROM knowledge_vector held
        WHERE held.model = %s AND held.dimension = {dimension} AND held.embedding IS NOT NULL
          AND held.passage_id NOT IN (
              SELECT passage.id FROM knowledge_passage passage
              WHERE passage.version_id = ANY(ARRAY(
                  SELECT version.id FROM knowledge_version version
                  JOIN knowledge_document document ON document.id = version.document_id
                  WHERE NOT (version.indexed AND document.language = ANY(%s))
              ))
          )
        ORDER BY distance
        LIMIT %s
    ) nearest
    ORDER BY distance, id
"""


class _Remembered:
    """Facts about the database that stay true once they are, asked again every while until then.

    Remembered for each connection: an evaluation works on a library of its own through another one.
    """

    def __init__(self) -> None:
        self._asked: WeakKeyDictionary[BaseDatabaseWrapper, dict[tuple[object, ...], float]] = (
            WeakKeyDictionary()
        )

    def holds(self, statement: str, *parameters: object) -> bool:
        """Return what the statement returns, without asking where it was true or was just asked."""
        asked = self._asked.setdefault(connections[DEFAULT_DB_ALIAS], {})
        fact, now = (statement, *parameters), time.monotonic()
        if now < asked.get(fact, now):
            return asked[fact] == math.inf
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            is_true = bool(cursor.fetchone()[0])
        asked[fact] = math.inf if is_true else now + LOOK_AGAIN_SECONDS
        return is_true

    def forget(self) -> None:
        """Ask everything anew."""
        self._asked.clear()


_remembered = _Remembered()


def has_column() -> bool:
    """Say whether vectors are also kept in pgvector's form here."""
    return connection.vendor == "postgresql" and _remembered.holds(_HAS_COLUMN)


def is_ready(model: str) -> bool:
    """Say whether every vector of a model is there in pgvector's form, so that it may answer alone."""
    lacking = "SELECT NOT EXISTS (SELECT 1 FROM knowledge_vector WHERE embedding IS NULL AND model = %s)"
    return has_column() and _remembered.holds(lacking, model)


def prepare() -> bool:
    """Make extension and column where server and role allow it; say whether they are there.

    Never raises for a server or a role that cannot: search then goes by FAISS.
    """
    if connection.vendor != "postgresql":
        return False
    if has_column():
        return True
    _remembered.forget()
    with connection.cursor() as cursor:
        # Nothing is made for tables that last only for a session: an evaluation must leave nothing behind.
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_available_extensions WHERE name = 'vector') "
            "AND current_schema() NOT LIKE 'pg_temp%'"
        )
        if not cursor.fetchone()[0]:
            return False
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS vector")
            cursor.execute("ALTER TABLE knowledge_vector ADD COLUMN IF NOT EXISTS embedding vector")
            # In the row itself, as far as it fits: fetching it from elsewhere costs more than comparing it.
            cursor.execute("ALTER TABLE knowledge_vector ALTER COLUMN embedding SET STORAGE MAIN")
            # What is not filled yet; nearly always empty.
            cursor.execute(
                "CREATE INDEX IF NOT EXISTS vector_without_embedding ON knowledge_vector (model, id) "
                "WHERE embedding IS NULL"
            )
    except DatabaseError as error:
        logger.info("pgvector_not_used", reason=str(error).strip())
        return False
    _remembered.forget()
    logger.info("pgvector_used")
    return True


def insert(vectors: Sequence[Vector], rows: np.ndarray) -> None:
    """Keep vectors in both forms; those of passages that have one stay as they are."""
    with connection.cursor() as cursor:
        cursor.executemany(
            _INSERT,
            [
                (vector.passage_id, vector.model, vector.dimension, vector.data, as_text(row))
                for vector, row in zip(vectors, rows, strict=True)
            ],
        )


def fill(model: str) -> int:
    """Give the vectors kept before the column was there its form; return how many there were."""
    if not has_column():
        return 0
    filled = 0
    while part := _without(model):
        values = ", ".join(["(%s::bigint, %s::vector)"] * len(part))
        given = [value for pk, data in part for value in (pk, as_text(np.frombuffer(data, "<f4")))]
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE knowledge_vector held SET embedding = given.embedding "
                f"FROM (VALUES {values}) AS given (id, embedding) WHERE held.id = given.id",  # only %s  # nosec B608
                given,
            )
        filled += len(part)
    return filled


def _without(model: str) -> list[tuple[int, bytes]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, data FROM knowledge_vector "
            "WHERE embedding IS NULL AND model = %s ORDER BY id LIMIT %s",
            [model, FILLED_AT_ONCE],
        )
        return [(pk, bytes(data)) for pk, data in cursor.fetchall()]


def nearest(
    known: "Known", question: np.ndarray, count: int, languages: Sequence[str]
) -> list[tuple[int, float]]:
    """Return ids and cosines of the ``count`` nearest vectors that search may find on some day, best first.

    Exact, unless there is an index (see ``index``) and it can look so deep.
    """
    has_index = _has_index(known.model, known.dimension)
    uses_index = has_index and count <= MOST_CANDIDATES
    statement = _NEAREST.format(
        kind=_kind(known.dimension) if uses_index else "vector", dimension=known.dimension
    )
    parameters = [as_text(question), known.model, list(languages), count]
    if not has_index:
        return _fetch(statement, parameters)
    # The index looks on past vectors that may not be found; unused, it must not cut the answer short.
    local = {"hnsw.ef_search": str(max(count, 100)), "hnsw.iterative_scan": "strict_order"}
    with transaction.atomic(), connection.cursor() as cursor:
        for name, value in (local if uses_index else {"enable_indexscan": "off"}).items():
            cursor.execute("SELECT set_config(%s, %s, true)", [name, value])
        return _fetch(statement, parameters)


def _fetch(statement: str, parameters: Sequence[object]) -> list[tuple[int, float]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [(pk, float(cosine)) for pk, cosine in cursor.fetchall()]


def index(model: str, dimension: int) -> bool:
    """Make pgvector's index (HNSW) for a model with many vectors; say whether it is there.

    Up to ``EMBEDDINGS_EXACT_UP_TO`` vectors are compared one by one. The table stays usable meanwhile, so it
    cannot run inside a transaction; a server that cannot make it (for memory, say) goes on without.
    """
    if not has_column() or dimension > MOST_HALF_DIMENSIONS:
        return False
    if _has_index(model, dimension):
        return True
    if Vector.objects.filter(model=model, dimension=dimension).count() <= settings.EMBEDDINGS_EXACT_UP_TO:
        return False
    name, kind = _index_name(model, dimension), _kind(dimension)
    try:
        with connection.cursor() as cursor:
            # One that was broken off is left behind invalid, under the same name.
            cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            cursor.execute(
                f"CREATE INDEX CONCURRENTLY {name} ON knowledge_vector "
                f"USING hnsw ((embedding::{kind}({dimension})) {kind}_ip_ops) "
                f"WHERE model = {_quoted(model)} AND dimension = {dimension} AND embedding IS NOT NULL"
            )
    except DatabaseError as error:
        logger.warning("pgvector_index_not_made", reason=str(error).strip())
        return False
    _remembered.forget()
    return True


def refresh_statistics() -> None:
    """Tell PostgreSQL at once how much was added, so that it plans searches for that."""
    if has_column():
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE knowledge_vector")


def drop_index(model: str, dimension: int) -> None:
    """Drop the index of a model that is no longer used."""
    if has_column():
        with connection.cursor() as cursor:
            cursor.execute(f"DROP INDEX IF EXISTS {_index_name(model, dimension)}")
        _remembered.forget()


def _has_index(model: str, dimension: int) -> bool:
    is_valid = "SELECT EXISTS (SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(%s) AND indisvalid)"
    return _remembered.holds(is_valid, _index_name(model, dimension))


def _index_name(model: str, dimension: int) -> str:
    return f"vector_hnsw_{hashlib.sha256(model.encode()).hexdigest()[:12]}_{dimension}"


def _kind(dimension: int) -> str:
    return "vector" if dimension <= MOST_DIMENSIONS else "halfvec"


def _quoted(text: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_literal(%s)", [text])
        return cursor.fetchone()[0].replace("%", "%%")


def as_text(row: np.ndarray) -> str:
    """Return a vector as pgvector reads it, every number to its last digit."""
    return "[" + ",".join(map(repr, np.asarray(row, dtype=np.float64).tolist())) + "]"
