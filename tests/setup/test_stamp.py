"""A stamp tells a finished set-up from one that was changed, lowered or broken off."""

from pathlib import Path

import pytest
from stamp import Stamp, digest


@pytest.mark.parametrize(
    ("reached", "wanted", "fits"),
    [("demo", "demo", True), ("test", "demo", True), ("demo", "test", False), ("test", "test", True)],
)
def test_test_level_counts_as_demo(reached: str, wanted: str, fits: bool, tmp_path: Path) -> None:
    Stamp(tmp_path).write(reached, lock="a")
    assert Stamp(tmp_path).fits(wanted, lock="a") is fits


def test_changed_pins_need_a_new_set_up(tmp_path: Path) -> None:
    Stamp(tmp_path).write("test", lock="a")
    assert not Stamp(tmp_path).fits("demo", lock="b")
    assert Stamp(tmp_path).needed_level("demo") == "test"


@pytest.mark.parametrize("left", [None, "", "{", "[]"])
def test_broken_stamp_counts_as_unfinished(left: str | None, tmp_path: Path) -> None:
    stamp = Stamp(tmp_path)
    if left is not None:
        stamp.path.write_text(left)
    assert stamp.read() == {}
    assert not stamp.fits("demo")


def test_removed_stamp_fits_nothing(tmp_path: Path) -> None:
    stamp = Stamp(tmp_path)
    stamp.write("test")
    stamp.remove()
    assert not stamp.fits("demo")


def test_digest_follows_contents_and_order(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    first.write_text("1")
    second.write_text("2")
    before = digest([first, second])
    assert before != digest([second, first])
    first.write_text("3")
    assert before != digest([first, second])
