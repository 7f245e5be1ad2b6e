"""Cut a Markdown text into passages: at headings, then at blocks, list items, table rows and sentences."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, takewhile

from markdown_it import MarkdownIt
from markdown_it.token import Token

LIMIT = 900  # characters in a passage; measured best of 300, 500, 900 and 1,500
SMALL = 250  # shorter passages join their neighbour
JOINT = " › "
LONGEST_HEADING = 500
LONGEST_LEAD = (
    300  # an introduction up to this length is repeated where its list goes on in a further passage
)
_LISTS = ("bullet_list_open", "ordered_list_open")
_parser = MarkdownIt("commonmark").enable("table").disable("inline")  # blocks only: spans need no more
_words = MarkdownIt("commonmark")
_SENTENCE = re.compile(r"(?<=[.!?…;:])[\"'”’)\]]*\s+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A passage before it is saved: title path, text shown, and offsets in the version's text."""

    heading: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Span:
    """A stretch kept whole. ``head`` is what it says little without: a table's head, a list's first line."""

    start: int
    end: int
    head: tuple[int, int] | None = None
    leads: bool = False  # introduces what follows, such as "You may bring:"


@dataclass(frozen=True, slots=True)
class _Pack:
    """Spans that will be one passage, under the heading that begins at ``heading_start``."""

    path: tuple[str, ...]
    heading_start: int
    start: int
    end: int
    head: tuple[int, int] | None = None

    def __len__(self) -> int:
        return self.end - self.start


def split(text: str, title: str) -> list[Piece]:
    """Cut ``text`` (Markdown with ``\\n`` line ends) into passages of about ``LIMIT`` characters, in order.

    Every title path begins with ``title``. Only headings and blank space are left out; a text without any
    content gives an empty list.
    """
    packs = _join_small(_packs(text, title))
    return [
        Piece(
            heading=JOINT.join(pack.path)[:LONGEST_HEADING],
            text=(text[slice(*pack.head)] if pack.head else "") + text[pack.start : pack.end],
            start=pack.start,
            end=pack.end,
        )
        for pack in packs
    ]


def line_starts(text: str) -> list[int]:
    """Return the offset at which each line begins, and the length of the text after the last."""
    return [0, *(match.end() for match in re.finditer("\n", text)), len(text)]


def _packs(text: str, title: str) -> Iterator[_Pack]:
    """Walk the top-level blocks; a heading ends what came before it."""
    starts = line_starts(text)
    tokens = _parser.parse(text)
    path, heading_start, spans = ((0, title),), 0, []
    for index, token in enumerate(tokens):
        if token.level or not token.map:
            continue
        if token.type != "heading_open":
            spans.extend(_led(text, spans, token, list(_spans(text, tokens[index:], starts))))
            continue
        yield from _fill(tuple(name for _, name in path), heading_start, spans)
        level, name = int(token.tag[1:]), _plain(tokens[index + 1].content)
        above = tuple(takewhile(lambda part, level=level: part[0] < level, path))
        # The document's own title, repeated as its first heading, is not named twice.
        path = above if above == ((0, title),) and name == title else (*above, (level, name))
        heading_start, spans = starts[token.map[0]], []
    yield from _fill(tuple(name for _, name in path), heading_start, spans)


def _plain(heading: str) -> str:
    """Return a heading's words without its markup."""
    parts = _words.parseInline(heading)[0].children or ()
    return "".join(part.content for part in parts if part.type in ("text", "code_inline")).strip()


def _spans(text: str, tokens: Sequence[Token], starts: Sequence[int]) -> Iterable[_Span]:
    """Return the spans of the block that ``tokens`` begin with: itself, or its parts when it is too long."""
    block = tokens[0]
    whole = _trimmed(text, starts[block.map[0]], starts[block.map[1]])
    if whole.start >= whole.end:
        return []
    if whole.end - whole.start <= LIMIT:
        leads = block.type == "paragraph_open" and text[whole.start : whole.end].endswith(":")
        return [replace(whole, leads=leads)]
    if block.type == "table_open":
        return _rows(text, tokens, starts)
    if block.type in _LISTS:
        return [part for item in _items(text, tokens, starts) for part in _sentences(text, item)]
    return _sentences(text, whole)


