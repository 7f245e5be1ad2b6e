"""Where to cut a quotation: whole sentences, list items and tables, as one contiguous stretch of a text."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

NEIGHBOUR_WEIGHT = 0.25

_LINE = re.compile(r"[^\n]+|\n(?=[ \t]*(?:\n|$))")
_LIST_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,3}[.)])\s")
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’»)\]*_]*\s+(?=[\"'“‘«(\[*_]*[A-ZÀ-ÖØ-Þ0-9¿¡])")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:nos?|mrs?|ms|dr|sra?|art|approx|m[ai]x|min|e\.g|i\.e|p\. ?ej|núm)\.$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Unit:
    """What must not be cut: a sentence, a list item, a table. ``words`` are the question's words it holds."""

    start: int
    end: int
    is_item: bool
    words: frozenset[int] = frozenset()


def window(text: str, units: Sequence[Unit], weights: Mapping[int, float], *, whole: int, most: int) -> str:
    """Return the text from its first unit to its last if it is short, else the best stretch of units.

    Args:
        text: what is quoted from.
        units: of the text, in order; at least one.
        weights: how much each of the question's words tells.
        whole: characters up to which everything is quoted.
        most: characters of a stretch; only a single longer unit exceeds them.
    """
    first, last = 0, len(units) - 1
    if units[last].end - units[first].start > whole:
        first, last = _stretch(units, weights, most)
        # What leads to a list that is not quoted leads nowhere.
        while last > first and text[: units[last].end].endswith(":"):
            last -= 1
    return text[units[first].start : units[last].end]


def _stretch(units: Sequence[Unit], weights: Mapping[int, float], characters: int) -> tuple[int, int]:
    """Return the first and last unit of the stretch that grows from the best unit to its neighbours."""
    own = [sum(weights[number] for number in unit.words) for unit in units]
    around = [max(own[max(at - 1, 0)], own[min(at + 1, len(own) - 1)]) for at in range(len(own))]
    scores = [one + NEIGHBOUR_WEIGHT * beside for one, beside in zip(own, around, strict=True)]
    first = last = max(range(len(units)), key=lambda at: scores[at])
    while True:
        longer = []
        if last + 1 < len(units):
            longer.append((scores[last + 1], first, last + 1))
        if first > 0:
            # A list item says little without what leads to it, so a list is entered from above.
            longer.append((scores[first - 1] + units[first].is_item * max(scores), first - 1, last))
        fitting = [one for one in longer if units[one[2]].end - units[one[1]].start <= characters]
        if not fitting:
            return first, last
        _, first, last = max(fitting, key=lambda one: one[0])


def units_of(text: str, *, by_line: bool) -> Iterator[Unit]:
    """Yield the units of a Markdown text, or every line of a text that is made of lines."""
    for start, end in _blocks(text, by_line=by_line):
        if _LIST_ITEM.match(text, start):
            yield Unit(start, end, is_item=True)
        elif text.startswith("|", start) or by_line:
            yield Unit(start, end, is_item=False)
        else:
            yield from (Unit(first, last, is_item=False) for first, last in _sentences(text, start, end))


def _blocks(text: str, *, by_line: bool) -> Iterator[tuple[int, int]]:
    """Yield start and end of tables, list items and paragraphs (or of every line), without space around."""
    start, end, in_table = 0, 0, False
    for line in _LINE.finditer(text):
        content = line.group().strip()
        is_table = content.startswith("|")
        begins = by_line or not content or is_table != in_table or _LIST_ITEM.match(content + " ")
        if begins and end > start:
            yield start, end
            start = end
        if content:
            at = line.start() + line.group().index(content)
            start, end, in_table = (at if end <= start else start), at + len(content), is_table
    if end > start:
        yield start, end


def _sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for match in _SENTENCE_END.finditer(text, start, end):
        if not _ABBREVIATION.search(text[start : match.start()]):
            yield start, match.start() + len(match.group().rstrip())
            start = match.end()
    yield start, end
