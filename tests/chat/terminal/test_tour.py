"""The tour, played to its end on its own desk; and its stand-in for a model."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from chat.terminal.tour.stand_in import NO_ANSWER, said_of


@pytest.mark.faults
def test_tour_plays_to_its_end_and_leaves_nothing(tmp_path):
    env = {
        **os.environ, "VAR_DIR": str(tmp_path / "var"), "TMPDIR": str(tmp_path), "LLM_CHAIN": "extractive",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'mine.sqlite3'}", "REDIS_URL": "",
    }  # fmt: skip
    tour = subprocess.Popen(
        [sys.executable, "manage.py", "demo_tour", "--fast"], env=env, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    told, _ = tour.communicate(timeout=150)
    assert tour.returncode == 0, told
    assert told.count("✓") == 10, told
    for words in (
        "[7/7]",
        "killed in mid-answer",
        "The answer begins anew.",
        "source: cache",
        "source: quoted",
    ):
        assert words in told
    assert list(tmp_path.iterdir()) == []
    assert "\x1b" not in told
    assert not [each for each in psutil.process_iter() if _serves_in(each, tmp_path)]


def _serves_in(process: psutil.Process, folder: Path) -> bool:
    try:
        return process.environ().get("VAR_DIR", "").startswith(str(folder))
    except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
        return False


PROMPT = """<ab source 1>
Checked baggage › Allowance
> - **One bag** of 23 kg. A second one costs more.
| a | table |
</ab source 1>
<ab source 2>
Booking
Status: confirmed
</ab source 2>"""


def test_stand_in_reads_sentences_with_their_sources():
    assert said_of(PROMPT) == (
        "- One bag of 23 kg. [1]\n- A second one costs more. [1]\n- Status: confirmed [2]"
    )


def test_stand_in_says_nothing_of_its_own():
    assert said_of("Is this a crisis?") == ""
    assert said_of("<ab source 1>\nTitle\n| a | b |\n</ab source 1>") == NO_ANSWER
