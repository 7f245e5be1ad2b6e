"""``manage.py import_documents FOLDER``: policies from files."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from knowledge.documents.importing import import_folder
from knowledge.documents.parse import PARSERS


class Command(BaseCommand):
    """Import a folder of documents; see ``knowledge.documents.importing``."""

    help = f"Publishes every file under FOLDER ({', '.join(PARSERS)}). Repeatable: unchanged texts stay."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the folder."""
        parser.add_argument("folder", type=Path, metavar="FOLDER")

    def handle(self, *args: object, **options: object) -> None:
        """Import, list every file that was refused, and say how many were taken."""
        try:
            report = import_folder(options["folder"])
        except NotADirectoryError as error:
            raise CommandError(str(error)) from error
        for file, reason in report.refused.items():
            self.stderr.write(f"{file}: {reason}")
        self.stdout.write(
            f"{len(report.published)} published, {len(report.unchanged)} unchanged, "
            f"{len(report.refused)} refused."
        )
