"""What the documentation shows as code: what of it runs, what it prints, and why the rest does not run."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
RUNNABLE: Final = {"bash", "python", "javascript"}
# What nobody could run: data, settings, and what a program prints.
SHOWN: Final = {"text", "json", "yaml", "toml", "http", "ini", "nginx", "mermaid", "promql", "sql", "css"}
# The only reasons for which code of the documentation may go without a run.
REASONS: Final = {
    "a picture": "boxes and arrows, drawn in letters",
    "an exchange": "what goes over the wire; no program of one's own",
    "this project's own commands": "they would install, serve or test the project from within its tests",
    "a machine of its own": "they change a machine, its packages, services or databases",
    "another test runs it": "it needs more than a running desk; the test is named beside it",
}
_FENCE: Final = re.compile(
    r"^(?P<fence>```+)(?P<language>[\w+-]*)[^\n]*\n(?P<text>.*?)^(?P=fence)[ ]*$", re.M | re.S
)
_LISTED: Final = Path(__file__).with_name("not_run.toml")


@dataclass(frozen=True, slots=True)
class Example:
    """One block of code.

    Attributes:
        page: path below the project's folder.
        line: where it begins, from 1.
        heading: what it stands under.
        language: as the page says; empty where it says none.
        text: the code.
        output: what it prints: the block of ``text`` right behind it; None where the page has none.
    """

    page: str
    line: int
    heading: str
    language: str
    text: str
    output: str | None

    @property
    def name(self) -> str:
        """How tests call it."""
        return f"{Path(self.page).name}:{self.line}:{self.language}"

    @property
    def first_line(self) -> str:
        """How ``not_run.toml`` tells it from the others of its page."""
        return self.text.split("\n", 1)[0].strip()


@dataclass(frozen=True, slots=True)
class NotRun:
    """An entry of ``not_run.toml``; without ``begins`` it stands for a whole page."""

    page: str
    reason: str
    begins: str = ""
    test: str = ""

    def covers(self, example: Example) -> bool:
        """Tell whether it speaks of this example."""
        return example.page == self.page and example.first_line.startswith(self.begins)


def pages() -> list[Path]:
    """Return the pages of the documentation."""
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def examples_of(page: Path) -> list[Example]:
    """Return the blocks of code of a page, in order; what an example prints belongs to the example."""
    text = page.read_text(encoding="utf-8")
    found: list[Example] = []
    fences = list(_FENCE.finditer(text))
    for number, fence in enumerate(fences):
        if fence["language"] in SHOWN:
            continue
        following = fences[number + 1] if number + 1 < len(fences) else None
        prints = following is not None and following["language"] == "text"
        prints = prints and not text[fence.end() : following.start()].strip()
        before = text[: fence.start()]
        headings = re.findall(r"^#+ (.*)$", _FENCE.sub("", before), re.M)
        found.append(
            Example(
                page=str(page.relative_to(ROOT)),
                line=before.count("\n") + 1,
                heading=headings[-1] if headings else "",
                language=fence["language"],
                text=fence["text"],
                output=following["text"] if prints else None,
            )
        )
    return found


def examples() -> list[Example]:
    """Return every block of code in the documentation."""
    return [example for page in pages() for example in examples_of(page)]


def listed() -> list[NotRun]:
    """Return what is not run, and why."""
    return [NotRun(**entry) for entry in tomllib.loads(_LISTED.read_text(encoding="utf-8"))["example"]]


def to_run() -> list[Example]:
    """Return the examples that are run: those of a runnable language that no entry speaks of."""
    entries = listed()
    return [
        example
        for example in examples()
        if example.language in RUNNABLE and not any(entry.covers(example) for entry in entries)
    ]


def is_as_shown(output: str, shown: str) -> bool:
    """Tell whether a program printed what its page shows.

    ``…`` within a line stands for anything in that line, a line of ``…`` alone for any lines or none.
    """
    lines = [
        r"(?:[^\n]*\n)*"
        if line.strip() == "…"
        else re.escape(line.rstrip()).replace("…", r"[^\n]*") + r"[ ]*\n"
        for line in shown.strip("\n").split("\n")
    ]
    return re.fullmatch("".join(lines), output.strip("\n") + "\n") is not None
