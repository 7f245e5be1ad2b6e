"""``manage.py evaluate_tone FILE…``: how well the tone of messages is told, on labelled messages."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from chat.turn.tone import Sentiment
from chat.turn.tone.evaluation import Report, measure, read_cases


class Command(BaseCommand):
    """Print the shares per class, the confusion table, urgency and the time it takes."""

    help = "Files are JSON lines: text, sentiment, urgent, lang, earlier (a list, oldest first)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the files."""
        parser.add_argument("files", nargs="+", type=Path)
        parser.add_argument("--wrong", action="store_true", help="print what was taken for something else")

    def handle(self, *, files: list[Path], wrong: bool, **_: Any) -> None:
        """Measure each file."""
        for path in files:
            try:
                report = measure(read_cases(path))
            except (OSError, ValueError, KeyError) as error:
                raise CommandError(f"{path}: {type(error).__name__}: {error}") from error
            self.stdout.write(f"{path}\n")
            self._print(report)
            for case, taken_for in report.wrong if wrong else ():
                self.stdout.write(f"  {case.sentiment}, taken for {taken_for}: {case.text}")

    def _print(self, report: Report) -> None:
        names = [str(each) for each in Sentiment]
        self.stdout.write("  " + _row("is \\ taken for", *names, "right", "precise"))
        for each in Sentiment:
            right, total = report.count(each)
            counts = [report.table[each, other] for other in Sentiment]
            precise = _share(right, report.taken_for(each))
            self.stdout.write("  " + _row(str(each), *counts, _share(right, total), precise))
        self.stdout.write(f"  all: {report.accuracy:.1%} of {report.table.total()}")
        for language, (right, total) in sorted(report.by_language.items()):
            self.stdout.write(f"  {language}: {_share(right, total)} of {total}")
        seen, missed = report.urgent[True, True], report.urgent[True, False]
        self.stdout.write(
            f"  urgent: {seen} of {seen + missed} seen, {report.urgent[False, True]} others taken for it"
        )
        self.stdout.write(f"  {report.ms:.3f} ms of CPU a message\n")


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "-"


def _row(name: object, *cells: object) -> str:
    return f"{name!s:16}" + "".join(f"{cell!s:>12}" for cell in cells)
