"""From lines to blocks: headings by size and weight, lists, tables, paragraphs joined over lines."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from knowledge.documents.formats.blocks import Block, plain
from knowledge.documents.formats.extract import PAGE_BREAK
from knowledge.documents.formats.pdf_lines import LABEL, Line
from knowledge.documents.formats.pdf_tables import Table, with_tables

_LARGER = 1.12  # than the body's letters: a heading
_LONGEST_HEADING = 160  # characters
_MOST_HEADING_LINES = 3
_WIDE_LEADING = 1.3  # times the usual distance of lines: a new paragraph
_RECENT = 8  # lines of a paragraph that tell how far its lines stand from each other
_INDENT = 0.9  # of the letters' size
_DEEPEST_HEADING = 4
_ENDS = re.compile(r"[.!?:;。]['\"”’)\]]*$")
_POINT = re.compile(r"^(?:[•●▪◦‣■□○·»➢✓❖]|[–—\-*](?= ))\s*(?=\S)")
_NUMBER = re.compile(r"^(\d{1,3})[.)]\s+(?=\S)")
_LETTERED = re.compile(r"^\(?(?:[a-z]|[ivx]{1,5})[.)]\s+(?=\S)")
_CLAUSE = re.compile(r"^\.?\d{1,3}(?:\.\d{1,3})*\.?\s+(?=\S)")
_DEPTH = re.compile(r"^(\d{1,2}(?:\.\d{1,2})*)\.?\s")
_HYPHEN = re.compile(r"\W*((?:\w+-)*\w+)[-\u00ad\u2010]")
_WORD = re.compile(r"\w+(?:-\w+)*")
_NAME = re.compile(r"^[A-Z][\w /#.&-]{0,24}: ?\S")  # “Phone: …”, one to a line
_RULE = re.compile(r"^[\W_]*$")


@dataclass(slots=True)
class _Paragraph:
    """Lines that belong together; ``breaks`` are the lines after which the writer began anew on purpose."""

    lines: list[Line]
    breaks: set[int]

    @property
    def text(self) -> str:
        return " ".join(line.text for line in self.lines)

    @property
    def style(self) -> tuple[float, bool, bool]:
        """Size of the letters, bold, capitals."""
        size = max(line.size for line in self.lines)
        return round(size * 2) / 2, all(line.bold for line in self.lines), self.text.isupper()


@dataclass(frozen=True, slots=True)
class _Page:
    """What is usual for lines of a text: where they end, and how far they stand from each other."""

    body: float
    body_bold: bool
    right: dict[int, float]  # by page
    leading: float


def blocks_of(pages: Sequence[Sequence[Line]]) -> list[Block]:
    """Return the blocks of a file's pages, in order."""
    lines = [line for page in pages for line in page]
    if not lines:
        return []
    parts = [part for page in pages for part in with_tables(page)]
    usual = _usual([part for part in parts if isinstance(part, Line)] or lines)
    words = Counter(_undivided(lines))
    paragraphs = list(_paragraphs(parts, usual))
    levels = _levels(
        [part for part in paragraphs if isinstance(part, _Paragraph) and _is_heading(part, usual)], paragraphs
    )
    return list(_blocks(paragraphs, usual, levels, words))


def _undivided(lines: Sequence[Line]) -> Iterator[str]:
    """Yield the words of the lines, except those that a line's end divides."""
    divided = False
    for line in lines:
        words = _WORD.findall(line.text)
        ends = bool(_HYPHEN.fullmatch(line.text[line.text.rfind(" ") + 1 :]))
        yield from words[1 if divided else 0 : -1 if ends else None]
        divided = ends


def _usual(lines: Sequence[Line]) -> _Page:
    sizes: Counter[float] = Counter()
    weights: Counter[bool] = Counter()
    for line in lines:
        sizes[round(line.size * 2) / 2] += len(line.text)
        weights[line.bold] += len(line.text)
    body = sizes.most_common(1)[0][0]
    rights: dict[int, list[float]] = {}
    for line in lines:
        rights.setdefault(line.page, []).append(line.right)
    gaps = [
        above.base - below.base
        for above, below in pairwise(lines)
        if above.page == below.page
        and 0.8 * body < above.base - below.base < 2.5 * body
        and abs(above.size - body) < 1
    ]
    leading = Counter(round(gap) for gap in gaps).most_common(1)[0][0] if gaps else 1.2 * body
    return _Page(
        body, weights[True] > weights[False], {page: _edge(found) for page, found in rights.items()}, leading
    )


