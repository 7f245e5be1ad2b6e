"""From people to processes, machines, traffic and money."""

import math
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.capacity import arrivals, sizing
from benchmarks.capacity.figures import Costs, Day, Prices

CELL = 25_000  # most people simulated, and served, by one set of machines
SPARE = {"web": 1, "worker": 1}  # one may die at any moment
COPIES = {"redis": 2, "postgres": 2}  # each has one that stands by
SOCKET_PAGES = 1.3  # what the system keeps for a TCP connection beside the process's part (assumed)
MOST_SOCKETS = 5_000  # in one web process, for the sake of what its end would disturb (a choice)
# EVALSHA, XADD, EXPIRE and PUBLISH (chat/events/redis_writer.py); broker, limits and cache (assumed).
COMMANDS_A_PIECE, COMMANDS_AROUND = 4, 20
MILLION = 1_000_000
GB = 1e9
CORE_MEMORY = 4e9  # bytes that come with a core, as the price says


@dataclass(frozen=True, slots=True)
class Ask:
    """What is to be planned for.

    Attributes:
        people: with the page open at the same time.
        wait: seconds that 95 of 100 pieces of work may wait, in all roles one after another together.
        cores_a_machine: of the machines that are bought.
        seed: of chance.
    """

    people: int
    wait: float = 0.2
    cores_a_machine: int = 8
    seed: int = 7


@dataclass(frozen=True, slots=True)
class Plan:
    """What so many people need; processes without their spares, cores and money with them.

    Attributes:
        people: with the page open.
        cells: sets of machines of their own.
        rate: questions a second on a usual hour …
        peak: … and at the height of the storm.
        processes: of each role, in all cells, spares left out.
        waits: seconds that 95 of 100 pieces of work wait in each role.
        cores: bought, spares and copies included.
        machines: of the size asked for.
        memory: of sockets and processes, in bytes.
        redis_operations: commands a second at the peak.
        bits_sent: a second at the peak, to browsers.
        statements: of the database a second at the peak.
        rows_month: bytes the database grows by in a month.
        tokens_month: read and written by the model in a month.
        machine_money: dollars a month for cores, storage and traffic.
        model_money: dollars a month for the model.
    """

    people: int
    cells: int
    rate: float
    peak: float
    processes: dict[str, int]
    waits: dict[str, float]
    cores: int
    machines: int
    memory: float
    redis_operations: float
    bits_sent: float
    statements: float
    rows_month: float
    tokens_month: float
    machine_money: float
    model_money: float

    @property
    def money(self) -> float:
        """Dollars a month in all."""
        return self.machine_money + self.model_money


def make_plan(ask: Ask, costs: Costs, day: Day, prices: Prices) -> Plan:
    """Simulate a usual half minute and a storm, and return what ``ask.people`` need to get through both."""
    cells = math.ceil(ask.people / CELL)
    rate = ask.people * day.questions_per_hour / 3_600
    asked = arrivals.questions(rate / cells, day, np.random.default_rng(ask.seed))
    each = ask.wait / len(sizing.ROLES)
    in_cell = {role: sizing.fewest(role, asked, costs, day, each) for role in sizing.ROLES}
    in_cell["web"] = max(in_cell["web"], math.ceil(ask.people / cells / MOST_SOCKETS))
    waits = {role: sizing.waiting(role, asked, costs, day, count) for role, count in in_cell.items()}
    cores = cells * sum((count + SPARE.get(role, 0)) * COPIES.get(role, 1) for role, count in in_cell.items())
    memory = _memory(ask.people, cells, in_cell, costs)
    cores = max(cores, math.ceil(memory / CORE_MEMORY))
    peak = rate * max(1.0, day.storm)
    month = _month(rate, costs, day, prices)
    return Plan(
        people=ask.people,
        cells=cells,
        rate=rate,
        peak=peak,
        processes={role: cells * count for role, count in in_cell.items()},
        waits=waits,
        cores=cores,
        machines=max(2, math.ceil(cores / ask.cores_a_machine)),
        memory=memory,
        redis_operations=peak * (costs.deltas * COMMANDS_A_PIECE + COMMANDS_AROUND),
        bits_sent=peak * costs.deltas * costs.event_bytes * 8,
        statements=peak * costs.statements,
        rows_month=month.rows,
        tokens_month=month.tokens,
        machine_money=cores * prices.core_month + month.storage_money + month.traffic_money,
        model_money=month.model_money,
    )


@dataclass(frozen=True, slots=True)
class _Month:
    rows: float
    tokens: float
    storage_money: float
    traffic_money: float
    model_money: float


def _month(rate: float, costs: Costs, day: Day, prices: Prices) -> _Month:
    """Return what a month's questions leave behind and cost, whatever serves them; storms are left out."""
    answers = rate * 3_600 * day.busy_hours
    written = answers * (1.0 - day.cached)
    rows = answers * costs.row_bytes
    model = day.tokens_in * prices.model_input + day.tokens_out * prices.model_output
    return _Month(
        rows=rows,
        tokens=written * (day.tokens_in + day.tokens_out),
        storage_money=rows / GB * prices.storage_month,
        traffic_money=answers * costs.deltas * costs.event_bytes / GB * prices.traffic,
        model_money=written * model / MILLION,
    )


def _memory(people: int, cells: int, in_cell: dict[str, int], costs: Costs) -> float:
    processes = cells * sum(in_cell[role] + SPARE[role] for role in SPARE)
    return people * costs.socket_kilobytes * 1_000 * SOCKET_PAGES + processes * costs.process_megabytes * 1e6


@dataclass(frozen=True, slots=True)
class Change:
    """What comes of an input a quarter higher: shares of the cores and of the money, 0.1 for a tenth more."""

    what: str
    cores: float
    money: float


def sensitivity(ask: Ask, costs: Costs, day: Day, prices: Prices) -> list[Change]:
    """Return what a quarter more of each input changes, the dearest first."""
    usual = make_plan(ask, costs, day, prices)
    more = 1.25
    changed = {
        "questions an hour": (costs, replace(day, questions_per_hour=day.questions_per_hour * more), prices),
        "height of the storm": (costs, replace(day, storm=day.storm * more), prices),
        "cached share": (costs, replace(day, cached=min(1.0, day.cached * more)), prices),
        "worker CPU": (
            replace(costs, worker=costs.worker * more, cached_worker=costs.cached_worker * more),
            day,
            prices,
        ),
        "web CPU": (replace(costs, web=costs.web * more, cached_web=costs.cached_web * more), day, prices),
        "prompt tokens": (costs, replace(day, tokens_in=round(day.tokens_in * more)), prices),
        "price of a core": (costs, day, replace(prices, core_month=prices.core_month * more)),
    }
    found = []
    for what, inputs in changed.items():
        plan = make_plan(ask, *inputs)
        found.append(Change(what, plan.cores / usual.cores - 1.0, _more(plan.money, usual.money)))
    return sorted(found, key=lambda change: -abs(change.money))


def _more(now: float, before: float) -> float:
    return now / before - 1.0 if before else 0.0
