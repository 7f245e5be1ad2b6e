"""Vectors in the database: which passages lack one, how they are kept, what is known of them as a whole."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from knowledge.models import Document, Library, Passage, Vector, VectorSet
from knowledge.search.vectors import pgvector, serves
from knowledge.search.vectors.errors import DimensionChanged
from knowledge.search.vectors.nearness import nearest_of

DTYPE = np.dtype("<f4")
DELETED_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Known:
    """What a question needs to know of the vectors, read in one statement.

    ``state`` changes whenever the vectors that count may have changed.
    """

    model: str
    dimension: int
    nearest: tuple[float, ...]
    state: tuple[int, int, tuple[str, ...]]


def known(model: str) -> Known | None:
    """Return what is known of a model's vectors; None while there are none."""
    library = Coalesce(Subquery(Library.objects.filter(pk=1).values("revision")[:1]), Value(0))
    row = (
        VectorSet.objects.filter(model=model).values_list("dimension", "nearest", "revision", library).first()
    )
    if row is None:
        return None
    dimension, nearest, revision, of_library = row
    return Known(model, dimension, tuple(nearest), (of_library, revision, _served()))


def _served() -> tuple[str, ...]:
    return tuple(sorted(settings.EMBEDDINGS_LANGUAGES))


def served_languages() -> list[str]:
    """Return the languages of documents, as written there, that the model serves."""
    languages = Document.objects.order_by("language").values_list("language", flat=True).distinct()
    return [language for language in languages if serves(language)]


def due() -> QuerySet[Passage]:
    """Return the passages that should have a vector: in the index, in a language the model serves."""
    return Passage.objects.filter(
        version__indexed=True, version__document__language__in=served_languages()
    ).order_by("pk")


def missing(model: str) -> QuerySet[Passage]:
    """Return the passages that should have a vector by ``model`` and have none."""
    return due().exclude(Exists(Vector.objects.filter(model=model, passage=OuterRef("pk"))))


def live_ids(known: Known) -> np.ndarray:
    """Return the ids of the vectors that searching may find on some day, ascending."""
    ids = (
        Vector.objects.filter(
            model=known.model,
            dimension=known.dimension,
            passage__version__indexed=True,
            passage__version__document__language__in=served_languages(),
        )
        .order_by()
        .values_list("pk", flat=True)
    )
    return np.sort(np.fromiter(ids.iterator(chunk_size=10_000), dtype=np.int64))


def read(ids: Sequence[int], dimension: int) -> tuple[np.ndarray, np.ndarray]:
    """Return ids and vectors, one row each, of those of ``ids`` that are still there."""
    rows = list(Vector.objects.filter(pk__in=list(ids), dimension=dimension).values_list("pk", "data"))
    found = np.array([pk for pk, _ in rows], dtype=np.int64)
    return found, as_rows([data for _, data in rows], dimension)


def as_rows(data: Sequence[bytes], dimension: int) -> np.ndarray:
    """Return stored vectors as an array of one row each."""
    return np.frombuffer(b"".join(map(bytes, data)), DTYPE).reshape(-1, dimension)


def passages_of(vector_ids: Sequence[int]) -> dict[int, int]:
    """Return the passage of each vector that is still there."""
    return dict(Vector.objects.filter(pk__in=list(vector_ids)).values_list("pk", "passage_id"))


def of_passages(model: str, dimension: int, passage_ids: Sequence[int]) -> tuple[list[int], np.ndarray]:
    """Return passages with their vectors, one row each, ordered by passage; those without are left out."""
    held = Vector.objects.filter(model=model, dimension=dimension, passage__in=list(passage_ids))
    rows = list(held.order_by("passage_id").values_list("passage_id", "data"))
    return [passage_id for passage_id, _ in rows], as_rows([data for _, data in rows], dimension)


def open_set(model: str, probes: np.ndarray) -> VectorSet:
    """Return the model's set, made when there is none, for vectors as long as those of the probes.

    Raises:
        DimensionChanged: the vectors kept are of another length.
    """
    made, _ = VectorSet.objects.get_or_create(
        model=model,
        defaults={"dimension": probes.shape[1], "probes": probes.astype(DTYPE).tobytes()},
    )
    if made.dimension != probes.shape[1]:
        raise DimensionChanged(f"{probes.shape[1]} instead of {made.dimension}")
    return made


@transaction.atomic
def save(of: VectorSet, passages: Sequence[Passage], rows: np.ndarray) -> int:
    """Keep the vectors of passages and return how many were new.

    A passage that another worker was quicker with, or that was deleted or given another heading since it was
    read, is left out. Passages are locked before anything else, as publications do.
    """
    locked = Passage.objects.select_for_update(no_key=True).filter(pk__in=[one.pk for one in passages])
    headings = dict(locked.order_by("pk").values_list("pk", "heading"))
    have = set(
        Vector.objects.filter(model=of.model, passage__in=headings).values_list("passage_id", flat=True)
    )
    kept = [
        place
        for place, passage in enumerate(passages)
        if passage.pk not in have and headings.get(passage.pk) == passage.heading
    ]
    # After the passages, like every other worker; the set may have been begun anew meanwhile.
    now = VectorSet.objects.select_for_update(no_key=True).filter(pk=of.pk).first()
    if not kept or now is None:
        return 0
    vectors = [
        Vector(
            passage_id=passages[place].pk,
            model=of.model,
            dimension=of.dimension,
            data=rows[place].astype(DTYPE).tobytes(),
        )
        for place in kept
    ]
    if pgvector.has_column():
        pgvector.insert(vectors, rows[kept])
    else:
        Vector.objects.bulk_create(vectors, ignore_conflicts=True)
    now.nearest = nearest_of(as_rows([now.probes], of.dimension), rows[kept], now.nearest)
    now.revision = F("revision") + 1
    now.save(update_fields=["nearest", "revision"])
    return len(kept)


def forget_model(model: str) -> int:
    """Drop all vectors of a model, a part at a time, and what is known of them; return how many."""
    VectorSet.objects.filter(model=model).delete()
    return sum(_delete_parts(Vector.objects.filter(model=model)))


def other_models(model: str) -> list[str]:
    """Return the models other than ``model`` that vectors are kept of."""
    return sorted(
        {
            *VectorSet.objects.exclude(model=model).values_list("model", flat=True),
            *Vector.objects.exclude(model=model).order_by().values_list("model", flat=True).distinct(),
        }
    )


def _delete_parts(vectors: QuerySet[Vector]) -> Iterator[int]:
    while ids := list(vectors.order_by("pk").values_list("pk", flat=True)[:DELETED_AT_ONCE]):
        yield Vector.objects.filter(pk__in=ids).delete()[0]
