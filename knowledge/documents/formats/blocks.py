"""Blocks of a text, and how they are written as Markdown.

What a reader takes from a file is plain text: ``plain`` guards it, so that a ``*`` or a ``1.`` of the file
makes no structure by accident; ``write`` then makes the structure that the file does have.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from knowledge.documents.clean import clean_characters
from knowledge.documents.formats.extract import PAGE_BREAK

Kind = Literal["heading", "paragraph", "item", "table", "code"]
DEEPEST_LIST = 6
WIDEST_TABLE = 60  # columns; more is a layout, or a trick
_TAB = 4

_PUNCTUATION = r"!-/:-@\[-`{-~"
_BACKSLASH = re.compile(rf"\\(?=[{_PUNCTUATION}\n]|$)")
_INLINE = re.compile(
    r"`"
    r"|(?<!\s)\*|\*(?!\s|$)"  # a star that touches a word may begin or end emphasis
    r"|(?<![^\W_])_+|_+(?![^\W_])"  # an underscore inside a word does nothing
    r"|<(?=[A-Za-z/!?])"  # a tag, an address in angles, a comment
    r"|&(?=#?\w+;)"
    r"|\](?=[(\[:])"
)
_LINE_START = re.compile(
    r"^(\s*)(?:(#{1,6})(?=\s|$)|([-+])(?=\s|$|[-=])|(\d{1,9})([.)])(?=\s|$)|(>|=+\s*$|~{3}|-+\s*$))"
)
_DASHES = re.compile(r"^(\s*)(?=[|:\-][|:\-\s]*$)")
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a text.

    Args:
        kind: what it is. A ``paragraph`` with a ``level`` above 0 belongs to the list item before it.
        text: Markdown of one block (guarded by ``plain`` by whoever made it), ``\\n`` where a line must
        end; of
            ``code`` the text itself.
        level: of a heading 1 to 6; of an item its depth, 1 for the outermost list.
        number: of an item of a numbered list.
        rows: of a table, cells as Markdown; the first row names the columns.
        page: number of the page it begins on, from 1; 0 when the file has no pages.
    """

    kind: Kind
    text: str = ""
    level: int = 0
    number: int | None = None
    rows: Sequence[Sequence[str]] = ()
    page: int = 0


def plain(text: str) -> str:
    """Return ``text`` on one line, cleaned, with everything escaped that Markdown would take for its own."""
    text = _SPACES.sub(" ", clean_characters(text.replace("\0", "")))
    text = _BACKSLASH.sub(r"\\\\", text)
    return _INLINE.sub(lambda match: "".join("\\" + sign for sign in match[0]), text)


def unescaped(text: str) -> str:
    """Return what ``plain`` was given, on one line."""
    return re.sub(rf"\\([{_PUNCTUATION}])", r"\1", text)


def link(words: str, target: str) -> str:
    """Return a Markdown link when ``target`` leads to the web or a mailbox, else ``words`` (Markdown) alone.

    Addresses of more than 300 characters are left out: they carry tracking, not a place.
    """
    target = clean_characters(target).strip()
    if not words.strip() or not re.fullmatch(r"(?i)(?:https?://|mailto:)[^\s<>\\\"`]{1,300}", target):
        return words
    if target in (words, f"mailto:{words}"):
        return words
    target = target.replace("(", "%28").replace(")", "%29")
    return f"[{_balanced(words.strip())}]({target})"


def write(blocks: Iterable[Block]) -> str:
    """Return the blocks as Markdown, a blank line between them, none inside a list."""
    parts: list[str] = []
    lists = _Lists()
    before: Block | None = None
    page = 1
    for block in blocks:
        text = _written(block, lists)
        if not text.strip():
            continue
        if before is not None:
            parts.append("\n" if block.kind == before.kind == "item" else "\n\n")
        parts += [PAGE_BREAK * max(block.page - page, 0), text]
        page = max(page, block.page) + text.count(PAGE_BREAK)
        before = block
    return "".join(parts)


