"""What a run looks like on the terminal: the tables, every failure, and what has changed."""

from collections.abc import Iterator, Mapping, Sequence

from chat.evaluation.accepted import Difference
from chat.evaluation.cases import Case
from chat.evaluation.judging import CHECKS, Check
from chat.evaluation.report import Confusion, Count, Report

SHORT = 220  # characters of an answer shown with a failure


def tables(report: Report) -> Iterator[str]:
    """Yield the lines of all tables."""
    order = {name: position for position, name in enumerate(CHECKS)}
    checks = dict(sorted(report.checks.items(), key=lambda one: order[one[0]]))
    yield from _table("check", checks)
    yield from _table("group", report.groups)
    yield from _table("expected intent", report.intents)
    yield from _table("language", report.languages)
    yield "Router: intent expected (rows) and told (columns)"
    yield from confusion(report.router)
    yield ""
    yield f"Answered by: {', '.join(f'{name} {n}' for name, n in report.providers.most_common())}"
    yield _row("ALL CASES", report.cases)


def confusion(table: Confusion) -> Iterator[str]:
    """Yield the lines of a confusion table, then the share right by language."""
    intents = table.intents
    yield "  " + f"{'':12}" + "".join(f"{name:>11}" for name in intents) + f"{'right':>11}"
    for true, cells, count in table.rows():
        numbers = "".join(f"{n or '.':>11}" for _, n in cells)
        yield f"  {true:12}{numbers}{count.share:>11.1%}"
    for language, count in sorted(table.by_language.items()):
        yield f"  {language:12}{count.passed}/{count.of} {count.share:.1%}"
    yield f"  {'all':12}{table.all.passed}/{table.all.of} {table.all.share:.1%}"


def failed(case: Case, checks: Sequence[Check]) -> Iterator[str]:
    """Yield the lines of a case that failed; nothing for one that passed."""
    wrong = [check for check in checks if not check.passed]
    if wrong:
        yield f"✗ {case.id} ({case.group}, {case.person}): {case.ask}"
    for check in wrong:
        yield f"    {check.name}: expected {_short(check.expected)}"
        yield f"    {'':{len(check.name)}}  got {_short(check.got)}"


def changes(difference: Difference, cases: Mapping[str, Case]) -> Iterator[str]:
    """Yield what has changed since the accepted run."""
    for title, ids in (("REGRESSIONS", difference.regressions), ("Improvements", difference.improvements)):
        if ids:
            yield f"{title} ({len(ids)}):"
            yield from (f"  {case}: {cases[case].ask}" for case in ids)
    if failing := [case for case, passes in difference.new if not passes]:
        yield f"New cases that fail ({len(failing)}): {', '.join(failing)}"
    if passing := [case for case, passes in difference.new if passes]:
        yield f"New cases that pass: {len(passing)}"
    if difference.gone:
        yield f"No more in the dataset: {', '.join(difference.gone)}"
    if difference == Difference():
        yield "Nothing has changed since the accepted run."


def _table(name: str, counts: Mapping[str, Count]) -> Iterator[str]:
    yield f"{name:32}{'passed':>8}{'of':>6}"
    yield from (_row(f"  {one}", count) for one, count in counts.items())
    yield ""


def _row(name: str, count: Count) -> str:
    return f"{name:32}{count.passed:>8}{count.of:>6}{count.share:>8.1%}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHORT else line[: SHORT - 1] + "…"
