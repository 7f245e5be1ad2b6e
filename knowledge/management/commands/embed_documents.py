"""Give the passages in the index their vectors, for search by meaning."""

from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from knowledge.search.vectors import configured
from knowledge.search.vectors.errors import EmbeddingError


class Command(BaseCommand):
    """Embed what lacks a vector; broken off anywhere, it goes on from there the next time."""

    help = (
        "Embed every passage in the index that lacks a vector by EMBEDDINGS_MODEL. Safe beside the site and "
        "beside itself; go on after a failure by running it again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take --all and --prune."""
        parser.add_argument("--all", action="store_true", help="drop this model's vectors and begin anew")
        parser.add_argument(
            "--prune", action="store_true", help="afterwards drop the vectors of every other model"
        )

    def handle(self, **options: object) -> None:
        """Embed, telling how far it is.

        Raises:
            CommandError: no endpoint is configured, or it could not be used.
        """
        if not configured():
            raise CommandError("Set EMBEDDINGS_BASE_URL and EMBEDDINGS_MODEL first.")
        from knowledge.search.vectors import backfill, store  # with numpy, only where there is an endpoint

        try:
            if options["all"]:
                self.stdout.write(f"dropped: {backfill.begin_anew():,} vectors")
            self._embed(backfill, store.missing(settings.EMBEDDINGS_MODEL).count())
        except EmbeddingError as error:
            raise CommandError(f"{error} Run the command again to go on.") from error
        if options["prune"]:
            self.stdout.write(f"pruned: {backfill.prune():,} vectors of other models")

    def _embed(self, backfill: object, missing: int) -> None:
        def tell(embedded: int) -> None:
            self.stdout.write(f"\rembedded: {embedded:,} of {missing:,}", ending="")
            self.stdout.flush()

        outcome = backfill.run(tell)  # type: ignore[attr-defined]
        self.stdout.write(f"\rembedded: {outcome.embedded:,} of {missing:,} by {settings.EMBEDDINGS_MODEL}")
        if outcome.refused:
            passages = ", ".join(map(str, outcome.refused[:20]))
            self.stdout.write(f"refused by the endpoint: {len(outcome.refused)} passages ({passages})")
