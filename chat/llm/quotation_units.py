"""What a quotation must not cut: sentences, list items, table rows, headings, and what each stands under."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

WHOLE_TABLE = 600  # characters up to which a table is one unit

Span = tuple[int, int]

_LINE = re.compile(r"[^\n]+|\n(?=[ \t]*(?:\n|$))")
_LIST_ITEM = re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)])\s")
_HEADING = re.compile(r"#{1,6}\s")
_DASHES = re.compile(r"\|[\s:|-]+")
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’»)\]*_]*\s+(?=[\"'“‘«(\[*_]*[A-ZÀ-ÖØ-Þ0-9¿¡])")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:nos?|mrs?|ms|dr|sra?|art|approx|m[ai]x|min|e\.g|i\.e|p\. ?ej|núm)\.$", re.IGNORECASE
)
_POINTS_BACK = re.compile(
    r"(?:this|that|these|those|it|they|he|she|such|however|otherwise|in (?:this|that|these|both|either) "
    r"(?:cases?)?|if so|if not|the same|est[aeo]s?|es[ao]s?|ello|ell[ao]s|en (?:este|ese|estos|ambos) casos?|"
    r"sin embargo|de lo contrario|lo mismo|dicho|dicha|dichos|dichas|tal|tales)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Unit:
    """What must not be cut.

    Attributes:
        start, end: offsets in the text.
        is_item: it is an item of a list, or goes on with one.
        is_row: it is a row of a table that is too long to be one unit.
        is_heading: it is a heading.
        points_back: it begins with a word such as "This", and says little alone.
        heads: what it stands under, outermost first: heading, introduction of the list, item, table head.
        words: numbers of the question's words that it holds.
    """

    start: int
    end: int
    is_item: bool = False
    is_row: bool = False
    is_heading: bool = False
    points_back: bool = False
    heads: tuple[Span, ...] = ()
    words: frozenset[int] = frozenset()


def units_of(text: str, *, by_line: bool) -> Iterator[Unit]:
    """Yield the units of a Markdown text, or every line of a text that is made of lines."""
    if by_line:
        yield from (Unit(start, end) for start, end in _blocks(text, by_line=True))
        return
    heading: tuple[Span, ...] = ()
    above: list[tuple[int, Span]] = []  # the introduction (indent -1) and the items that may have items below
    for start, end in _blocks(text, by_line=False):
        indent = start - (text.rfind("\n", 0, start) + 1)
        if _HEADING.match(text, start):
            yield Unit(start, end, is_heading=True)
            heading, above = ((start, end),), []
        elif _LIST_ITEM.match(text, start):
            above = [one for one in above if one[0] < indent]
            yield Unit(start, end, is_item=True, heads=heading + tuple(span for _, span in above))
            above.append((indent, (start, end)))
        elif text.startswith("|", start):
            yield from _table(text, start, end, heading + tuple(span for _, span in above))
        elif indent and any(at >= 0 for at, _ in above):  # a further paragraph of an item
            yield Unit(start, end, is_item=True, heads=heading + tuple(span for _, span in above))
        else:
            for first, last in _sentences(text, start, end):
                yield Unit(first, last, points_back=bool(_POINTS_BACK.match(text, first)), heads=heading)
                above = [(-1, (first, last))] if text[last - 1] == ":" else []


def _blocks(text: str, *, by_line: bool) -> Iterator[Span]:
    """Yield start and end of tables, list items, headings and paragraphs (or of every line), trimmed."""
    start, end, kind = 0, 0, ""
    for line in _LINE.finditer(text):
        content = line.group().strip()
        former, kind = kind, _kind(content)
        begins = by_line or kind != former or kind in ("item", "heading")
        if kind == "text" and former == "item":
            begins = by_line  # a long item goes on in the next line
            kind = "item"
        if begins and end > start:
            yield start, end
            start = end
        if content:
            at = line.start() + line.group().index(content)
            start, end = (at if end <= start else start), at + len(content)
    if end > start:
        yield start, end


def _kind(content: str) -> str:
    if not content:
        return ""
    if content.startswith("|"):
        return "table"
    if _LIST_ITEM.match(content + " "):
        return "item"
    return "heading" if _HEADING.match(content) else "text"


def _table(text: str, start: int, end: int, heads: tuple[Span, ...]) -> Iterator[Unit]:
    """Yield a table as one unit, or the rows of a long one; the first row includes the head."""
    lines = [(start + line.start(), start + line.end()) for line in re.finditer(r"[^\n]+", text[start:end])]
    has_head = len(lines) > 2 and _DASHES.fullmatch(text, *lines[1])
    if end - start <= WHOLE_TABLE or not has_head:
        yield Unit(start, end, heads=heads)
        return
    head = (start, lines[1][1])
    yield Unit(start, lines[2][1], is_row=True, heads=heads)
    yield from (Unit(*line, is_row=True, heads=(*heads, head)) for line in lines[3:])


def _sentences(text: str, start: int, end: int) -> Iterator[Span]:
    for match in _SENTENCE_END.finditer(text, start, end):
        if not _ABBREVIATION.search(text[start : match.start()]):
            yield start, match.start() + len(match.group().rstrip())
            start = match.end()
    yield start, end