def _led(text: str, before: Sequence[_Span], block: Token, parts: list[_Span]) -> list[_Span]:
    """Let the items of a long list refer to the sentence that introduces it, such as "You may not bring:"."""
    if len(parts) < 2 or block.type not in _LISTS or not before or not before[-1].leads:
        return parts
    ends = [match.end() for match in _SENTENCE.finditer(text, before[-1].start, before[-1].end)]
    lead = (max([before[-1].start, *ends]), parts[0].start)
    if lead[1] - lead[0] > LONGEST_LEAD:
        return parts
    return parts[:1] + [replace(part, head=lead) for part in parts[1:]]


def _trimmed(text: str, start: int, end: int) -> _Span:
    """Return the stretch without blank lines in front and blank space behind."""
    part = text[start:end]
    return _Span(start + len(part) - len(part.lstrip("\n")), start + len(part.rstrip()))


def _children(tokens: Sequence[Token], kind: str) -> Iterator[Token]:
    """Return the tokens of ``kind`` inside the block that ``tokens`` begin with, its direct parts only."""
    inside = takewhile(lambda token: token.level or token is tokens[0], tokens)
    found = [token for token in inside if token.type == kind and token.map]
    return (token for token in found if token.level == found[0].level)


def _items(text: str, tokens: Sequence[Token], starts: Sequence[int]) -> Iterator[_Span]:
    for item in _children(tokens, "list_item_open"):
        yield _trimmed(text, starts[item.map[0]], starts[item.map[1]])


def _rows(text: str, tokens: Sequence[Token], starts: Sequence[int]) -> Iterator[_Span]:
    """Return the rows; the first includes the table's head, the others refer to it."""
    rows = list(_children(tokens, "tr_open"))
    head = (starts[rows[0].map[0]], starts[rows[0].map[1] + 1])  # the names and the line of dashes
    for number, row in enumerate(rows[1:], start=1):
        span = _trimmed(text, starts[row.map[0]], starts[row.map[1]])
        yield replace(span, start=head[0]) if number == 1 else replace(span, head=head)


def _sentences(text: str, span: _Span) -> Iterator[_Span]:
    """Cut an over-long stretch at sentence ends, and an over-long sentence at spaces."""
    if span.end - span.start <= LIMIT:
        yield span
        return
    ends = [match.end() for match in _SENTENCE.finditer(text, span.start, span.end)]
    for start, end in pairwise([span.start, *ends, span.end]):
        while end - start > LIMIT:
            space = max(text.rfind(mark, start + 1, start + LIMIT) for mark in " \n")
            cut = space + 1 if space > start else start + LIMIT
            yield _trimmed(text, start, cut)
            start = cut
        if text[start:end].strip():
            yield _trimmed(text, start, end)


def _fill(path: tuple[str, ...], heading_start: int, spans: Sequence[_Span]) -> Iterator[_Pack]:
    """Put neighbouring spans together while they fit; an introduction goes with what it introduces."""
    held: list[_Span] = []
    for span in spans:
        if held and span.end - held[0].start > LIMIT:
            carried = held[-1] if len(held) > 1 and held[-1].leads and _fits(held[-1], span) else None
            yield _packed(path, heading_start, held[:-1] if carried else held)
            held = [carried] if carried else []
        held.append(span)
    if held:
        yield _packed(path, heading_start, held)


def _fits(first: _Span, last: _Span) -> bool:
    return last.end - first.start <= LIMIT


def _packed(path: tuple[str, ...], heading_start: int, spans: Sequence[_Span]) -> _Pack:
    return _Pack(path, heading_start, spans[0].start, spans[-1].end, spans[0].head)


def _join_small(packs: Iterable[_Pack]) -> list[_Pack]:
    """Join a short end with its section's former passage, and short sibling sections with each other."""
    joined: list[_Pack] = []
    for pack in packs:
        both = _join(joined[-1], pack) if joined else None
        if both:
            joined[-1] = both
        else:
            joined.append(pack)
    return joined


def _join(first: _Pack, second: _Pack) -> _Pack | None:
    length = second.end - first.start
    if first.heading_start == second.heading_start:
        short = min(len(first), len(second)) < SMALL
        return replace(first, end=second.end) if short and length <= LIMIT + SMALL else None
    siblings = first.path[:-1] == second.path[:-1] or first.path == second.path[:-1]
    if not siblings or max(len(first), len(second)) >= SMALL or length > LIMIT or first.head or second.head:
        return None
    common = tuple(a for a, b in zip(first.path, second.path, strict=False) if a == b)
    return replace(first, path=common, start=min(first.start, first.heading_start), end=second.end)
