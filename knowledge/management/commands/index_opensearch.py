"""``manage.py index_opensearch``: OpenSearch brought up to the library, or made anew."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from knowledge.search import index, opensearch
from knowledge.search.opensearch.errors import OpenSearchError


class Command(BaseCommand):
    """Bring the index in OpenSearch up to date."""

    help = (
        "Bring the index in OpenSearch up to the library's revision. With --rebuild it is made anew beside "
        "the one in use: after reindex_documents."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the one option."""
        parser.add_argument("--rebuild", action="store_true", help="make it anew; questions do not wait")

    def handle(self, *args: object, **options: Any) -> None:
        """Do it, and say what was done."""
        from knowledge.search.opensearch import keeping

        if not opensearch.is_chosen():
            raise CommandError("Set SEARCH_ENGINE=opensearch and OPENSEARCH_URL first.")
        try:
            done = keeping.rebuild() if options["rebuild"] else keeping.follow()
        except OpenSearchError as error:
            raise CommandError(f"OpenSearch: {error} ({error.code})") from error
        if done is None:
            raise CommandError("Another process is at it.")
        behind = index.revision() - done.revision
        self.stdout.write(
            f"revision {done.revision}, {done.added} versions added, {done.removed} taken out"
            + (f"; {behind} publications since then follow by themselves" if behind else "")
        )
