"""Publish the documents of a questions file."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.text import slugify

from knowledge.documents.importing import import_folder
from knowledge.documents.publish import publish_versions, save_draft
from knowledge.errors import DocumentRefused
from knowledge.evaluation.questions import QuestionsRefused, SourceDocument
from knowledge.models import Document, Version
from knowledge.search.index import refresh_statistics

GROUP = 100  # documents published in one transaction, so that memory does not grow with the file
_LONGEST_TITLE, _LONGEST_CATEGORY, _LONGEST_NAME = 200, 40, 80


@dataclass(slots=True)
class Loaded:
    """The slug given to each document by its id in the file, and why others were not taken, by id."""

    slugs: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


def load_documents(documents: Iterable[SourceDocument]) -> Loaded:
    """Publish ``documents`` with the product's own steps. Raises QuestionsRefused for an id used twice."""
    loaded = Loaded()
    for group in _groups(iter(documents)):
        with transaction.atomic():
            drafts = [draft for source in group if (draft := _draft(source, loaded))]
            publish_versions(drafts)
    refresh_statistics()
    return loaded


def load_folder(folder: Path) -> Loaded:
    """Publish every document under ``folder`` as ``import_documents`` does; questions name them by slug."""
    report = import_folder(folder)
    return Loaded({slug: slug for slug in report.published}, dict(report.refused))


def embed_all() -> int:
    """Give all passages their vectors, at once and in this thread; return how many got one.

    Raises EmbeddingError when the endpoint fails.
    """
    from knowledge.search.vectors import backfill, store  # with numpy, only where there is an endpoint
    from knowledge.search.vectors.faiss_index import faiss_index

    outcome = backfill.run()
    if known := store.known(settings.EMBEDDINGS_MODEL):
        # In time: a refresh begun by a question may go on in another thread, which has the site's connection.
        faiss_index.refresh(known)
    return outcome.embedded


def _groups(documents: Iterator[SourceDocument]) -> Iterator[list[SourceDocument]]:
    while group := list(islice(documents, GROUP)):
        yield group


def _draft(source: SourceDocument, loaded: Loaded) -> Version | None:
    if source.id in loaded.slugs or source.id in loaded.refused:
        raise QuestionsRefused("duplicate", f"Two documents have the id “{source.id}”.")
    slug = f"{len(loaded.slugs) + 1}-{slugify(source.id)[:_LONGEST_NAME]}"
    try:
        with transaction.atomic():
            document = Document.objects.create(
                slug=slug,
                title=source.title[:_LONGEST_TITLE],
                category=source.category[:_LONGEST_CATEGORY],
                language=source.language,
            )
            draft = save_draft(document, source.text)
    except DocumentRefused as refusal:
        loaded.refused[source.id] = refusal.words
        return None
    loaded.slugs[source.id] = slug
    return draft
