"""Find tables among a page's lines by how their cells stand below each other, without drawn lines."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from knowledge.documents.formats.pdf_lines import LABEL, Cell, Line

_MOST_LINES = 200  # of a table on one page
_MOST_WIDE = 20  # cells over several columns
_FAR = 4.5  # sizes of the letters: white space below which a table goes on
_ALIGNED = 3.0  # points
_ALIGNED_SHARE = 0.5  # of a column's cells that must share an edge or the middle
_LONGEST_CELL = 90  # characters, on average; more is prose
_TIGHT = 1.35  # sizes of the letters: lines of one cell stand closer
_CLOSER = 0.92  # of the rows' distance
_NAMED = 0.5  # share of lines that name what follows ("Phone: …"): a form, which reads better line by line


Column = tuple[float, float]  # left and right edge


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts, with the lines they came from."""

    rows: tuple[tuple[str, ...], ...]
    lines: tuple[Line, ...]


def with_tables(lines: Sequence[Line]) -> Iterator[Line | Table]:
    """Yield the lines, those of a table together; lines of a form have one cell for each name and value."""
    lines = [_with_label(line) for line in lines]
    start = 0
    while start < len(lines):
        end = _end_of_group(lines, start)
        group = lines[start:end]
        if 1 < len(group) <= _MOST_LINES and _is_form(group):
            yield from (_named(line) for line in group)
        elif 1 < len(group) <= _MOST_LINES and (table := _table(group)):
            yield table
        else:
            for line in group:
                yield from _apart(line)
        start = end


def _with_label(line: Line) -> Line:
    """Let a number or a point that stands apart belong to the words behind it."""
    if len(line.cells) != 2 or not LABEL.fullmatch(line.cells[0].text) or len(line.cells[1].text) < 4:
        return line
    label, words = line.cells
    if not any(sign.isalpha() for sign in words.text):
        return line
    joined = Cell(f"{label.text} {words.text}", label.left, words.right, words.size, words.bold)
    return replace(line, cells=(joined,))


def _apart(line: Line) -> Iterator[Line]:
    """Divide a line whose parts differ in size, such as a heading with a date at the other edge."""
    sizes = [cell.size for cell in line.cells]
    if max(sizes) < 1.15 * min(sizes):
        yield line
        return
    for cell in line.cells:
        yield replace(line, cells=(cell,))


def _end_of_group(lines: Sequence[Line], start: int) -> int:
    """Return where the lines with several cells end; a single cell may stand between two such lines."""
    end = start + 1
    if len(lines[start].cells) < 2:
        return end
    while end < len(lines) and _is_near(lines[end - 1], lines[end]):
        if len(lines[end].cells) < 2 and not _stands_between(lines, start, end):
            break
        end += 1
    return end


def _stands_between(lines: Sequence[Line], start: int, at: int) -> bool:
    """Say whether a line of one cell is of the table: below one cell, or between two rows alike."""
    if at + 1 >= len(lines) or len(lines[at + 1].cells) < 2 or not _is_near(lines[at], lines[at + 1]):
        return False
    line, above, below = lines[at], lines[at - 1], lines[at + 1]
    if len(line.text) > _LONGEST_CELL or line.size > 1.1 * above.size or (line.bold and not above.bold):
        return False
    return _stands_below(line.cells[0], lines[max(start, at - 5) : at]) or _are_alike(above, below)


def _are_alike(one: Line, two: Line) -> bool:
    """Say whether two lines have as many cells, at the same places."""
    if len(one.cells) != len(two.cells):
        return False
    same = sum(
        min(abs(a.left - b.left), abs(a.right - b.right)) <= _ALIGNED
        for a, b in zip(one.cells, two.cells, strict=True)
    )
    return same > 0.6 * len(one.cells)


def _is_near(above: Line, below: Line) -> bool:
    return above.page == below.page and 0 <= above.base - below.base <= _FAR * max(above.size, below.size)


def _stands_below(cell: Cell, lines: Sequence[Line]) -> bool:
    """Say whether a cell alone in its line lies under exactly one cell of the line above."""
    above = next((line for line in reversed(lines) if len(line.cells) > 1), None)
    return (
        above is not None
        and sum(_overlap(cell, other) > 0 for other in above.cells) == 1
        and len(cell.text) < 60
    )


def _overlap(one: Cell, two: Cell) -> float:
    return min(one.right, two.right) - max(one.left, two.left)


def _is_form(lines: Sequence[Line]) -> bool:
    named = sum(any(cell.text.endswith(":") for cell in line.cells[:-1]) for line in lines)
    return named > _NAMED * len(lines)


def _named(line: Line) -> Line:
    """Join the cells of a form's line: each name with its value."""
    cells: list[Cell] = []
    for cell in line.cells:
        if cells and cells[-1].text.endswith(":"):
            former = cells.pop()
            cell = Cell(
                f"{former.text} {cell.text}", former.left, cell.right, cell.size, former.bold and cell.bold
            )
        cells.append(cell)
    words = "; ".join(cell.text for cell in cells)
    return replace(line, cells=(Cell(words, line.left, line.right, line.size, line.bold),))


