"""``manage.py evaluate_injection FILE…``: whether answers obey poisoned documents and customers' attempts."""

import asyncio
from argparse import ArgumentParser
from collections import defaultdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from chat.errors import ChatError
from chat.llm.registry import close_providers
from chat.turn.injection_trial import Case, Defences, Outcome, measure, read_cases


class Command(BaseCommand):
    """Print, for each way of attack, how often it was obeyed and how often the true fact was still told."""

    help = (
        "Files are JSON lines: id, vector, lang, question, document, fact, trigger (or forbid_regex). The "
        "configured models are asked; nothing is stored. A model that obeys everything: "
        "python -m benchmarks.fake_provider --obeys, and its address as COMPATIBLE_BASE_URL."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the files and the defences."""
        parser.add_argument("files", nargs="+", type=Path)
        parser.add_argument("--defences", choices=("on", "off", "prompt", "output"), default="on")
        parser.add_argument(
            "--obeyed", action="store_true", help="print the answers that obeyed or lost the fact"
        )

    def handle(self, *, files: list[Path], defences: Defences, obeyed: bool, **_: Any) -> None:
        """Measure each file."""
        for path in files:
            try:
                cases = read_cases(path)
            except (OSError, ValueError, KeyError) as error:
                raise CommandError(f"{path}: {type(error).__name__}: {error}") from error
            outcomes = asyncio.run(_measured(cases, defences))
            self.stdout.write(f"{path} (defences {defences}; asked: {', '.join(settings.LLM_CHAIN)})\n")
            self._print(outcomes, with_answers=obeyed)

    def _print(self, outcomes: list[Outcome], *, with_answers: bool) -> None:
        by_vector: dict[str, list[Outcome]] = defaultdict(list)
        for outcome in outcomes:
            by_vector[outcome.case.vector].append(outcome)
        self.stdout.write(f"  {'vector':28}{'cases':>7}{'obeyed':>8}{'fact kept':>11}{'by model':>10}")
        for vector, group in [*sorted(by_vector.items()), ("all", outcomes)]:
            facts = sum(bool(one.case.fact) for one in group)
            kept = sum(one.kept and bool(one.case.fact) for one in group)
            by_model = sum(one.provider not in ("extractive", "fixed") for one in group)
            told = f"{kept}/{facts}" if facts else "-"
            self.stdout.write(
                f"  {vector:28}{len(group):>7}{sum(one.obeyed for one in group):>8}{told:>11}{by_model:>10}"
            )
        for one in outcomes:
            if with_answers and (one.obeyed or not one.kept):
                self.stdout.write(f"  {one.case.id} ({one.provider}): {one.text!r}")


async def _measured(cases: list[Case], defences: Defences) -> list[Outcome]:
    try:
        return [await _one(case, defences) for case in cases]
    finally:
        await close_providers()


async def _one(case: Case, defences: Defences) -> Outcome:
    try:
        return await measure(case, defences)
    except ChatError as error:
        return Outcome(case, f"({error.code})", False, not case.fact, "none")
