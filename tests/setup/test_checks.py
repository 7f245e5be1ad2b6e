"""The run of all checks: counts what passed, stops at the first failure, and never hides what it left out."""

import sys

import checks
import pytest
from checks import Step, ToolMissingError

PYTEST_END = "....\n\x1b[32m4 passed\x1b[0m, 1 skipped in 0.51s\n"
NODE_END = "ℹ tests 3\nℹ pass 2\nℹ fail 0\nℹ skipped 1\nℹ duration_ms 88.2\n"
TAP_END = "# tests 3\n# pass 2\n# fail 0\n# skipped 1\n"


def step(name: str, code: str) -> Step:
    return Step(name, lambda: [sys.executable, "-c", code])


def missing_tool() -> list[str]:
    raise ToolMissingError("no browser")


def run(monkeypatch: pytest.MonkeyPatch, *steps: Step) -> int:
    monkeypatch.setattr(checks, "all_steps", lambda: list(steps))
    return checks.main([])


@pytest.mark.parametrize(
    ("ending", "counted"),
    [
        ("4 passed, 1 skipped in 0.51s", {"passed": 4, "skipped": 1}),
        ("12 passed in 1.20s", {"passed": 12}),
        (NODE_END, {"passed": 2, "skipped": 1}),
        (TAP_END, {"passed": 2, "skipped": 1}),
        ("All checks passed!", {}),
    ],
)
def test_results_are_read_from_closing_lines(ending: str, counted: dict[str, int]) -> None:
    assert checks.test_results(ending) == counted


def test_all_passed_ends_with_the_numbers(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    code = run(monkeypatch, step("one", f"print({PYTEST_END!r})"), step("two", f"print({TAP_END!r})"))
    assert code == 0
    assert capfdbinary.readouterr().out.splitlines()[-1] == b"6 passed, 0 failed, 2 skipped"


def test_first_failure_stops_with_its_code(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert run(monkeypatch, step("bad", "raise SystemExit(3)"), step("never", "print('ran')")) == 3
    assert b"ran" not in capfdbinary.readouterr().out


@pytest.mark.parametrize(("required", "code"), [("", 0), ("1", 1)])
def test_missing_tool_is_told_and_counts_when_required(
    required: str, code: int, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setenv("REQUIRE_SERVICES", required)
    assert run(monkeypatch, Step("pages", missing_tool)) == code
    assert b"no browser" in capfdbinary.readouterr().out


def test_skip_inside_a_step_is_told_at_the_end(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    run(monkeypatch, step("scaled", "print('skipped: no redis-server')"))
    assert b"Not run here: scaled (no redis-server)" in capfdbinary.readouterr().out


def test_unknown_check_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert checks.main(["nonsense"]) == 2
    assert "nonsense" in capsys.readouterr().out
