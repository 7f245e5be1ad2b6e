"""The simulation waits as theory says, needs more for more, and says the same twice."""

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.capacity import __main__ as command
from benchmarks.capacity import arrivals, queueing, sizing
from benchmarks.capacity.figures import Costs, Day, FiguresRefused, Prices
from benchmarks.capacity.plan import CELL, Ask, make_plan, sensitivity

CALM = Day(storm=1.0, cached=0.0, spread=0.0)


def poisson(rate: float, count: int, chance: np.random.Generator) -> np.ndarray:
    return np.cumsum(chance.exponential(1 / rate, count))


# Worked out from the definition: a^c/c! / ((1 - a/c) * sum of a^k/k! for k < c + a^c/c!).
@pytest.mark.parametrize(
    ("servers", "load", "chance"),
    [(1, 0.5, 0.5), (2, 1.0, 1 / 3), (5, 4.0, 0.5541), (10, 8.0, 0.4092), (100, 90.0, 0.2170)],
)
def test_erlang_c_is_as_in_the_tables(servers: int, load: float, chance: float) -> None:
    assert queueing.erlang_c(servers, load) == pytest.approx(chance, abs=5e-4)


def test_everybody_waits_where_the_load_is_too_high() -> None:
    assert queueing.erlang_c(3, 3.0) == 1.0
    assert queueing.allen_cunneen(3, 30, 0.1, 1, 1) == math.inf


def test_allen_cunneen_is_exact_for_one_server_with_even_service() -> None:
    assert queueing.allen_cunneen(1, 8.0, 0.1, 1.0, 0.0) == pytest.approx(0.8 * 0.1 / 0.2 / 2)


@pytest.mark.parametrize(("servers", "load"), [(1, 0.7), (4, 3.2), (12, 10.8)])
@pytest.mark.parametrize("spread", [0.5, 1.0])
def test_the_simulation_agrees_with_the_formula(servers: int, load: float, spread: float) -> None:
    chance = np.random.default_rng(11)
    moments = poisson(load, 300_000, chance)
    service = chance.gamma(1 / spread**2, spread**2, len(moments))
    waits = queueing.waits_of_many(moments, service, servers)
    expected = queueing.allen_cunneen(servers, load, 1.0, 1.0, spread**2)
    assert waits.mean() == pytest.approx(expected, rel=0.1)


def test_one_server_waits_the_same_whichever_way_it_is_computed() -> None:
    moments, service = np.array([0.0, 1.0, 1.5, 9.0]), np.array([2.0, 1.0, 0.5, 1.0])
    assert queueing.waits_of_one(moments, service).tolist() == [0.0, 1.0, 1.5, 0.0]
    chance = np.random.default_rng(3)
    moments, service = poisson(1.0, 500, chance), chance.exponential(0.9, 500)
    by_heap = np.zeros(500)
    free = 0.0
    for number, moment in enumerate(moments):
        by_heap[number] = max(0.0, free - moment)
        free = max(free, moment) + service[number]
    assert queueing.waits_of_one(moments, service) == pytest.approx(by_heap)


def test_nobody_waits_for_more_servers_than_there_are_jobs() -> None:
    assert not queueing.waits_of_many(np.zeros(5), np.ones(5), 5).any()
    assert queueing.waits_of_many(np.zeros(6), np.ones(6), 5).max() == 1.0


def test_a_storm_brings_as_many_times_the_questions_as_it_says() -> None:
    day = Day(storm=4.0, storm_seconds=60.0)
    asked = arrivals.questions(200.0, day, np.random.default_rng(5))
    calm = (asked.moments < arrivals.BEFORE_SECONDS).sum() / arrivals.BEFORE_SECONDS
    height = ((asked.moments >= 30) & (asked.moments < 33)).sum() / 3
    assert calm == pytest.approx(200, rel=0.1)
    assert height == pytest.approx(800, rel=0.1)
    assert asked.cached[asked.moments < 30].mean() == pytest.approx(day.cached, abs=0.03)
    assert asked.cached[(asked.moments >= 30) & (asked.moments < 33)].mean() > 0.45
    assert asked.weights.mean() == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("part", ["web", "worker", "redis", "postgres"])
def test_all_the_work_that_was_measured_is_done(part: str) -> None:
    costs, asked = Costs(), arrivals.questions(20.0, Day(), np.random.default_rng(5))
    jobs = sizing.jobs_of(asked, part, costs, Day())
    cached = (asked.weights * costs.of(part, is_cached=True))[asked.cached].sum()
    streamed = costs.of(part, is_cached=False)
    around = min(streamed, costs.of(part, is_cached=True))
    whole = asked.weights[~asked.cached].sum() * (around + max(0, streamed - costs.of(part, is_cached=True)))
    assert jobs.service.sum() == pytest.approx(cached + whole)
    assert (np.diff(jobs.moments) >= 0).all()


def test_the_fewest_are_enough_and_one_less_is_not() -> None:
    asked = arrivals.questions(100.0, Day(), np.random.default_rng(7))
    for role in sizing.ROLES:
        enough = sizing.fewest(role, asked, Costs(), Day(), 0.05)
        assert sizing.waiting(role, asked, Costs(), Day(), enough) <= 0.05
        assert enough == 1 or sizing.waiting(role, asked, Costs(), Day(), enough - 1) > 0.05


