"""The tables of docs/reliability.md, from the tests' own lists: ``python -m tests.faults.documentation``."""

from pathlib import Path

from benchmarks.processes import ROOT
from tests.faults.providers import PROVIDER_FAULTS
from tests.faults.scenarios import SCENARIOS

PAGE = ROOT / "docs" / "reliability.md"
_OUTCOMES = {
    "again": "asks it again, twice at most, then the next provider",
    "next": "asks the next provider",
    "ended": "ends it at its length, and says so",
}


def tables() -> dict[str, str]:
    """Return each table of the page by its name."""
    scenarios = [f"| {one.name} | {one.outcome} |" for one in SCENARIOS]
    faults = [f"| {one.words} | {_OUTCOMES[one.once]} |" for one in PROVIDER_FAULTS]
    return {
        "processes": "\n".join(["| what happens | what a customer sees |", "| --- | --- |", *scenarios]),
        "providers": "\n".join(["| what the provider does | what the desk does |", "| --- | --- |", *faults]),
    }


def renewed(page: str) -> str:
    """Return the page's text with the tables as they are now."""
    for name, table in tables().items():
        begin, end = f"<!-- {name} -->\n", f"\n<!-- end of {name} -->"
        before, _, rest = page.partition(begin)
        page = before + begin + table + end + rest.partition(end)[2]
    return page


def main(page: Path = PAGE) -> None:
    """Write the tables into the page."""
    page.write_text(renewed(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
