"""The set-up's commands: their output is kept, and a failure shows the end of it."""

import sys
from pathlib import Path

import progress
import pytest


@pytest.fixture(autouse=True)
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A log file of its own."""
    monkeypatch.setattr(progress, "LOG", tmp_path / "var" / "setup.log")
    return progress.LOG


def test_output_goes_to_the_log(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    progress.run("Greeting", [sys.executable, "-c", "print('hello')"])
    assert "hello\n" in log.read_text()
    assert capsys.readouterr().out.count("Greeting") == 2


def test_failure_carries_the_last_lines() -> None:
    code = "for n in range(99): print('line', n)\nraise SystemExit(1)"
    with pytest.raises(progress.CommandError) as caught:
        progress.run("Counting", [sys.executable, "-c", code])
    assert caught.value.tail.splitlines()[-1] == "line 98"
    assert len(caught.value.tail.splitlines()) == progress.TAIL_LINES


def test_variables_are_added_to_the_environment(log: Path) -> None:
    code = "import os; print(os.environ['GIVEN'], 'PATH' in os.environ)"
    progress.run("Variables", [sys.executable, "-c", code], {"GIVEN": "yes"})
    assert "yes True" in log.read_text()
