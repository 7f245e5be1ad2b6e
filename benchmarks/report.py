"""The tables that a benchmark ends with, and the budgets beside what was measured."""

from collections.abc import Iterable, Sequence
from statistics import mean

from benchmarks.idle import Idle
from benchmarks.measure import Result, percentile

FASTAPI_MS = 31  # a plain FastAPI and Redis service doing the same on the reference machine, at its best
RATIOS = {"embedded": 2.5, "scaled": 4.0}
STEADY_MS, CROWD_MS, CACHED_MS = 25, 200, 50
IDLE_KB, IDLE_CORES = 40, 0.005
HEADERS = (
    ("system", "run", "answers", "correct", "CPU ms", "web", "worker", "redis", "postgres", "x bare")
    + ("added p50", "p95", "p99", "total p50", "p95", "memory MB", "other cores")
)  # fmt: skip
IDLE_HEADERS = ("system", "sockets", "kB each", "redis kB each", "CPU ms to open", "cores idle", "with none")
BUDGET_HEADERS = ("budget", "limit", "system", "measured", "")


def bare_milliseconds(results: Iterable[Result]) -> float:
    """Return the bare relay's processor milliseconds an answer, the mean of its runs; 0 if it did not run."""
    bare = [result.milliseconds() for result in results if result.system == "bare"]
    return mean(bare) if bare else 0.0


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
    rows = [
        [idle.system, str(idle.sockets), f"{idle.bytes_each / 1_024:.1f}",
         f"{idle.redis_bytes_each / 1_024:.1f}", f"{idle.connect_ms:.2f}", f"{idle.cores:.3f}",
         f"{idle.cores_before:.3f}"]
        for idle in idles
    ]  # fmt: skip
    return table(IDLE_HEADERS, rows)


def budgets_table(results: Sequence[Result], idles: Sequence[Idle]) -> str:
    """Return each budget beside what was measured, and whether it is met."""
    bare = bare_milliseconds(results)
    rows = [row for result in results for row in _budgets(result, bare)]
    rows += [row for idle in idles for row in _idle_budgets(idle)]
    return table(BUDGET_HEADERS, rows)


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows as a Markdown table whose columns line up: the first word left, numbers right."""
    widths = [max(map(len, column)) for column in zip(headers, *rows, strict=True)]
    numeric = [all(_is_number(cell) for cell in column) for column in zip(*rows, strict=True)]
    numeric = numeric or [False] * len(headers)

    def line(cells: Sequence[str]) -> str:
        padded = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(cells, widths, numeric, strict=True)
        ]
        return f"| {' | '.join(padded)} |"

    rule = [
        "-" * (width - 1) + ":" if right else "-" * width
        for width, right in zip(widths, numeric, strict=True)
    ]
    return "\n".join([line(headers), f"| {' | '.join(rule)} |", *map(line, rows)])


def _is_number(cell: str) -> bool:
    return not cell or cell.lstrip("-")[:1].isdigit()


def _row(result: Result, bare: float) -> list[str]:
    ratio = f"{result.milliseconds() / bare:.2f}" if bare and result.run == "answers" else ""
    parts = [
        f"{result.milliseconds(part):.1f}" if part in result.used.parts else ""
        for part in ("web", "worker", "redis", "postgres")
    ]
    added = [f"{1_000 * percentile(result.added, percent):.1f}" for percent in (50, 95, 99)]
    totals = [f"{1_000 * percentile(result.totals, percent):.0f}" for percent in (50, 95)]
    return [
        result.system, result.run, str(len(result.asked)), str(result.correct),
        f"{result.milliseconds():.1f}", *parts, ratio, *added, *totals,
        f"{result.memory / 1_048_576:.0f}", f"{result.other_cores:.1f}",
    ]  # fmt: skip


def _budgets(result: Result, bare: float) -> list[list[str]]:
    if result.system == "bare":
        return []
    exact = f"{result.correct} of {len(result.asked)}"
    rows = [["every answer exact", "all", f"{result.system}, {result.run}", exact,
             _met(result.correct == len(result.asked))]]  # fmt: skip
    measured = 1_000 * percentile(result.added, 95)
    if result.run == "answers":
        rows += _cpu_budgets(result, bare)
    elif result.run in ("steady", "crowd"):
        limit = STEADY_MS if result.run == "steady" else CROWD_MS
        name = f"added time to first token, p95, {result.run}"
        rows.append(_budget(name, limit, result.system, measured, "ms"))
    elif result.run == "cached":
        last = 1_000 * percentile(result.totals, 95)
        rows.append(_budget("cached answer, question to last character, p95", CACHED_MS, result.system, last, "ms"))
    return rows


def _cpu_budgets(result: Result, bare: float) -> list[list[str]]:
    rows = [_budget("CPU an answer", FASTAPI_MS, result.system, result.milliseconds(), "ms")]
    if bare:
        ratio = result.milliseconds() / bare
        rows.insert(0, _budget("CPU an answer", RATIOS[result.system], result.system, ratio, "x bare"))
    return rows


def _idle_budgets(idle: Idle) -> list[list[str]]:
    each = idle.bytes_each / 1_024
    cores = idle.cores - idle.cores_before
    return [
        _budget("idle socket", IDLE_KB, idle.system, each, "kB"),
        _budget(f"{idle.sockets} idle sockets, over none", IDLE_CORES, idle.system, max(cores, 0.0), "cores"),
    ]


def _budget(name: str, limit: float, system: str, measured: float, unit: str) -> list[str]:
    digits = 3 if unit == "cores" else 1
    return [name, f"≤ {limit:g} {unit}", system, f"{measured:.{digits}f}", _met(measured <= limit)]


def _met(is_met: bool) -> str:
    return "met" if is_met else "NOT MET"
