"""The benchmark of search in a large library."""

from itertools import islice
from pathlib import Path

import pytest

from benchmarks import search


@pytest.fixture
def sample_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine without the shared data."""
    monkeypatch.setattr(search, "REAL", Path("/nowhere"))


@pytest.mark.usefixtures("sample_only")
def test_library_is_the_documents_and_then_changed_copies() -> None:
    documents = search.texts()
    made = list(islice(search.copies(documents), 2 * len(documents)))
    assert made[: len(documents)] == documents
    first, copy = documents[0][1].split(), made[len(documents)][1].split()
    changed = sum(one != other for one, other in zip(first, copy, strict=True)) / len(first)
    assert 0.15 < changed < 0.45


@pytest.mark.usefixtures("sample_only")
def test_questions_are_first_turns_and_follow_ups() -> None:
    every = search.questions(20)
    assert [len(some) for some in every.values()] == [20, 20]
    assert not any(history for _, history in every["first"])
    assert all(history for _, history in every["follow_up"])


def test_real_questions_have_their_earlier_turns_oldest_first() -> None:
    if not search.REAL.is_dir():
        pytest.skip(f"the shared data is absent: {search.REAL}")
    every = search.questions(10_000)
    assert len(every["first"]) > 300 and len(every["follow_up"]) > 1_600
    assert not any(turn.startswith(("user:", "agent:")) for _, turns in every["follow_up"] for turn in turns)


def test_one_database_is_measured_and_printed(capfd: pytest.CaptureFixture[str]) -> None:
    assert search.main(["--passages", "60", "--questions", "3", "--databases", "sqlite"]) == 0
    head, _, row, budget = capfd.readouterr().out.strip().splitlines()
    assert head.count("|") == row.count("|") == budget.count("|")
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[0] == "sqlite" and int(cells[1]) >= 60
    assert all(float(cell.replace(",", "")) > 0 for cell in [*cells[2:5], *cells[6:]])
