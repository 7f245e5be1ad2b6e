"""How search by meaning stands, for the pages of the staff. Imports neither numpy nor the SDK."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from knowledge.models import VectorSet
from knowledge.search.vectors import configured
from knowledge.search.vectors.errors import EmbeddingError

TROUBLE = "embedding-trouble"
TROUBLE_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class VectorState:
    """How search by meaning stands.

    Attributes:
        configured: whether there is an endpoint and a model.
        model: the model's name.
        dimension: numbers in one of its vectors; 0 while there are none.
        passages: passages in the index in a language the model serves.
        embedded: those of them that have a vector.
        engine: ``pgvector`` or ``faiss``.
        other_models: models whose vectors are kept without use.
        trouble: why the last run in the background ended early (code, words, time); None when it did not.
    """

    configured: bool
    model: str
    dimension: int
    passages: int
    embedded: int
    engine: str
    other_models: tuple[str, ...]
    trouble: dict[str, Any] | None

    @property
    def ok(self) -> bool:
        """Say whether nothing is missing."""
        return not self.configured or self.embedded == self.passages


def vector_state() -> VectorState:
    """Return how search by meaning stands now; a few counts in the database, no network."""
    from knowledge.search.vectors import pgvector, store

    model = settings.EMBEDDINGS_MODEL
    passages = store.due().count() if configured() else 0
    missing = store.missing(model).count() if configured() else 0
    known = VectorSet.objects.filter(model=model).values_list("dimension", flat=True).first()
    return VectorState(
        configured=configured(),
        model=model,
        dimension=known or 0,
        passages=passages,
        embedded=passages - missing,
        engine="pgvector" if pgvector.is_ready(model) else "faiss",
        other_models=tuple(store.other_models(model)),
        trouble=cache.get(TROUBLE) if configured() else None,
    )


def note_trouble(error: EmbeddingError | None) -> None:
    """Keep why a run ended early, or that it did not."""
    if error is None:
        cache.delete(TROUBLE)
        return
    noted = {"code": error.code, "words": error.words, "at": timezone.now().isoformat()}
    cache.set(TROUBLE, noted, TROUBLE_SECONDS)
