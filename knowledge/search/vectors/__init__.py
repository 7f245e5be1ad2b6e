"""Search by meaning: passages and questions as vectors of an embedding model.

``embedder`` speaks to the endpoint, ``backfill`` gives passages their vectors, ``store`` keeps them,
``faiss_index`` and ``pgvector`` find the nearest, ``nearness`` says what a cosine is worth, ``question``
embeds questions. This module is light: numpy, FAISS and the SDK are imported only where an endpoint is
configured.
"""

import structlog
from django.conf import settings
from django.db import DatabaseError

from knowledge.search.terms import base_language

logger = structlog.get_logger(__name__)


def configured() -> bool:
    """Say whether there is an endpoint and a model to ask for embeddings."""
    return bool(settings.EMBEDDINGS_BASE_URL and settings.EMBEDDINGS_MODEL)


def embed_soon() -> None:
    """Have the passages that lack a vector embedded in the background, once the transaction is committed."""
    if configured():
        # Here, because tasks know of documents, and publishing a document asks for this.
        from knowledge.background import in_background
        from knowledge.tasks import embed_passages

        in_background(embed_passages)


def serves(language: str) -> bool:
    """Say whether the embedding model is meant for texts of a language; words alone serve the others."""
    served = settings.EMBEDDINGS_LANGUAGES
    return "*" in served or base_language(language) in map(base_language, served)


def warm_up() -> None:
    """Do at a process's start what the first question would otherwise wait for: imports and the index.

    Synchronous, from the database; nothing is sent. Does nothing without an endpoint, and leaves it to the
    first question while the database is away.
    """
    if not configured():
        return
    from knowledge.search import hybrid
    from knowledge.search.vectors.embedder import embedder

    embedder().connect()
    try:
        hybrid.load()
    except DatabaseError as error:
        logger.warning("vectors_not_loaded", reason=str(error))