def _edge(rights: Sequence[float]) -> float:
    """Return where full lines end: few go further."""
    return sorted(rights)[int(0.95 * (len(rights) - 1))]


def _paragraphs(parts: Iterable[Line | Table], usual: _Page) -> Iterator[_Paragraph | Table]:
    held: _Paragraph | None = None
    for part in parts:
        if isinstance(part, Table):
            if held:
                yield held
            held = None
            yield part
        elif _RULE.match(part.text):
            continue
        elif held and not _begins(held, part, usual):
            if _broke_on_purpose(held.lines[-1], part, usual):
                held.breaks.add(len(held.lines) - 1)
            held.lines.append(part)
        else:
            if held:
                yield held
            held = _Paragraph([part], set())
    if held:
        yield held


def _begins(held: _Paragraph, line: Line, usual: _Page) -> bool:
    """Say whether a line begins a new paragraph."""
    last, first = held.lines[-1], held.lines[0]
    if abs(last.size - line.size) > 0.08 * last.size or last.bold != line.bold or _has_label(line.text):
        return True
    if len(held.lines) <= _MOST_HEADING_LINES and last.text.isupper() != line.text.isupper():
        return True
    if last.page != line.page or line.base > last.base:  # the next page or column
        goes_on = not _ENDS.search(last.text) and (
            line.text[0].islower() or not _broke_on_purpose(last, line, usual)
        )
        return not goes_on or last.bold
    leading = max(usual.leading, 1.05 * last.size) if abs(last.size - usual.body) < 1 else 1.25 * last.size
    if len(held.lines) > 1:
        gaps = [one.base - two.base for one, two in pairwise(held.lines[-_RECENT:]) if one.base > two.base]
        leading = median(gaps or [leading])
    if last.base - line.base > _WIDE_LEADING * leading:
        return True
    indent = _INDENT * line.size
    labelled = _has_label(first.text)
    if line.left > last.left + indent and not labelled and len(held.lines) > 1 and _ENDS.search(last.text):
        return True
    if labelled and line.left < first.left - indent:
        return True
    return bool(_ENDS.search(last.text)) and _broke_on_purpose(last, line, usual)


def _has_label(text: str) -> bool:
    return bool(
        _POINT.match(text)
        or _NUMBER.match(text)
        or _LETTERED.match(text)
        or (_CLAUSE.match(text) and LABEL.match(text))
    )


def _broke_on_purpose(last: Line, line: Line, usual: _Page) -> bool:
    """Say whether the next line's first word would have had room in the line before."""
    word = len(line.text.split(" ", 1)[0]) * 0.55 * line.size
    if _NAME.match(last.text) and _NAME.match(line.text):
        return True
    if (
        abs(last.left + last.right - line.left - line.right) < 4 and abs(last.left - line.left) > line.size
    ):  # centred
        return True
    return last.right + word + 0.4 * line.size < usual.right[last.page]


def _is_heading(paragraph: _Paragraph, usual: _Page) -> bool:
    text = paragraph.text
    if len(paragraph.lines) > _MOST_HEADING_LINES or len(text) > _LONGEST_HEADING:
        return False
    if not (text[0].isalnum() or text[0] in "§(“\"'¿¡") or sum(map(str.isalpha, text)) < 0.4 * len(text):
        return False
    if text[-1] in ",;" or (text[-1] == "." and not _DEPTH.match(text + " ")):
        return False
    size, bold, capitals = paragraph.style
    if size >= _LARGER * usual.body:
        return True
    if len(text) < 3 or (text.endswith(":") and not bold):
        return False
    return (bold and not usual.body_bold and text[0] not in "(•" and not text[0].islower()) or (
        capitals
        and len(text) > 5
        and sum(map(str.isalpha, text)) > 0.6 * len(text)
        and size >= usual.body
        and not paragraph.breaks
    )


def _levels(
    headings: Sequence[_Paragraph], all_parts: Sequence[object]
) -> dict[tuple[float, bool, bool], int]:
    """Rank the headings' styles; a file's first words that share theirs are the title above the others."""
    styles = sorted({heading.style for heading in headings}, reverse=True)
    levels = {style: min(number, _DEEPEST_HEADING) for number, style in enumerate(styles, start=1)}
    if headings and all_parts and headings[0] is all_parts[0]:
        shared = sum(heading.style == headings[0].style for heading in headings) > 1
        if shared and levels[headings[0].style] == 1:
            return {style: level + 1 for style, level in levels.items()}
    return levels


