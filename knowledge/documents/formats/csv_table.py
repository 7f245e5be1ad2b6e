"""CSV: a Markdown table; its head is repeated in every passage by ``split``."""

import csv
import io
from itertools import islice
from pathlib import PurePath

from knowledge.documents.formats.blocks import WIDEST_TABLE, Block, plain, write
from knowledge.documents.formats.encoding import decode
from knowledge.documents.formats.extract import Extract
from knowledge.errors import DocumentRefused

_SIGNS = ",;\t|"
_SAMPLE = 50  # lines that show the sign between the cells
MOST_ROWS = 50_000


def read(path: PurePath, content: bytes) -> Extract:
    """Read a table whose first row names the columns.

    Raises DocumentRefused with code ``binary``, ``encoding``, ``broken`` or ``size``.
    """
    text = decode(content).replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    sign, text = _sign(path, text)
    try:
        rows = [
            [plain(cell) for cell in row[:WIDEST_TABLE]]
            for row in islice(csv.reader(io.StringIO(text, newline=""), delimiter=sign), MOST_ROWS + 1)
        ]
    except csv.Error as error:
        raise DocumentRefused("broken", f"It is no table that can be read: {error}.") from error
    if len(rows) > MOST_ROWS:
        raise DocumentRefused(
            "size", f"It has more than {MOST_ROWS:,} rows. Tables that long belong in the records."
        )
    return Extract(write([Block("table", rows=rows)]))


def _sign(path: PurePath, text: str) -> tuple[str, str]:
    """Return the sign between cells, and the text without the line in which Excel names it.

    The sign is the one that gives most lines the same number of cells, and more than one.
    """
    first, _, rest = text.partition("\n")
    if first.lower().startswith("sep=") and len(first) == 5:
        return first[4], rest
    if path.suffix.lower() == ".tsv":
        return "\t", text
    return max(_SIGNS, key=lambda sign: _regularity(text, sign)), text


def _regularity(text: str, sign: str) -> tuple[int, int]:
    try:
        lines = islice(csv.reader(io.StringIO(text, newline=""), delimiter=sign), _SAMPLE)
        widths = [len(row) for row in lines if row]
    except csv.Error:
        return (0, 0)
    usual = max(set(widths), key=widths.count, default=0)
    return (widths.count(usual), usual) if usual > 1 else (0, 0)
