"""How fast search by meaning is at a size: loading, asking, following a change, and giving passages vectors.

``python -m benchmarks.vectors --passages 100000 --dimension 384`` fills the configured database (an empty
one: the passages stay there) with made-up passages and random unit vectors, then prints milliseconds, memory
and rates as JSON. Random vectors say nothing about quality, and the passages have no words in the index, so
that only the part of meaning is measured. ``--embed N`` also measures the backfill of N passages against the
endpoint of the settings, for instance ``python -m tests.knowledge.search.embedding_server 8123``.
"""

import argparse
import json
import os
import resource
import time
from collections.abc import Callable, Iterator

import django

BATCH = 5_000
QUESTIONS = 60


def fill(passages: int, dimension: int, model: str) -> None:
    """Put made-up passages with random vectors into the database."""
    import numpy as np

    from knowledge.models import Document, Library, Passage, Vector, VectorSet, Version

    Library.objects.get_or_create(pk=1)
    document, _ = Document.objects.get_or_create(slug="made-up", defaults={"title": "Made up"})
    version = document.latest_version() or Version.objects.create(
        document=document, number=1, text="Made up.", status=Version.Status.PUBLISHED, indexed=True
    )
    generator = np.random.default_rng(1)
    have = version.passages.count()
    for first in range(have, passages, BATCH):
        numbers = range(first, min(first + BATCH, passages))
        Passage.objects.bulk_create(
            [
                Passage(
                    version=version,
                    position=number + 1,
                    heading="Made up",
                    text=f"Passage {number}.",
                    start=0,
                    end=8,
                )
                for number in numbers
            ],
            batch_size=BATCH,
        )
    VectorSet.objects.get_or_create(model=model, defaults={"dimension": dimension})
    ids = list(version.passages.order_by("pk").values_list("pk", flat=True))
    for first in range(0, len(ids), BATCH):
        part = ids[first : first + BATCH]
        rows = generator.standard_normal((len(part), dimension), dtype=np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        Vector.objects.bulk_create(
            [
                Vector(passage_id=pk, model=model, dimension=dimension, data=row.tobytes())
                for pk, row in zip(ids[first : first + BATCH], rows, strict=True)
            ],
            batch_size=BATCH,
        )


def questions(dimension: int) -> Iterator[object]:
    """Yield meanings that point anywhere."""
    import numpy as np
    from django.conf import settings

    from knowledge.search.vectors.question import Meaning

    generator = np.random.default_rng(2)
    for _ in range(QUESTIONS):
        row = generator.standard_normal(dimension, dtype=np.float32)
        nothing = np.empty((0, dimension), np.float32)
        yield Meaning(settings.EMBEDDINGS_MODEL, row / np.linalg.norm(row), nothing)


def timed(step: Callable[[], object]) -> float:
    """Return the milliseconds a step takes."""
    begun = time.perf_counter()
    step()
    return (time.perf_counter() - begun) * 1000


def spread(times: list[float]) -> dict[str, float]:
    """Return median and 95th percentile in milliseconds."""
    ranked = sorted(times)
    return {
        "median_ms": round(ranked[len(ranked) // 2], 2),
        "p95_ms": round(ranked[len(ranked) * 95 // 100], 2),
    }


def megabytes() -> int:
    """Return the most memory this process has used."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def measure(dimension: int) -> dict[str, object]:
    """Measure loading, asking and following a change."""
    from django.conf import settings

    from knowledge.models import Vector
    from knowledge.search import Query, search
    from knowledge.search.index import lock_library
    from knowledge.search.vectors import pgvector, store
    from knowledge.search.vectors.faiss_index import faiss_index

    known = store.known(settings.EMBEDDINGS_MODEL)
    before = megabytes()
    figures: dict[str, object] = {"load_ms": round(timed(lambda: faiss_index.refresh(known)))}
    figures["index_mb"] = megabytes() - before
    asked = list(questions(dimension))
    figures["faiss"] = spread([timed(lambda m=m: faiss_index.nearest(known, m.question, 75)) for m in asked])
    if pgvector.is_ready(known.model):
        languages = store.served_languages()
        figures["pgvector"] = spread(
            [timed(lambda m=m: pgvector.nearest(known, m.question, 75, languages)) for m in asked]
        )
    figures["whole_search"] = spread(
        [timed(lambda m=m: search(Query("passage made up", meaning=m))) for m in asked]
    )
    Vector.objects.filter(pk__in=list(Vector.objects.values_list("pk", flat=True)[:100])).delete()
    lock_library()
    changed = store.known(settings.EMBEDDINGS_MODEL)
    figures["follow_100_gone_ms"] = round(timed(lambda: faiss_index.refresh(changed)))
    figures["peak_mb"] = megabytes()
    return figures


def embed(passages: int) -> dict[str, object]:
    """Measure the backfill against the configured endpoint."""
    from knowledge.models import Vector
    from knowledge.search.vectors import backfill

    Vector.objects.filter(pk__in=list(Vector.objects.values_list("pk", flat=True)[:passages])).delete()
    begun = time.perf_counter()
    outcome = backfill.run()
    seconds = time.perf_counter() - begun
    return {"embedded": outcome.embedded, "passages_per_second": round(outcome.embedded / seconds)}


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.vectors", description=__doc__)
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--dimension", type=int, default=384)
    parser.add_argument("--embed", type=int, default=0, metavar="N")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from knowledge.search.vectors import pgvector

    call_command("migrate", interactive=False, verbosity=0)
    fill(options.passages, options.dimension, settings.EMBEDDINGS_MODEL)
    if pgvector.prepare():
        pgvector.fill(settings.EMBEDDINGS_MODEL)
        pgvector.refresh_statistics()
        pgvector.index(settings.EMBEDDINGS_MODEL, options.dimension)
    figures = {"passages": options.passages, "dimension": options.dimension, **measure(options.dimension)}
    if options.embed:
        figures |= embed(options.embed)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
