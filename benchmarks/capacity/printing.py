"""The tables that a simulation ends with, with what they rest on above them."""

from collections.abc import Iterator, Sequence
from dataclasses import fields

from benchmarks.capacity import arrivals, plan
from benchmarks.capacity.figures import Costs, Day, Prices
from benchmarks.capacity.plan import Ask, Change, Plan
from benchmarks.report import table

HEADERS = (
    *("people", "cells", "questions/s", "in the storm", "web", "worker", "Redis", "database cores"),
    *("cores bought", "machines", "wait ms", "memory GB", "Redis commands/s", "Mbit/s", "statements/s"),
    *("GB a month", "M tokens a month", "machines $", "model $", "a month $"),
)


def assumptions(ask: Ask, costs: Costs, day: Day, prices: Prices) -> Iterator[str]:
    """Yield lines that say what the tables rest on."""
    cached = costs.cached_web + costs.cached_worker + costs.cached_redis + costs.cached_postgres
    yield (
        f"Measured: {costs.all_parts:.1f} ms of processor an answer (web {costs.web:g}, worker "
        f"{costs.worker:g}, Redis {costs.redis:g}, PostgreSQL {costs.postgres:g}), {cached:.1f} from "
        f"the cache; {costs.deltas} pieces, {costs.statements:g} statements and {costs.row_bytes} bytes of "
        f"rows an answer; {costs.socket_kilobytes:g} kB a socket. Where from: docs/scaling.md."
    )
    yield (
        f"Assumed: {day.questions_per_hour:g} questions a person and hour, {day.cached:.0%} from the cache "
        f"or shared, {day.answer_seconds:g} s an answer, processor time with a coefficient of variation of "
        f"{day.spread:g}; a storm of {day.storm:g} times as many that falls to a third in "
        f"{day.storm_seconds:g} s, {day.storm_cached:.0%} of what it adds cached or shared; "
        f"{day.tokens_in:,.0f} tokens read and {day.tokens_out:,.0f} written an answer; "
        f"{day.busy_hours:g} busy hours a month."
    )
    yield (
        f"Placeholder prices, put in your own: {prices.core_month:g} $ a core with 4 GB and month, "
        f"{prices.storage_month:g} $ a GB and month stored, {prices.traffic:g} $ a GB sent. The model's: "
        f"{prices.model}, list price since {prices.model_day} (accounts/spending/example_prices.csv)."
    )
    yield (
        f"Simulated: {arrivals.horizon(day):.0f} s with a storm, seed {ask.seed}, in cells of {plan.CELL:,} "
        f"people at most; the fewest processes whose p95 waits in the storm's first "
        f"{day.storm_seconds:g} s come to {1_000 * ask.wait:g} ms at most, a quarter a role. Bought beyond "
        f"them: a web process and a worker to spare, a second Redis and database, in each cell. Not "
        f"simulated: the model's own limits, the database's disks."
    )


def plans_table(plans: Sequence[Plan]) -> str:
    """Return a row for each plan."""
    return table(HEADERS, [_row(one) for one in plans])


def sensitivity_line(changes: Sequence[Change], people: int) -> str:
    """Return what a quarter more of each input changes, the dearest first."""
    told = "; ".join(f"{one.what} {one.money:+.0%} money, {one.cores:+.0%} cores" for one in changes)
    return f"A quarter more of each, at {people:,} people: {told}."


def _row(one: Plan) -> list[str]:
    waits = sum(one.waits.values())
    return [
        *(f"{one.people:,}", f"{one.cells}", f"{one.rate:,.1f}", f"{one.peak:,.1f}"),
        *(f"{one.processes[role]:,}" for role in ("web", "worker", "redis", "postgres")),
        *(f"{one.cores:,}", f"{one.machines:,}", f"{1_000 * waits:.0f}", f"{one.memory / 1e9:,.1f}"),
        *(f"{one.redis_operations:,.0f}", f"{one.bits_sent / 1e6:,.1f}", f"{one.statements:,.0f}"),
        *(f"{one.rows_month / 1e9:,.1f}", f"{one.tokens_month / 1e6:,.0f}"),
        *(f"{one.machine_money:,.0f}", f"{one.model_money:,.0f}", f"{one.money:,.0f}"),
    ]


def names_of(kind: type[Costs | Day | Prices]) -> list[str]:
    """Return the names of the inputs of one kind that are numbers."""
    return [field.name for field in fields(kind) if field.type in (int, float, "int", "float")]
