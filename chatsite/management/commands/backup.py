"""``manage.py backup FOLDER``: write a backup while the desk works on."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from chatsite.backups.errors import BackupError
from chatsite.backups.steps import back_up


class Command(BaseCommand):
    """Writes one file with everything in it."""

    help = "Write a backup of the database into a folder; nobody has to stop for it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the folder and how many to keep."""
        parser.add_argument("folder", type=Path)
        parser.add_argument("--keep", type=int, default=0, help="How many of the newest stay (0: all).")

    def handle(self, *, folder: Path, keep: int, **_options: Any) -> None:
        """Write it and say where it is."""
        try:
            path, manifest = back_up(folder, keep=keep)
        except BackupError as error:
            raise CommandError(str(error)) from error
        size = path.stat().st_size / 1e6
        self.stdout.write(
            f"{path}: {sum(manifest.rows.values()):,} rows in {len(manifest.rows)} tables, {size:.1f} MB"
        )