def test_work_that_no_number_of_processes_can_do_has_no_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sizing, "MOST_PROCESSES", 4)
    with pytest.raises(sizing.TooSlow, match="worker"):
        make_plan(Ask(CELL), Costs(), Day(), Prices())


def test_more_people_need_more_of_everything() -> None:
    plans = [make_plan(Ask(people), Costs(), Day(), Prices()) for people in (1_000, 5_000, 20_000, 80_000)]
    for name in ("rate", "peak", "cores", "machines", "memory", "statements", "rows_month", "money"):
        values = [getattr(plan, name) for plan in plans]
        assert values == sorted(values), name
    assert all(sum(plan.waits.values()) <= 0.2 for plan in plans)


@pytest.mark.parametrize(
    "day", [replace(Day(), storm=8.0), replace(Day(), cached=0.0), replace(Day(), questions_per_hour=12.0)]
)
def test_a_harder_day_needs_no_less(day: Day) -> None:
    usual, hard = (make_plan(Ask(20_000), Costs(), one, Prices()) for one in (Day(), day))
    assert hard.cores >= usual.cores
    assert hard.money > usual.money or hard.cores > usual.cores


def test_faster_cores_and_more_patience_need_no_more() -> None:
    usual = make_plan(Ask(20_000), Costs(), Day(), Prices())
    assert make_plan(Ask(20_000), Costs().on_cores(2.0), Day(), Prices()).cores < usual.cores
    assert make_plan(Ask(20_000, wait=2.0), Costs(), Day(), Prices()).cores <= usual.cores


def test_past_a_cell_there_is_another() -> None:
    one, two = (make_plan(Ask(people), Costs(), Day(), Prices()) for people in (CELL, 2 * CELL))
    assert (one.cells, two.cells) == (1, 2)
    assert two.cores == 2 * one.cores


def test_the_same_seed_says_the_same() -> None:
    first, again = (make_plan(Ask(9_000, seed=3), Costs(), Day(), Prices()) for _ in range(2))
    assert first == again
    assert make_plan(Ask(9_000, seed=4), Costs(), Day(), Prices()).waits != first.waits


def test_money_is_what_the_prices_say() -> None:
    day = replace(Day(), cached=0.5, tokens_in=1_000, tokens_out=100, busy_hours=100)
    plan = make_plan(Ask(3_600), Costs(), replace(day, questions_per_hour=1.0), Prices())
    assert plan.model_money == pytest.approx(180_000 * (1_000 * 0.15 + 100 * 0.60) / 1e6)
    assert plan.rows_month == pytest.approx(360_000 * Costs().row_bytes)
    free = Prices(core_month=0, storage_month=0, traffic=0, model_input=0, model_output=0)
    assert make_plan(Ask(3_600), Costs(), day, free).money == 0
    assert {change.money for change in sensitivity(Ask(1_000), Costs(), day, free)} == {0.0}


def test_the_price_of_the_model_is_the_one_in_the_list() -> None:
    listed = Path("accounts/spending/example_prices.csv").read_text()
    prices = Prices()
    assert f"{prices.model.replace('/', ',')},{prices.model_day},{prices.model_input:.2f}," in listed
    assert f",{prices.model_output:.2f},USD" in listed


def test_figures_come_from_json_or_from_what_make_bench_printed(tmp_path: Path) -> None:
    given = tmp_path / "costs"
    given.write_text(json.dumps({"web": 10, "deltas": 20}))
    assert (Costs.read(given).web, Costs.read(given).deltas) == (10, 20)
    given.write_text(
        "2 cores\n\n| system | run | CPU ms "
        "| web | worker | redis | postgres |\n|---|---|--:|--:|--:|--:|--:|\n"
        "| embedded | answers | 37 | 37 | 0 | 0 | 0 |\n| scaled | answers | 74.6 | 15 | 48 | 3 | 8 |\n"
        "| scaled | cached | 47 | 11 | 26 | 1 | 9 |\n\n"
        "| system | sockets | kB each |\n|---|--:|--:|\n| scaled | 500 | 65.4 |\n"
    )
    costs = Costs.read(given)
    assert (costs.web, costs.worker, costs.cached_worker, costs.socket_kilobytes) == (15, 48, 26, 65.4)


@pytest.mark.parametrize("text", ['{"wbe": 1}', '{"web": -1}', '{"web": "1"}', "nothing", "{"])
def test_other_figures_are_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "costs").write_text(text)
    with pytest.raises(FiguresRefused):
        Costs.read(tmp_path / "costs")


def test_the_command_prints_assumptions_table_and_what_dominates(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--people", "1000,10000", "--core-month", "55"]) == 0
    printed = capsys.readouterr().out
    assert "Placeholder prices, put in your own: 55 $" in printed
    assert printed.count("\n|") == 4
    assert "A quarter more of each, at 10,000 people: " in printed


@pytest.mark.parametrize(
    "words", [["--people", "0"], ["--wait", "0"], ["--storm", "nan"], ["--cached", "-1"]]
)
def test_what_makes_no_sense_is_refused(words: list[str]) -> None:
    with pytest.raises(SystemExit):
        command.parse(words)
