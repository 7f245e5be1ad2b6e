"""Walk a Word document and give its blocks.

The elements are read directly, because python-docx itself passes over content controls, inserted text and
equations.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from docx.document import Document
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement as Element

from knowledge.documents.formats.blocks import WIDEST_TABLE, Block
from knowledge.documents.formats.docx_numbers import Numbers
from knowledge.documents.formats.docx_styles import Styles
from knowledge.documents.formats.docx_words import Words

DEEPEST = 40  # tables and controls inside each other
MOST_CELLS = 200_000
_WRAPPERS = frozenset(qn(name) for name in ("w:sdtContent", "w:customXml", "w:ins", "w:moveTo", "w:smartTag"))
_P, _TBL, _TR, _TC, _SDT = (qn(name) for name in ("w:p", "w:tbl", "w:tr", "w:tc", "w:sdt"))
_CONTENTS = re.compile(r"(?i)^(toc|table of (contents|figures)|index)\b")


def blocks_of(document: Document) -> list[Block]:
    """Return the blocks of a document's body, its footnotes last."""
    reader = _Reader(document)
    blocks = list(reader.blocks(document.element.body, 0))
    return [*_leveled(blocks), *reader.notes()]


def _leveled(blocks: list[Block]) -> list[Block]:
    """Let the headings below a title be one level lower when the title and they share the first."""
    titles = [block for block in blocks if block.kind == "heading" and block.level == 0]
    if not titles:
        return blocks
    return [replace(block, level=block.level + 1) if block.kind == "heading" else block for block in blocks]


class _Reader:
    def __init__(self, document: Document) -> None:
        self._styles = Styles(document)
        self._numbers = Numbers(document)
        self._words = Words(document, self._styles)
        self._cells = 0

    def blocks(self, parent: Element, depth: int) -> Iterator[Block]:
        """Yield the blocks of the paragraphs and tables inside ``parent``."""
        for child in parent.iterchildren():
            if child.tag == _P:
                yield from self._paragraph(child)
            elif child.tag == _TBL and depth < DEEPEST:
                yield from self._table(child, depth + 1)
            elif (child.tag == _SDT or child.tag in _WRAPPERS) and depth < DEEPEST:
                yield from self.blocks(child, depth + 1)

    def notes(self) -> Iterator[Block]:
        """Yield the footnotes and endnotes that the text refers to, in order."""
        for number, note in enumerate(self._words.notes, start=1):
            text = " ".join(filter(None, (self._words.of(paragraph) for paragraph in note.iter(_P))))
            if text:
                yield Block("paragraph", f"Note {number}: {text}")

    def _paragraph(self, paragraph: Element) -> Iterator[Block]:
        text = self._words.of(paragraph)
        style = self._styles.of_paragraph(paragraph)
        if style.is_hidden or _CONTENTS.match(style.name):
            return
        label = self._numbers.next(paragraph, style) if text else None
        if text and style.heading is not None:
            words = f"{label.text} {text}" if label and label.text else text
            yield Block("heading", words, level=style.heading)
        elif text and label:
            shown = f"{label.text} {text}" if label.text and label.number is None else text
            yield Block("item", shown, level=label.level, number=label.number)
        elif text:
            yield Block("paragraph", text)
        for box in self._words.boxes(paragraph):
            yield from self.blocks(box, DEEPEST - 2)

    def _table(self, table: Element, depth: int) -> Iterator[Block]:
        rows = [
            [cell for cell in _inside(row, _TC)]
            for row in _inside(table, _TR)
            if not self._styles.is_deleted(row)
        ]
        if sum(map(len, rows)) == 1:  # a frame around text
            yield from self.blocks(rows[0][0], depth)
            return
        yield Block("table", rows=list(self._grid(rows, depth)))

    def _grid(self, rows: list[list[Element]], depth: int) -> Iterator[list[str]]:
        """Yield rows of text: a cell over several rows is said in each, one over several columns once."""
        above: list[str] = []
        for row in rows:
            line = [""] * _skipped(row)
            for cell in row:
                merged = _merge(cell)
                column = len(line)
                going_on = merged == "continue" and column < len(above)
                line.append(above[column] if going_on else self._cell(cell, depth))
                line += [""] * (min(_span(cell), WIDEST_TABLE) - 1)
            self._cells += len(line)
            if self._cells > MOST_CELLS:
                return
            above = line[:WIDEST_TABLE]
            yield above

    def _cell(self, cell: Element, depth: int) -> str:
        parts = []
        for block in self.blocks(cell, depth):
            if block.kind == "table":
                parts += ["; ".join(filter(None, row)) for row in block.rows]
            elif block.kind == "item" and block.number is not None:
                parts.append(f"{block.number}. {block.text}")
            else:
                parts.append(block.text)
        return "; ".join(" ".join(part.split()) for part in parts if part.strip()).replace(":; ", ": ")


def _inside(parent: Element, tag: str) -> Iterator[Element]:
    """Yield the rows of a table or cells of a row, those in content controls included."""
    for child in parent.iterchildren():
        if child.tag == tag:
            yield child
        elif child.tag == _SDT or child.tag in _WRAPPERS:
            yield from _inside(child, tag)


def _value(element: Element | None) -> str | None:
    return element.get(qn("w:val")) if element is not None else None


def _merge(cell: Element) -> str | None:
    """Return ``restart`` or ``continue`` for a cell that goes over several rows."""
    merge = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
    return (_value(merge) or "continue") if merge is not None else None


def _span(cell: Element) -> int:
    value = _value(cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}"))
    return int(value) if value and value.isdigit() and int(value) > 0 else 1


def _skipped(row: list[Element]) -> int:
    """Return how many columns a row leaves out at its start."""
    parent = row[0].getparent() if row else None
    value = _value(parent.find(f"{qn('w:trPr')}/{qn('w:gridBefore')}")) if parent is not None else None
    return min(int(value), WIDEST_TABLE - 1) if value and value.isdigit() else 0
