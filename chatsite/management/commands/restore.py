"""``manage.py restore FILE``: put a backup in the place of the database's contents."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from chatsite.backups.errors import BackupError
from chatsite.backups.steps import restore


class Command(BaseCommand):
    """Puts a backup back, whole or not at all."""

    help = "Put a backup in the place of the database's contents. End web, workers and beat first."
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file and what to overlook."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--replace", action="store_true", help="Lose what is in the database now.")
        parser.add_argument(
            "--any-key", action="store_true", help="Although what was sealed with its SECRET_KEY stays shut."
        )

    def handle(self, *, file: Path, replace: bool, any_key: bool, **_options: Any) -> None:
        """Put it back and say what there is."""
        try:
            manifest = restore(file, replace=replace, any_key=any_key)
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{sum(manifest.rows.values()):,} rows of {manifest.made_at} are back.")
