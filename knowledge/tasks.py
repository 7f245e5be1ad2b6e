"""Celery tasks: shells that take ids."""

from uuid import UUID

from celery import shared_task
from django.core.management import call_command

from knowledge.background import in_background
from knowledge.documents import batches
from knowledge.resemblance import finding
from knowledge.search import opensearch
from knowledge.search.vectors import configured


@shared_task(name="knowledge.tasks.read_import", ignore_result=True)
def read_import(batch: str) -> None:
    """Read an uploaded batch; redelivery is harmless, since a batch is claimed."""
    batches.read_batch(UUID(batch))


@shared_task(name="knowledge.tasks.embed_passages", ignore_result=True)
def embed_passages() -> None:
    """Give passages that lack a vector theirs; one run at a time, redelivery is harmless."""
    if configured():
        from knowledge.search.vectors import backfill  # with numpy, only where there is an endpoint

        backfill.run_in_background()


@shared_task(name="knowledge.tasks.follow_library", ignore_result=True)
def follow_library() -> None:
    """Bring OpenSearch up to the library's revision; one run at a time, redelivery is harmless."""
    if opensearch.is_chosen():
        from knowledge.search.opensearch import keeping

        keeping.follow_in_background()


@shared_task(name="knowledge.tasks.find_resemblances", ignore_result=True)
def find_resemblances() -> None:
    """Compare the versions in force that were not compared yet; one run at a time, redelivery is harmless."""
    finding.find_in_background()


@shared_task(name="knowledge.tasks.reindex_documents", ignore_result=True)
def reindex_documents(how: str) -> None:
    """Make the search index anew (``all``), or only set right what is wrong with it (``missing``)."""
    call_command("reindex_documents", missing=how == "missing", verbosity=0)


@shared_task(name="knowledge.tasks.resume_imports", ignore_result=True)
def resume_imports() -> None:
    """Have the batches read that nobody reads."""
    for pk in batches.unattended():
        in_background(read_import, str(pk))
