"""``manage.py import_documents PATH…``: documents from folders, files and zips."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from knowledge.documents.importing import Report, import_paths
from knowledge.documents.language import is_code
from knowledge.documents.parse import ENDINGS
from knowledge.documents.taking import IMPORT_NOTE, FileOutcome, Kind, Options
from knowledge.models import Audience


class Command(BaseCommand):
    """Import documents; see ``knowledge.documents.importing``."""

    help = (
        f"Publishes files ({', '.join(ENDINGS)}): each PATH is a file, a folder or a zip. Repeatable: "
        "unchanged texts stay as they are. Every refused file is listed with its reason on the error output. "
        "The exit code is 1 when every file was refused, and 0 when any was taken or there was none."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the paths, and what is to be done with them."""
        unnamed = "of new documents whose file names none"
        parser.add_argument("paths", type=Path, nargs="+", metavar="PATH")
        parser.add_argument("--draft", action="store_true", help="keep the texts as drafts")
        parser.add_argument("--category", default="", help=f"category {unnamed} (40 characters at most)")
        parser.add_argument("--audience", default="", choices=Audience.values, help=f"audience {unnamed}")
        parser.add_argument("--language", default="", help=f"language code {unnamed}; else it is found out")
        parser.add_argument("--note", default=IMPORT_NOTE, help="kept with every version made")

    def handle(self, *args: object, **options: object) -> None:
        """Import, list every file that was refused as it comes, and say how many were taken."""
        progress = _Progress(self, shown=options["verbosity"] > 0 and self.stderr.isatty())
        try:
            report = import_paths(options["paths"], _options(options), progress)
        except FileNotFoundError as error:
            raise CommandError(str(error)) from error
        finally:
            progress.clear()
        self.stdout.write(_summary(report))
        if report.refused and report.took_nothing:
            raise CommandError("nothing could be taken")


class _Progress:
    """Tells of refused files at once, and on a terminal how many files are done."""

    def __init__(self, command: BaseCommand, *, shown: bool) -> None:
        self._command, self._shown = command, shown
        self._files = 0

    def __call__(self, outcome: FileOutcome) -> None:
        self._files += 1
        if outcome.kind == Kind.REFUSED:
            self.clear()
            self._command.stderr.write(f"{outcome.name}: {outcome.reason}")
        if self._shown:
            self._command.stderr.write(f"\r{self._files} files", ending="")
            self._command.stderr.flush()

    def clear(self) -> None:
        """Take the running line away."""
        if self._shown:
            self._command.stderr.write("\r\033[K", ending="")


def _options(options: dict[str, object]) -> Options:
    language = str(options["language"]).lower()
    if language and not is_code(language):
        raise CommandError(f"“{language}” is no language code such as en or es")
    if len(str(options["category"])) > 40:
        raise CommandError("--category has more than 40 characters")
    if len(str(options["note"])) > 300:
        raise CommandError("--note has more than 300 characters")
    return Options(
        note=str(options["note"]),
        publish=not options["draft"],
        category=str(options["category"]),
        audience=str(options["audience"]),
        language=language,
    )


def _summary(report: Report) -> str:
    drafts = f"{len(report.drafts)} kept as drafts, " if report.drafts else ""
    return (
        f"{len(report.published)} published, {drafts}{len(report.unchanged)} unchanged, "
        f"{len(report.refused)} refused."
    )
