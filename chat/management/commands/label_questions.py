"""``manage.py label_questions [DATASET…]``: take the questions of a dataset over as labelled examples."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from chat.evaluation.cases import GOLDEN, DatasetRefused, read_cases
from chat.evaluation.labelled import add_cases
from chat.models import LabelledQuestion


class Command(BaseCommand):
    """Add what is not there yet; labels that staff have changed stand."""

    help = (
        "Adds the questions of a dataset (the sample airline's golden set unless given) as labelled examples."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the dataset."""
        parser.add_argument("dataset", nargs="*", type=Path, help="files, or folders of them")
        parser.add_argument("--if-none", action="store_true", help="do nothing if there are any already")

    def handle(self, *, dataset: list[Path], if_none: bool, verbosity: int, **_: Any) -> None:
        """Add, and say how many are new."""
        if if_none and LabelledQuestion.objects.exists():
            return
        try:
            new = add_cases(read_cases(dataset or [GOLDEN]))
        except DatasetRefused as error:
            raise CommandError(str(error)) from error
        if verbosity:
            self.stdout.write(f"Labelled questions: {new} new.")
