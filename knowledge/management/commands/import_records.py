"""``manage.py import_records FOLDER``: an airline's customers, flights and reservations."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from knowledge.records.airline_files import import_airline_files


class Command(BaseCommand):
    """Import operational records; see ``knowledge.records.airline_files``."""

    help = "Loads users.json, flights.json and reservations.json from FOLDER. Repeatable."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the folder."""
        parser.add_argument("folder", type=Path, metavar="FOLDER")

    def handle(self, *args: object, **options: object) -> None:
        """Import, list every row that was refused, and say how many were taken."""
        try:
            report = import_airline_files(options["folder"])
        except NotADirectoryError as error:
            raise CommandError(str(error)) from error
        for file, key, reason in report.refused:
            self.stderr.write(": ".join(part for part in (file, key, reason) if part))
        taken = ", ".join(f"{number} {kind}" for kind, number in report.taken.items())
        self.stdout.write(f"{taken}; {len(report.refused)} refused.")
