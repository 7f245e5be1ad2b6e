"""Find passages that repeat or contradict each other: ``manage.py find_resemblances``."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db.models import Count

from knowledge.models import Resemblance
from knowledge.resemblance.finding import find_resemblances


class Command(BaseCommand):
    """Compare what is in force and was not compared yet."""

    help = "Find passages in force that repeat or may contradict each other; the admin lists them."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take --anew."""
        parser.add_argument("--anew", action="store_true", help="Compare everything, not only what is new.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare and say what there is."""
        began = time.monotonic()
        versions = find_resemblances(anew=options["anew"], progress=self._tell)
        self.stdout.write(f"{versions} versions compared in {time.monotonic() - began:.1f} s.")
        counts = dict(Resemblance.objects.filter(dismissed=False).values_list("kind").annotate(n=Count("pk")))
        for kind in Resemblance.Kind:
            self.stdout.write(f"{kind.label}: {counts.get(kind.value, 0)}")

    def _tell(self, done: int, of: int) -> None:
        if done % 500 == 0:
            self.stdout.write(f"{done} of {of} …")
