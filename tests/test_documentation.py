"""The documentation's tables are those of the tests."""

from tests.faults.documentation import PAGE, renewed


def test_reliability_tables_are_current() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == renewed(page), "run `make docs`"