def _table(lines: Sequence[Line]) -> Table | None:
    columns = _columns(lines)
    if len(columns) < 2 or not _is_aligned(lines, columns):
        return None
    cells = [cell for line in lines for cell in line.cells]
    if sum(len(cell.text) for cell in cells) > _LONGEST_CELL * len(cells):
        return None
    rows: list[list[str]] = []
    for number, line in enumerate(lines):
        row = [""] * len(columns)
        for cell in line.cells:
            column = _column_of(cell, columns)
            row[column] = f"{row[column]} {cell.text}".strip()
        if number and _goes_on(lines, number, columns, rows[-1], row):
            rows[-1] = [f"{above} {below}".strip() for above, below in zip(rows[-1], row, strict=True)]
        else:
            rows.append(row)
    return Table(tuple(map(tuple, rows)), tuple(lines)) if len(rows) > 1 else None


def _columns(lines: Sequence[Line]) -> list[Column]:
    """Return the columns' edges: the cells' own, united where they overlap; the widest are passed over.

    A cell over several columns would unite them: two cells of some line then fall into one column.
    """
    basis = [cell for line in lines for cell in line.cells]
    for _ in range(_MOST_WIDE):
        columns = _united(basis)
        starts = [left for left, _ in columns]
        kept = set(map(id, basis))
        crowded = next(
            (
                column
                for line in lines
                for column, number in Counter(
                    bisect_right(starts, cell.left) for cell in line.cells if id(cell) in kept
                ).items()
                if number > 1
            ),
            None,
        )
        inside = [cell for cell in basis if bisect_right(starts, cell.left) == crowded]
        if len(inside) < 3 or len(basis) < 4:
            return columns
        widest = max(inside, key=lambda cell: cell.right - cell.left)
        basis = [cell for cell in basis if cell is not widest]
    return _united(basis)


def _united(cells: Sequence[Cell]) -> list[Column]:
    columns: list[Column] = []
    for cell in sorted(cells, key=lambda cell: cell.left):
        if columns and cell.left < columns[-1][1] - 0.5:
            columns[-1] = (columns[-1][0], max(columns[-1][1], cell.right))
        else:
            columns.append((cell.left, cell.right))
    return columns


def _column_of(cell: Cell, columns: Sequence[Column]) -> int:
    """Return the column that holds most of the cell's beginning."""
    nearest = [min(cell.right, right) - max(cell.left, left) for left, right in columns]
    first = next((number for number, share in enumerate(nearest) if share > 0), None)
    return first if first is not None else max(range(len(columns)), key=nearest.__getitem__)


def _is_aligned(lines: Sequence[Line], columns: Sequence[Column]) -> bool:
    """Say whether the cells of the columns share an edge or the middle; words of prose stand anywhere."""
    of_column: dict[int, list[Cell]] = {}
    for line in lines:
        for cell in line.cells:
            of_column.setdefault(_column_of(cell, columns), []).append(cell)
    several = [cells for cells in of_column.values() if len(cells) > 1]
    aligned = sum(max(map(_near_median, _edges(cells))) for cells in several)
    return bool(several) and aligned >= _ALIGNED_SHARE * sum(map(len, several))


def _edges(cells: Sequence[Cell]) -> tuple[list[float], list[float], list[float]]:
    left, right = [cell.left for cell in cells], [cell.right for cell in cells]
    return left, right, [(one + two) / 2 for one, two in zip(left, right, strict=True)]


def _near_median(places: Sequence[float]) -> int:
    middle = median(places)
    return sum(abs(place - middle) <= _ALIGNED for place in places)


def _goes_on(
    lines: Sequence[Line], number: int, columns: Sequence[Column], above: Sequence[str], row: Sequence[str]
) -> bool:
    """Say whether a line goes on with the cells of the row ``above``, rather than beginning a row.

    It does when it stands close, below words that filled their cells, and closer than rows stand to each
    other or in small letters. With words in its first column it must also have few cells.
    """
    gaps = [one.base - two.base for one, two in pairwise(lines)]
    gap, line = gaps[number - 1], lines[number]
    filled = [column for column, text in enumerate(row) if text]
    if gap > _TIGHT * line.size or not all(above[column] for column in filled):
        return False
    if any(_had_room(lines[number - 1], cell, columns) for cell in line.cells):
        return False
    of_rows = [gaps[at - 1] for at in range(1, len(lines)) if _column_of(lines[at].cells[0], columns) == 0]
    closer = bool(of_rows) and gap < _CLOSER * median(of_rows)
    if not row[0]:
        return closer or all(text[0].islower() for text in row if text)
    return closer and 2 * len(filled) <= len(row)


def _had_room(above: Line, cell: Cell, columns: Sequence[Column]) -> bool:
    """Say whether the cell's first word would have fitted behind the words above it."""
    column = _column_of(cell, columns)
    over = [other for other in above.cells if _column_of(other, columns) == column]
    word = len(cell.text.split(" ", 1)[0]) * 0.5 * cell.size
    return not over or over[-1].right + 0.3 * cell.size + word <= columns[column][1]
