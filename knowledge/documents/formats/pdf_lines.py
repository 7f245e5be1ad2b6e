"""From runs of text to lines and the cells in them, in reading order."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

from knowledge.documents.formats.pdf_runs import Painted, Run

_SAME_LINE = 0.45  # of the letters' size: how far baselines differ in one line, raised numbers included
_CELL_GAP = 1.0  # of the letters' size: white space that divides cells
_BLANKS = re.compile(r" {3,}")
_SCAN_SHARE = 0.5  # of the page that a scanned picture covers
_FEW_LETTERS = 25  # a page with fewer has no text of its own
_PROSE = 25  # characters; the lines of a text column have more
_LEAST_COLUMN_LINES = 8
# Signs that fonts such as Symbol and Wingdings keep in the private area.
_POINTS = str.maketrans(
    dict.fromkeys("\uf0b7\uf0a7\uf0d8\uf076\uf0fc\uf0a8\uf0e0\uf02d\uf06c\uf06e\uf071\uf0be", "•")
)
LABEL = re.compile(
    r"(?:[•●▪◦‣■□○–—\-*·»➢✓❖]|\.?\d{1,3}(?:\.\d{1,3}){0,4}[.)]?|\(?[a-zA-Z][.)]"
    r"|\(?(?:x{0,3}(?:ix|iv|v?i{0,3}))[.)]|§+ ?\d+)"
)


@dataclass(frozen=True, slots=True)
class Cell:
    """Words of a line without a wide gap between them. Places in points."""

    text: str
    left: float
    right: float
    size: float
    bold: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page or of a column of it."""

    cells: tuple[Cell, ...]
    base: float
    page: int
    height: float  # of the page, to tell where on it the line stands

    @property
    def text(self) -> str:
        """The words of all cells."""
        return " ".join(cell.text for cell in self.cells)

    @property
    def left(self) -> float:
        """Where the line begins."""
        return self.cells[0].left

    @property
    def right(self) -> float:
        """Where the line ends."""
        return self.cells[-1].right

    @property
    def size(self) -> float:
        """Size of most of the letters."""
        return max(self.cells, key=lambda cell: len(cell.text)).size

    @property
    def bold(self) -> bool:
        """Whether all of it is bold."""
        return all(cell.bold for cell in self.cells)


def lines_of(painted: Painted, page: int) -> list[Line]:
    """Return a page's lines in reading order; text that stands upright on its side comes last.

    Text drawn without ink counts only behind a scanned picture, on a page without other text: there it is
    what the picture says. Elsewhere nobody sees it, so it is left out.
    """
    runs = [run for run in painted.runs if not run.invisible]
    if painted.picture_share >= _SCAN_SHARE and letters(run.text for run in runs) < _FEW_LETTERS:
        runs = painted.runs
    by_angle: dict[int, list[Run]] = {}
    for run in runs:
        by_angle.setdefault(run.angle, []).append(run)
    found = []
    for group in sorted(by_angle.values(), key=lambda group: -letters(run.text for run in group)):
        found += _in_columns(_lines(group, page, painted.height))
    return found


def letters(texts: Iterable[str]) -> int:
    """Count letters and digits."""
    return sum(character.isalnum() for text in texts for character in text)


def _lines(runs: Sequence[Run], page: int, height: float) -> list[Line]:
    rows: list[list[Run]] = []
    for run in sorted(_once(runs), key=lambda run: (-run.base, run.left)):
        row = rows[-1] if rows else None
        if row and abs(_main(row).base - run.base) <= _SAME_LINE * max(_main(row).size, run.size):
            row.append(run)
        else:
            rows.append([run])
    made = (Line(tuple(_cells(row)), _main(row).base, page, height) for row in rows)
    return [line for line in made if line.cells]


def _main(row: Sequence[Run]) -> Run:
    return max(row[:20], key=lambda run: run.size)


def _once(runs: Sequence[Run]) -> Iterator[Run]:
    """Leave out letters drawn twice at one place, which is how some programs make them bold."""
    seen: set[tuple[str, int, int]] = set()
    for run in runs:
        places = [
            (run.text, round(run.left) + x, round(run.base) + y) for x in (-1, 0, 1) for y in (-1, 0, 1)
        ]
        if len(run.text) < 2 or seen.isdisjoint(places):
            seen.add(places[4])
            yield run


def _cells(row: Sequence[Run]) -> Iterator[Cell]:
    """Join runs to words and words to cells."""
    held: list[Run] = []
    text = ""
    for run in sorted((part for run in row for part in _parts(run)), key=lambda run: run.left):
        if held:
            space = run.left - max(one.right for one in held[-3:])
            if space > _CELL_GAP * max(run.size, held[-1].size):
                yield from _cell(held, text)
                held, text = [], ""
            elif (
                space > min(run.gap, held[-1].gap) and not text.endswith(" ") and not run.text.startswith(" ")
            ):
                text += " "
        held.append(run)
        text += run.text
    yield from _cell(held, text)


def _parts(run: Run) -> Iterator[Run]:
    """Divide a run at blanks that move to another column, as programs with letters of one width do."""
    if "   " not in run.text:
        yield run
        return
    text, each = run.text.rstrip(), (run.right - run.left) / max(len(run.text), 1)
    start = 0
    for blanks in [*_BLANKS.finditer(text), None]:
        end = blanks.start() if blanks else len(text)
        part = text[start:end]
        if part.strip():
            lead = len(part) - len(part.lstrip()) if start == 0 and len(part) - len(part.lstrip()) > 2 else 0
            left = run.left + each * (start + lead)
            ending = run.text[len(text) :][:1] if blanks is None else ""
            yield replace(run, text=part[lead:] + ending, left=left, right=run.left + each * end)
        start = blanks.end() if blanks else end


def _cell(runs: Sequence[Run], text: str) -> Iterator[Cell]:
    text = " ".join(text.translate(_POINTS).replace("\0", "").split())
    if not text:
        return
    weight = [run for run in runs for _ in range(max(len(run.text.strip()), 1))]
    size = median(run.size for run in weight)
    bold = sum(run.bold for run in weight) > 0.9 * len(weight)
    yield Cell(text, runs[0].left, max(run.right for run in runs), size, bold)


def _in_columns(lines: list[Line]) -> list[Line]:
    """Return the lines column by column where the page is set in two; tables keep their rows."""
    gutter = _gutter(lines)
    if gutter is None:
        return lines
    ordered: list[Line] = []
    left: list[Line] = []
    right: list[Line] = []
    for line in lines:
        if any(cell.left < gutter - 2 and cell.right > gutter + 2 for cell in line.cells):
            ordered += [*left, *right, line]
            left, right = [], []
            continue
        for side, cells in (
            (left, tuple(cell for cell in line.cells if cell.right <= gutter + 2)),
            (right, tuple(cell for cell in line.cells if cell.right > gutter + 2)),
        ):
            if cells:
                side.append(replace(line, cells=cells))
    return [*ordered, *left, *right]


def _gutter(lines: Sequence[Line]) -> float | None:
    """Return the middle of the white stripe between two columns of prose, if there are such."""
    divided = [
        (one, two)
        for line in lines
        for one, two in zip(line.cells, line.cells[1:], strict=False)
        if len(one.text) >= _PROSE and len(two.text) >= _PROSE
    ]
    if len(divided) < _LEAST_COLUMN_LINES or len(divided) < 0.3 * len(lines):
        return None
    start, end = max(one.right for one, _ in divided), min(two.left for _, two in divided)
    middle = median((one.right + two.left) / 2 for one, two in divided)
    return (start + end) / 2 if start < end else middle