def _blocks(
    parts: Sequence[_Paragraph | Table],
    usual: _Page,
    levels: dict[tuple[float, bool, bool], int],
    words: Counter[str],
) -> Iterator[Block]:
    indents: list[float] = []
    head: tuple[str, ...] | None = None  # of a table that may go on on the next page
    for number, part in enumerate(parts):
        if isinstance(part, Table):
            block = _table_block(part, head)
            head, indents = part.rows[0] if head is None or len(head) != len(part.rows[0]) else head, []
            yield block
            continue
        text, page = _joined(part, words), part.lines[0].page
        if _is_heading(part, usual):
            level = 1 if number == 0 and min(levels.values()) > 1 else levels[part.style]
            yield Block("heading", text.replace("\n", " "), level=level + _depth(part.text), page=page)
            indents, head = [], None
        elif item := _item(text, part.lines[0].left, indents):
            yield replace(item, page=page)
        else:
            indents = []
            yield Block("paragraph", text, page=page)
        if len(part.text) > _LONGEST_HEADING:
            head = None


def _table_block(table: Table, head: tuple[str, ...] | None) -> Block:
    """Return a table; one that goes on from the page before gets that one's names of columns again."""
    rows = [[plain(cell) for cell in row] for row in table.rows]
    if head and len(head) == len(rows[0]) and head != table.rows[0] and _continues(table, head):
        rows.insert(0, [plain(cell) for cell in head])
    return Block("table", rows=rows, page=table.lines[0].page)


def _continues(table: Table, head: tuple[str, ...]) -> bool:
    first = table.lines[0]
    return first.base > 0.8 * first.height and not first.bold and all(head)


def _item(text: str, left: float, indents: list[float]) -> Block | None:
    """Return a list item when the text begins like one, as deep as its place in the line says."""
    point, number, letter = _POINT.match(text), _NUMBER.match(text), _LETTERED.match(text)
    if not (point or number or letter):
        return None
    while indents and indents[-1] > left + 3:
        indents.pop()
    if not indents or indents[-1] < left - 6:
        indents.append(left)
    if point:
        return Block("item", text[point.end() :], level=len(indents))
    if number:
        return Block("item", text[number.end() :], level=len(indents), number=int(number[1]))
    return Block("item", text, level=len(indents))


def _depth(text: str) -> int:
    """Return how deep a heading's own number is: 1 for ``2.3``."""
    found = _DEPTH.match(text)
    return found[1].count(".") if found else 0


def _joined(paragraph: _Paragraph, words: Counter[str]) -> str:
    """Return a paragraph's Markdown; words divided at line ends are whole again, page breaks are marked."""
    parts: list[str] = []
    for number, line in enumerate(paragraph.lines):
        mark = PAGE_BREAK * (line.page - paragraph.lines[number - 1].page) if number else ""
        last = parts[-1] if parts else ""
        if divided := _HYPHEN.fullmatch(last[last.rfind(" ") + 1 :]):
            parts[-1] = last[: len(last) - _surplus(divided, line.text, words)] + mark
        elif number:
            parts.append(("\n" if number - 1 in paragraph.breaks and not mark else " ") + mark)
        parts.append(line.text)
    text = "".join(parts)
    return "\n".join(
        PAGE_BREAK.join(plain(piece) for piece in line.split(PAGE_BREAK)) for line in text.split("\n")
    )


def _surplus(divided: re.Match[str], following: str, words: Counter[str]) -> int:
    """Return 1 when the hyphen at a line's end only divides a word, 0 when the word is written with it.

    It is when the file has the compound elsewhere, or its first part as a word of its own but not the whole.
    """
    first, second = divided[1], (_WORD.match(following) or re.match("", following))[0].split("-")[0]
    if not second or not second[0].islower() or not first[-1].isalpha() or "-" in first:
        return 0
    compound = words[f"{first}-{second}"] or (len(first) > 3 and words[first])
    is_whole = divided[0].endswith("\u00ad") or words[first + second] or not compound
    return 1 if is_whole else 0
