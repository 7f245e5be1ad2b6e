"""The tables that a benchmark ends with, and the budgets beside what was measured."""

import math
from collections.abc import Iterable, Sequence
from statistics import mean

from benchmarks.idle import Idle
from benchmarks.measure import Result, percentile

PARTS = ("web", "worker", "redis", "postgres")
HEADERS = (
    *("system", "run", "answers", "correct", "at once", "CPU ms", *PARTS, "x bare"),
    *("added p50", "p95", "p99", "total p50", "p95", "memory MB", "other cores"),
)
IDLE_HEADERS = ("system", "sockets", "refused", "kB each", "Redis kB each", "open CPU ms", "cores", "before")
BUDGET_HEADERS = ("budget", "limit", "system", "measured", "")

RATIOS = {"embedded": 2.5, "scaled": 4.0}
FASTAPI_MS = 31  # a plain FastAPI and Redis service doing the same, at its best
STEADY_MS, CROWD_MS, CACHED_MS = 25, 200, 50
IDLE_KB, IDLE_CORES = 40, 0.005


def bare_milliseconds(results: Iterable[Result]) -> float | None:
    """Return the bare relay's processor milliseconds an answer, the mean of its runs; None if it had none."""
    bare = [result.milliseconds() for result in results if result.system == "bare"]
    return mean(bare) if bare else None


def results_table(results: Sequence[Result]) -> str:
    """Return the main table; times in milliseconds, processor time for each correct answer."""
    bare = bare_milliseconds(results)
    return table(HEADERS, [_row(result, bare) for result in results])


def errors_table(results: Sequence[Result]) -> str:
    """Return every kind of error with its number; empty when there was none."""
    rows = [
        [result.system, result.run, str(number), error]
        for result in results
        for error, number in result.errors.most_common()
    ]
    return table(("system", "run", "answers", "wrong in what"), rows) if rows else ""


def idle_table(idles: Sequence[Idle]) -> str:
    """Return what idle sockets cost."""
    return table(IDLE_HEADERS, [_idle_row(idle) for idle in idles])


def budgets_table(results: Sequence[Result], idles: Sequence[Idle]) -> str:
    """Return each budget beside what was measured, and whether it is met."""
    bare = bare_milliseconds(results)
    products = [result for result in results if result.system != "bare"]
    rows = [_exact(products, system) for system in dict.fromkeys(result.system for result in products)]
    rows += [row for result in products for row in _budgets(result, bare)]
    rows += [row for idle in idles for row in _idle_budgets(idle)]
    return table(BUDGET_HEADERS, rows)


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows as a Markdown table whose columns line up, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(headers, *rows, strict=True)]
    numeric = [all(map(_is_number, column)) for column in zip(*rows, strict=True)] or [False] * len(headers)
    columns = list(zip(widths, numeric, strict=True))
    rule = [f"{'-' * (width - 1)}{':' if right else '-'}" for width, right in columns]

    def line(cells: Sequence[str]) -> str:
        placed = zip(cells, columns, strict=True)
        aligned = [cell.rjust(width) if right else cell.ljust(width) for cell, (width, right) in placed]
        return f"| {' | '.join(aligned)} |"

    return "\n".join([line(headers), f"| {' | '.join(rule)} |", *map(line, rows)])


def _is_number(cell: str) -> bool:
    return not cell or cell in ("–", "inf") or cell.lstrip("-")[:1].isdigit()


def _row(result: Result, bare: float | None) -> list[str]:
    ratio = f"{result.milliseconds() / bare:.2f}" if bare and result.run == "answers" else ""
    parts = [f"{result.milliseconds(part):.1f}" if part in result.used.parts else "" for part in PARTS]
    added = [_milliseconds(percentile(result.added, percent), 1) for percent in (50, 95, 99)]
    totals = [_milliseconds(percentile(result.totals, percent), 0) for percent in (50, 95)]
    return [
        *(result.system, result.run, str(len(result.asked)), str(result.correct), str(result.at_once)),
        *(f"{result.milliseconds():.1f}", *parts, ratio, *added, *totals),
        *(f"{result.memory / 2**20:.0f}", f"{result.other_cores:.1f}"),
    ]


def _milliseconds(seconds: float, digits: int) -> str:
    return "–" if math.isinf(seconds) else f"{1_000 * seconds:.{digits}f}"


def _idle_row(idle: Idle) -> list[str]:
    kilobytes = [f"{size / 1_024:.1f}" for size in (idle.bytes_each, idle.redis_bytes_each)]
    cores = [f"{idle.cores:.3f}", f"{idle.cores_before:.3f}"]
    return [idle.system, str(idle.sockets), str(idle.refused), *kilobytes, f"{idle.connect_ms:.2f}", *cores]


def _exact(results: Sequence[Result], system: str) -> list[str]:
    mine = [result for result in results if result.system == system]
    correct, asked = sum(result.correct for result in mine), sum(len(result.asked) for result in mine)
    return ["every answer exact, all runs", "all", system, f"{correct} of {asked}", _met(correct == asked)]


def _budgets(result: Result, bare: float | None) -> list[list[str]]:
    system = result.system
    if result.run == "answers":
        used = result.milliseconds()
        ratio = [_budget("CPU an answer", RATIOS[system], system, used / bare, "x bare")] if bare else []
        return [*ratio, _budget("CPU an answer", FASTAPI_MS, system, used, "ms")]
    if result.run == "cached":
        last = 1_000 * percentile(result.totals, 95)
        return [_budget("cached answer to its last character, p95", CACHED_MS, system, last, "ms")]
    limit = {"steady": STEADY_MS, "crowd": CROWD_MS}[result.run]
    added = 1_000 * percentile(result.added, 95)
    return [_budget(f"added time to first token, {result.run}, p95", limit, system, added, "ms")]


def _idle_budgets(idle: Idle) -> list[list[str]]:
    cores = max(idle.cores - idle.cores_before, 0.0)
    return [
        _budget("idle socket", IDLE_KB, idle.system, idle.bytes_each / 1_024, "kB"),
        _budget(f"{idle.sockets} idle sockets beyond none", IDLE_CORES, idle.system, cores, "cores"),
    ]


def _budget(name: str, limit: float, system: str, measured: float, unit: str) -> list[str]:
    shown = "–" if math.isinf(measured) else f"{measured:.{3 if unit == 'cores' else 1}f}"
    return [name, f"≤ {limit:g} {unit}", system, shown, _met(measured <= limit)]


def _met(is_met: bool) -> str:
    return "met" if is_met else "NOT MET"
