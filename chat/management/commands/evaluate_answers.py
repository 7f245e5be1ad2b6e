"""``manage.py evaluate_answers [DATASET…]``: golden questions through the real turn, and what has changed."""

import asyncio
import json
import re
import time
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from chat.evaluation import apart, clock, desk, printing
from chat.evaluation.accepted import (
    Difference,
    accepted_file,
    compare,
    failures,
    read_accepted,
    write_accepted,
)
from chat.evaluation.cases import GOLDEN, Case, DatasetRefused, read_cases
from chat.evaluation.judging import Check, Got, judge
from chat.evaluation.report import Report, report_of
from chat.evaluation.running import run_cases
from chat.evaluation.scripted import MODEL, ScriptedModel

SCRIPTED = "scripted"


class Command(BaseCommand):
    """Ask every case, print the tables, every failure and every change; a regression is an error."""

    help = (
        "Asks the cases of a dataset (TOML or JSON lines; the sample airline's golden set unless given) "
        "through the whole turn, on a database of their own with the sample airline on a fixed day, and "
        "compares with the last accepted run. Ends with 1 when a case fails that passed there."
    )

    requires_system_checks = ()  # neither addresses nor templates are asked

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the dataset, who answers, which cases, and what is done with the outcome."""
        parser.add_argument("dataset", nargs="*", type=Path, help="files, or folders of them")
        parser.add_argument(
            "--provider",
            help="extractive, scripted, or a provider of the settings; else the first of LLM_CHAIN",
        )
        parser.add_argument("--only", default="", help="cases whose id, group or intent holds these letters")
        parser.add_argument("--limit", type=int, default=0, help="only so many, spread over the dataset")
        parser.add_argument("--at-once", type=int, default=4, help="cases asked at a time")
        parser.add_argument("--json", type=Path, help="write everything there, too")
        parser.add_argument("--quiet", action="store_true", help="only sums and what has changed")
        parser.add_argument("--accept", action="store_true", help="keep this run as the accepted one")
        parser.add_argument(
            "--here",
            action="store_true",
            help="ask this desk itself, with its settings, documents and people, today; its conversations "
            "are deleted again, but usage and costs are counted. Cases of people in danger and of other days "
            "are left out",
        )
        parser.add_argument("--inside", type=Path, help="for this command's own use: the process's folder")

    def handle(self, *, inside: Path | None, **options: Any) -> None:
        """Run in the parent, or, with ``--inside``, as its child."""
        try:
            if inside is not None:
                _run_inside(inside, options["at_once"])
            else:
                self._evaluate(**options)
        except (DatasetRefused, apart.RunBroken) as error:
            raise CommandError(str(error)) from error

    def _evaluate(
        self, *, dataset: list[Path], provider: str | None, only: str, limit: int, at_once: int, here: bool,
        accept: bool, quiet: bool, json: Path | None, **_: Any,
    ) -> None:  # fmt: skip
        paths = dataset or [GOLDEN]
        every = read_cases(paths)
        cases = _chosen(every, only, limit, here=here)
        is_whole = len(cases) == len(every)
        if accept and not is_whole:
            raise CommandError("Only a run of all cases can be accepted.")
        chain = [provider] if provider else list(settings.LLM_CHAIN[:1])
        name = _name_of(chain[0], here=here)
        began = time.monotonic()
        results = self._results(cases, chain[0], at_once, here=here)
        checks = {case.id: judge(case, results[case.id]) for case in cases}
        file = accepted_file(paths[0], name)
        before = read_accepted(file)
        difference = compare(before or {}, checks, is_whole=is_whole)
        report = report_of(cases, results, checks)
        asked = "compatible" if chain[0] == SCRIPTED else chain[0]
        if not (here or asked == "extractive" or report.providers[asked]):
            raise CommandError(f"{chain[0]} has answered none of the {len(cases)} cases; is it reachable?")
        self._print(cases, checks, report, quiet=quiet)
        self.stdout.write(f"{name}: {len(cases)} cases in {time.monotonic() - began:.1f} s")
        if json is not None:
            json.write_text(_as_json(name, cases, results, checks, difference), encoding="utf-8")
        self._compare(difference, cases, file, is_known=before is not None)
        if accept:
            write_accepted(file, checks)
            self.stdout.write(f"Accepted: {file}")
        elif difference.regressions:
            worse = ", ".join(difference.regressions)
            raise CommandError(f"Passed in the accepted run and fail now: {worse}")

    def _results(
        self, cases: Sequence[Case], provider: str, at_once: int, *, here: bool
    ) -> Mapping[str, Got]:
        if here:
            return _results_here(cases, at_once)
        with ExitStack() as stack:
            # The desk's own chain ends with quotations: what a model may not say, or does not, is quoted.
            changes = {"LLM_CHAIN": ",".join(dict.fromkeys((provider, "extractive")))}
            if provider == SCRIPTED:
                model = stack.enter_context(ScriptedModel(cases))
                changes = {
                    "LLM_CHAIN": "compatible,extractive",
                    "COMPATIBLE_BASE_URL": model.base_url,
                    "COMPATIBLE_MODEL": MODEL,
                    "COMPATIBLE_API_KEY": "none",
                }
            return apart.run_apart(cases, changes=changes, at_once=at_once, listen=self._progress)

    def _progress(self, done: int) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{done} ", ending="")

    def _print(
        self, cases: Sequence[Case], checks: Mapping[str, Sequence[Check]], report: Report, *, quiet: bool
    ) -> None:
        for case in () if quiet else cases:
            for line in printing.failed(case, checks[case.id]):
                self.stdout.write(line)
        for line in printing.tables(report):
            self.stdout.write(line)

    def _compare(self, difference: Difference, cases: Sequence[Case], file: Path, *, is_known: bool) -> None:
        if not is_known:
            self.stdout.write(f"No accepted run yet ({file}); --accept keeps this one.")
            return
        for line in printing.changes(difference, {case.id: case for case in cases}):
            self.stdout.write(line)


def _run_inside(folder: Path, at_once: int) -> None:
    """Be the process of its own: its settings name the database in the folder, and nothing else."""
    if Path(settings.VAR_DIR) != folder:
        raise CommandError("--inside is for this command's own use.")
    cases = apart.cases_in(folder)
    with clock.standing_still():
        desk.prepare()
        listen = lambda case, got: apart.write_result(folder, case, got)  # noqa: E731 - said in one place
        asyncio.run(run_cases(cases, at_once=at_once, listen=listen))


def _results_here(cases: Sequence[Case], at_once: int) -> dict[str, Got]:
    results: dict[str, Got] = {}
    asyncio.run(run_cases(cases, at_once=at_once, listen=lambda case, got: results.update({case.id: got})))
    return results


def _chosen(cases: Sequence[Case], only: str, limit: int, *, here: bool) -> list[Case]:
    chosen = [case for case in cases if any(only in part for part in (case.id, case.group, case.intent))]
    if here:  # staff would be alerted, and this desk's clock goes
        chosen = [case for case in chosen if not (case.crisis or case.day)]
    if not chosen:
        raise DatasetRefused("No case is left to ask.")
    return chosen[:: -(-len(chosen) // limit)] if limit else chosen


def _name_of(provider: str, *, here: bool) -> str:
    """Return what the accepted run is kept under: who answered, with the model where there are several."""
    models = {
        "openai": settings.OPENAI_MODEL, "azure": settings.AZURE_OPENAI_DEPLOYMENT,
        "compatible": settings.COMPATIBLE_MODEL, "anthropic": settings.ANTHROPIC_MODEL,
    }  # fmt: skip
    name = "-".join(filter(None, (provider, models.get(provider, ""), "here" if here else "")))
    return re.sub(r"[^\w.-]+", "_", name)


def _as_json(
    name: str, cases: Sequence[Case], results: Mapping[str, Got], checks: Mapping[str, Sequence[Check]],
    difference: Difference,
) -> str:  # fmt: skip
    rows = [
        {
            "id": case.id,
            "group": case.group,
            "ask": case.ask,
            "passed": not failures(checks[case.id]),
            "got": asdict(results[case.id]),
            "checks": [asdict(check) for check in checks[case.id]],
        }
        for case in cases
    ]
    body = {"provider": name, "cases": rows, "difference": asdict(difference)}
    return json.dumps(body, ensure_ascii=False, indent=1)
