"""Load the prices of models from a file."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.spending.price_files import COLUMNS, SAMPLE, PriceFileError, load_prices


class Command(BaseCommand):
    """Add prices, or change those of the same model and day."""

    help = f"Loads model prices from a comma-separated file with the columns {', '.join(COLUMNS)}."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a file, or the examples."""
        parser.add_argument("file", nargs="?", type=Path, help="the file; a heading line comes first")
        parser.add_argument("--sample", action="store_true", help=f"load the examples ({SAMPLE.name})")

    def handle(self, *args: object, **options: object) -> None:
        """Load all of the file, or nothing."""
        if (options["file"] is None) != bool(options["sample"]):
            raise CommandError("Name a file, or --sample.")
        path = SAMPLE if options["sample"] else options["file"]
        try:
            added, changed = load_prices(path.read_text(encoding="utf-8").splitlines())
        except (OSError, UnicodeDecodeError, PriceFileError) as error:
            raise CommandError(f"{path}: {error}") from error
        self.stdout.write(f"{added} prices added, {changed} brought up to date.")