class _Lists:
    """Where the open list items begin, so that what belongs to them is indented as far."""

    def __init__(self) -> None:
        self._indents: list[int] = []  # of the content of the open item at each depth
        self._marks: list[tuple[str, int]] = []  # the sign and number of the open item at each depth

    def close(self) -> None:
        """Leave all lists."""
        self._indents, self._marks = [], []

    def indent(self, depth: int) -> str:
        """Return what stands before text that belongs to an item of ``depth``."""
        return " " * (self._indents[min(depth, len(self._indents)) - 1] if depth and self._indents else 0)

    def mark(self, depth: int, number: int | None) -> str:
        """Begin an item and return its indented mark; a list that begins anew gets another sign."""
        depth = min(depth, len(self._indents) + 1, DEEPEST_LIST)
        former = self._marks[depth - 1] if len(self._marks) >= depth else None
        sign = self._sign(number, former)
        mark = f"{number}{sign} " if number is not None else "- "
        indent = self.indent(depth - 1)
        self._indents[depth - 1 :] = [len(indent) + len(mark)]
        self._marks[depth - 1 :] = [(sign, number or 0)]
        return indent + mark

    @staticmethod
    def _sign(number: int | None, former: tuple[str, int] | None) -> str:
        if number is None:
            return "-"
        if former is None or former[0] == "-":
            return "."
        follows = number == former[1] + 1
        return former[0] if follows else (")" if former[0] == "." else ".")


def _written(block: Block, lists: _Lists) -> str:
    if block.kind == "item":
        if not block.text.strip():
            return ""
        mark = lists.mark(max(block.level, 1), block.number)
        return mark + _lines(block.text, " " * len(mark))
    if block.kind == "paragraph" and block.level:
        indent = lists.indent(block.level)
        return indent + _lines(block.text, indent) if block.text.strip() else ""
    lists.close()
    if block.kind == "heading":
        text = " ".join(block.text.split())
        return f"{'#' * min(max(block.level, 1), 6)} {_closing(text)}" if text else ""
    if block.kind == "table":
        return "\n".join(_table(block.rows))
    return _fenced(block.text) if block.kind == "code" else _lines(block.text, "")


def _lines(text: str, indent: str) -> str:
    """Guard the lines of a paragraph and let each end where it ended."""
    lines = (_guarded(line.strip()) for line in text.split("\n") if line.strip())
    return f"  \n{indent}".join(lines)


def _closing(heading: str) -> str:
    """Guard the signs at a heading's end, which Markdown would leave out."""
    return re.sub(r"(?<=\s)(#+)$", r"\\\1", heading)


def _guarded(text: str) -> str:
    """Escape what would make a paragraph's beginning a heading, a list, a quote or a line."""
    text = _LINE_START.sub(_escaped_start, text, count=1)
    return _DASHES.sub(r"\1\\", text, count=1)


def _escaped_start(match: re.Match[str]) -> str:
    space, hashes, dash, number, stop, other = match.groups()
    if number:
        return f"{space}{number}\\{stop}"
    return f"{space}\\{hashes or dash or other}"


def _balanced(words: str) -> str:
    """Escape brackets inside a link's words, which would end it early."""
    return re.sub(r"(?<!\\)[\[\]]", lambda match: "\\" + match[0], words)


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table; columns and rows without any text are left out."""
    rows = [[_cell(cell) for cell in row] for row in rows]
    rows = [row for row in rows if any(row)]
    width = max((len(row) for row in rows), default=0)
    rows = [[*row, *[""] * (width - len(row))] for row in rows]
    used = [column for column in range(width) if any(row[column] for row in rows)]
    if not used:
        return
    if len(rows) == 1 or len(used) == 1:  # no table: there is nothing to name columns for
        yield "\n\n".join(_guarded(", ".join(row[column] for column in used if row[column])) for row in rows)
        return
    for number, row in enumerate(rows):
        yield "| " + " | ".join(row[column] for column in used) + " |"
        if number == 0:
            yield "| " + " | ".join("---" for _ in used) + " |"


def _cell(text: str) -> str:
    return re.sub(r"(?<!\\)\|", r"\\|", _SPACES.sub(" ", text).strip())


def _fenced(text: str) -> str:
    text = "\n".join(clean_characters(line).rstrip() for line in text.expandtabs(_TAB).splitlines()).strip(
        "\n"
    )
    if not text:
        return ""
    marks = max((len(run) for run in re.findall(r"`{3,}", text)), default=2) + 1
    return f"{'`' * marks}\n{text}\n{'`' * marks}"
