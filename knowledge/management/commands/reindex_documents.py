"""``manage.py reindex_documents``: the search index made anew from the passages."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from knowledge.models import Version
from knowledge.search import state
from knowledge.search.index import refresh_statistics


class Command(BaseCommand):
    """Rebuild or check the index; see ``knowledge.search.state``."""

    help = (
        "Makes the search index anew, version by version: needed after a change in how words are read. "
        "Questions are answered meanwhile, and no document is missing at any moment."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take ``--check`` or ``--missing``."""
        less = parser.add_mutually_exclusive_group()
        less.add_argument(
            "--check", action="store_true", help="only say what is wrong; exit 1 if anything is"
        )
        less.add_argument("--missing", action="store_true", help="only set right what is wrong")

    def handle(self, *args: object, **options: object) -> None:
        """Check, repair or rebuild, and say what was found."""
        found = state.problems() if options["check"] else state.repair()
        for reason, versions in (("not in the index", found.missing), ("in it for nothing", found.surplus)):
            for version in versions:
                self.stderr.write(f"{version} ({version.document.slug}): {reason}")
        if found.left_over:
            self.stderr.write(f"{found.left_over} passages of deleted documents")
        if options["check"]:
            if found:
                raise CommandError("The index is not in order; reindex_documents --missing sets it right.")
            self.stdout.write("The index is in order.")
            return
        rebuilt = 0 if options["missing"] else self._rebuild()
        refresh_statistics()
        self.stdout.write(
            f"{rebuilt} versions rebuilt, {len(found.missing)} added, {len(found.surplus)} taken out."
        )

    def _rebuild(self) -> int:
        """Rebuild every version in the index, a transaction each, then the vocabulary."""
        indexed = Version.objects.filter(indexed=True).defer("text").order_by("pk")
        rebuilt = sum(state.rebuild_version(version) for version in indexed)
        state.rebuild_vocabulary()
        return rebuilt
