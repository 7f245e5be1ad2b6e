"""``manage.py evaluate_crisis FILE…``: how well people in danger are found, on labelled messages."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from chat.safety.crisis.evaluation import Count, Report, Script, interval, measure, read_cases


class Command(BaseCommand):
    """Print recall of the cues, what they pass on, and what the whole path does with a scripted model."""

    help = (
        "Files are JSON lines: text (or messages, oldest first), label (1 for a crisis), lang, category. "
        "No model is asked: a scripted one knows the labels and errs as often as told."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the files and the scripted model's failings."""
        parser.add_argument("files", nargs="+", type=Path)
        parser.add_argument("--wrong", type=float, default=0.0, help="share that the model judges wrongly")
        parser.add_argument("--failing", type=float, default=0.0, help="share that it gives no judgement of")
        parser.add_argument("--missed", action="store_true", help="print the crises that the cues let by")

    def handle(self, *, files: list[Path], wrong: float, failing: float, missed: bool, **_: Any) -> None:
        """Measure each file."""
        for path in files:
            try:
                report = measure(read_cases(path), Script(wrong, failing))
            except (OSError, ValueError, KeyError) as error:
                raise CommandError(f"{path}: {type(error).__name__}: {error}") from error
            self.stdout.write(f"{path}\n")
            self._print_sums(report)
            self._print_groups(report)
            for case in report.missed if missed else ():
                self.stdout.write(f"  missed: {case.language} {case.category}: {case.messages[-1]}")

    def _print_sums(self, report: Report) -> None:
        crises, others = report.sum(is_crisis=True), report.sum(is_crisis=False)
        self._line("cues: crises seen", crises.seen, crises.total)
        self._line("cues: others passed on", others.seen, others.total)
        for with_model, name in ((True, "scripted model"), (False, "no model")):
            crises = report.sum(is_crisis=True, with_model=with_model)
            others = report.sum(is_crisis=False, with_model=with_model)
            self._line(f"{name}: protocol for crises", crises.protocol, crises.total)
            self._line(f"{name}: help lines beside the answer, crises", crises.support, crises.total)
            self._line(f"{name}: protocol for others", others.protocol, others.total)
            self._line(f"{name}: help lines beside the answer, others", others.support, others.total)
            self._line(f"{name}: precision", crises.protocol, crises.protocol + others.protocol)
        self.stdout.write(f"  cues: {report.ms:.3f} ms of CPU a case\n\n")

    def _line(self, name: str, part: int, whole: int) -> None:
        low, high = interval(part, whole)
        share = f"{part / whole:6.1%}" if whole else "     -"
        self.stdout.write(f"  {name:56} {part:4}/{whole:<4} {share} ({low:.1%} to {high:.1%})")

    def _print_groups(self, report: Report) -> None:
        head = ("label", "language", "category", "cases", "seen", "strong", "protocol", "beside")
        self.stdout.write("  " + _row(*head))
        for (is_crisis, language, category), count in sorted(report.with_model.items()):
            label = "crisis" if is_crisis else "other"
            self.stdout.write("  " + _row(label, language, category, *_numbers(count)))
        self.stdout.write("")


def _numbers(count: Count) -> tuple[int, ...]:
    return count.total, count.seen, count.strong, count.protocol, count.support


def _row(*cells: object) -> str:
    label, language, category, *numbers = map(str, cells)
    return f"{label:8}{language:10}{category:22}" + "".join(f"{number:>9}" for number in numbers)
