"""Figures are made as the tables say, and a budget is met only by what was measured."""

import math
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from benchmarks import cpu, options, report
from benchmarks.idle import Idle
from benchmarks.load_client import Asked
from benchmarks.measure import Result, added_seconds, percentile
from benchmarks.processes import Process, ProcessFailed, clean_environment


def result(system: str, run: str, *, seconds: float, asked: list[Asked] | None = None) -> Result:
    asked = [Asked("b0000001", 0.0, 0.4, 1.0)] * 10 if asked is None else asked
    right = [one for one in asked if not one.error]
    used = cpu.Reading({"web": seconds}, seconds)
    return Result(system, run, asked, [0.01] * len(right), used, 0.0, 1.0, 0)


def verdicts(*results: Result) -> dict[str, str]:
    lines = report.budgets_table(results, []).splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {f"{name} {limit}": verdict for name, limit, _, _, verdict in cells}


@pytest.mark.parametrize(("percent", "value"), [(50, 50), (95, 95), (99, 99), (100, 100), (0.5, 1)])
def test_percentile_is_a_measured_value(percent: float, value: int) -> None:
    assert percentile(range(100, 0, -1), percent) == value


def test_no_values_have_no_percentile() -> None:
    assert percentile([], 95) == math.inf


def test_added_time_leaves_the_provider_out() -> None:
    asked = Asked("m", sent=10.0, first=10.35)
    assert added_seconds(asked, {"m": (10.01, 10.31)}) == pytest.approx(0.05)
    assert added_seconds(asked, {}) == pytest.approx(0.35)


def test_cpu_is_shared_by_correct_answers_only() -> None:
    asked = [Asked("a"), Asked("b", error="altered")]
    assert result("embedded", "answers", seconds=0.02, asked=asked).milliseconds() == pytest.approx(20)


def test_answers_at_once_are_counted() -> None:
    asked = [Asked("a", 0, 1, 5), Asked("b", 0, 2, 3), Asked("c", 0, 3, 4), Asked("d", 0, 5, 6)]
    assert result("embedded", "answers", seconds=1, asked=asked).at_once == 2


@pytest.mark.parametrize(
    ("bare", "embedded", "verdict"), [(0.1, 0.25, "met"), (0.1, 0.26, "NOT MET"), (0.1, 0.05, "met")]
)
def test_ratio_is_to_the_bare_relay(bare: float, embedded: float, verdict: str) -> None:
    made = verdicts(result("bare", "answers", seconds=bare), result("embedded", "answers", seconds=embedded))
    assert made["CPU an answer ≤ 2.5 x bare"] == verdict


@pytest.mark.parametrize("run", ["answers", "steady", "crowd", "cached"])
def test_nothing_correct_meets_no_budget(run: str) -> None:
    wrong = result("embedded", run, seconds=1, asked=[Asked("a", error="altered")])
    assert set(verdicts(result("bare", "answers", seconds=1), wrong).values()) == {"NOT MET"}


def test_idle_budgets_stand_beside_figures() -> None:
    idle = Idle("embedded", 1000, 0, 41 * 1024, 0.0, 1.0, 0.010, 0.012)
    lines = report.budgets_table([], [idle]).splitlines()
    assert "41.0" in lines[2] and "NOT MET" in lines[2]
    assert "0.002" in lines[3] and "NOT MET" not in lines[3]


def test_tree_counts_processor_time_of_children() -> None:
    burn = "import time\nwhile time.process_time() < 0.3: pass"
    script = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {burn!r}]); print(1, flush=True)"
    script += "; input()"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        parent.stdout.readline()
        assert cpu.tree_seconds(parent.pid) >= 0.3
        assert cpu.memory_bytes([parent.pid]) > 1_000_000
        parent.communicate(b"\n")
    assert cpu.tree_seconds(parent.pid) == 0


def test_process_ends_with_all_it_started(tmp_path: Path) -> None:
    script = "import subprocess; print(subprocess.Popen(['sleep', '60']).pid, flush=True); input()"
    command = [sys.executable, "-c", f"import signal; signal.signal(15, lambda *a: exit(0)); {script}"]
    with Process("parent", command, environment=clean_environment(), folder=tmp_path, tells=True) as parent:
        child = int(parent.told)
    assert parent.has_ended
    assert not runs(child)


def runs(pid: int) -> bool:
    """Tell whether a process runs; one that nobody has collected yet may be gone at any moment."""
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False


def test_process_that_never_serves_is_told(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('no port for me')"]
    with (
        pytest.raises(ProcessFailed, match="no port for me"),
        Process("broken", command, environment=clean_environment(), folder=tmp_path, tells=True),
    ):
        pass


@pytest.mark.parametrize(
    "words",
    ["--answers 0", "--answers 5001", "--systems naked", "--runs idle,walk", "--delay -1", "--crowd x"],
)
def test_unbounded_or_unknown_wishes_are_refused(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        options.parse(words.split())
    assert words.split()[0] in capsys.readouterr().err


def test_main_run_keeps_its_concurrency() -> None:
    loads = options.loads(options.parse("--concurrency 54 --runs answers,cached".split()))
    assert list(loads) == ["answers", "cached"]
    assert loads["answers"].starts_per_second == pytest.approx(20)
