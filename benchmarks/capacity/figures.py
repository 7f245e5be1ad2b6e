"""What the simulation goes by: costs that were measured, a day that is assumed, prices to be replaced."""

import json
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Self

PARTS = ("web", "worker", "redis", "postgres")


class FiguresRefused(Exception):
    """A file of figures cannot be used; the message gives the reason."""


@dataclass(frozen=True, slots=True)
class Costs:
    """What one answer costs: measured, on the cores of the machine that it was measured on.

    The first eight are processor milliseconds of an answer that a model wrote, and of one from the cache, as
    ``make bench`` prints them for the scaled desk. The others' sources are in docs/scaling.md.

    Attributes:
        deltas: pieces an answer reaches the browser in.
        statements: of the database, an answer.
        row_bytes: of the database with its indexes, an answer.
        socket_kilobytes: memory of an idle socket.
        event_bytes: of one piece in Redis and on the way to the browser.
        process_megabytes: memory of a process before its sockets and turns.
    """

    web: float = 15.1
    worker: float = 48.6
    redis: float = 3.0
    postgres: float = 8.0
    cached_web: float = 11.0
    cached_worker: float = 26.5
    cached_redis: float = 1.4
    cached_postgres: float = 8.7
    deltas: int = 41
    statements: float = 26.0
    row_bytes: int = 4_700
    socket_kilobytes: float = 71.0
    event_bytes: int = 340
    process_megabytes: float = 200.0

    @property
    def all_parts(self) -> float:
        """Processor milliseconds of an answer that a model wrote, in all parts together."""
        return self.web + self.worker + self.redis + self.postgres

    def on_cores(self, speed: float) -> "Costs":
        """Return the costs on cores ``speed`` times as fast as those measured on."""
        names = [before + part for before in ("", "cached_") for part in PARTS]
        return replace(self, **{name: getattr(self, name) / speed for name in names})

    def of(self, part: str, *, is_cached: bool) -> float:
        """Return the processor seconds that an answer takes of ``part``, one of ``PARTS``."""
        return float(getattr(self, f"cached_{part}" if is_cached else part)) / 1_000

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the costs with what a file gives: JSON of these names, or the tables ``make bench`` printed.

        Raises:
            FiguresRefused: the file is neither, or names something else.
        """
        try:
            text = path.read_text()
            given = json.loads(text) if text.lstrip().startswith("{") else _from_tables(text)
        except (OSError, ValueError) as error:
            raise FiguresRefused(f"{path}: {error}") from error
        known = {field.name: field.type for field in fields(cls)}
        if wrong := [name for name in given if name not in known]:
            raise FiguresRefused(f"{path}: nothing is called {', '.join(wrong)}")
        if wrong := [name for name, value in given.items() if not _is_amount(value)]:
            raise FiguresRefused(f"{path}: {', '.join(wrong)} must be a number of at least 0")
        if not given:
            raise FiguresRefused(f"{path}: no row of the scaled desk in it")
        return replace(cls(), **given)


def _is_amount(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _from_tables(text: str) -> dict[str, Any]:
    """Return what the tables of ``make bench`` say about the scaled desk."""
    given: dict[str, Any] = {}
    headers: list[str] = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|"):
            headers = []
        elif not headers:
            headers = cells
        elif cells[0] == "scaled":
            row = dict(zip(headers, cells, strict=False))
            before = {"answers": "", "cached": "cached_"}.get(row.get("run", ""))
            if before is not None:
                given |= {before + part: float(row[part]) for part in PARTS if part in row}
            elif "kB each" in row:
                given["socket_kilobytes"] = float(row["kB each"])
    return given


@dataclass(frozen=True, slots=True)
class Day:
    """How people use the desk: assumed. Everything here is an option of the command.

    Attributes:
        questions_per_hour: of one person with the page open.
        cached: share of answers from the cache, or shared with whoever asks the very same at that moment.
        storm: times as many questions in a storm (a strike is in the news) at its height …
        storm_seconds: … which falls to a third in so many seconds.
        storm_cached: share of cached and shared answers in it: a crowd asks the same.
        spread: coefficient of variation of the processor time of an answer.
        answer_seconds: how long an answer streams.
        tokens_in: of the prompt with its passages, an answer that a model writes.
        tokens_out: of the answer.
        busy_hours: hours of full load that a month's questions amount to.
    """

    questions_per_hour: float = 6.0
    cached: float = 0.3
    storm: float = 4.0
    storm_seconds: float = 60.0
    storm_cached: float = 0.6
    spread: float = 0.5
    answer_seconds: float = 6.0
    tokens_in: int = 2_000
    tokens_out: int = 160
    busy_hours: float = 240.0


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars: placeholders to be replaced by your provider's, except the model's.

    Attributes:
        core_month: a core with 4 GB for a month, whatever it serves (placeholder).
        storage_month: a GB of replicated database storage for a month (placeholder).
        traffic: a GB sent to browsers (placeholder).
        model: whose list price in ``accounts/spending/example_prices.csv`` holds.
        model_input: a million tokens read.
        model_output: a million tokens written.
        model_day: since when that price holds.
    """

    core_month: float = 30.0
    storage_month: float = 0.25
    traffic: float = 0.05
    model: str = "openai/gpt-4o-mini"
    model_input: float = 0.15
    model_output: float = 0.60
    model_day: str = "2024-07-18"
