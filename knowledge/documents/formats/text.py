"""Plain text: paragraphs, lists and headings as people type them, everything else guarded."""

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePath

from knowledge.documents.clean import clean_characters
from knowledge.documents.formats.blocks import Block, plain, write
from knowledge.documents.formats.encoding import decode
from knowledge.documents.formats.extract import Extract

_PARAGRAPHS = re.compile(r"\n[ \t]*\n")
_ITEM = re.compile(r"^(?P<indent>\s*)(?:[-*+•●▪◦‣·–—]|(?P<number>\d{1,3})[.)])\s+(?=\S)")
_UNDERLINE = re.compile(r"^\s*([=\-~*#_])\1{2,}\s*$")
_TAB = 4
_STEP = 2  # columns of indent that make a list one deeper
LONGEST_HEADING = 80
_FULL_LINE = 45  # characters; prose is wrapped at more
_FULL = 0.6  # share of the longest line that a wrapped line reaches


def read(path: PurePath, content: bytes) -> Extract:
    """Read a plain text in any encoding that can be told.

    Raises DocumentRefused with code ``binary`` or ``encoding``.
    """
    text = clean_characters(decode(content)).expandtabs(_TAB)
    return Extract(write(block for part in _PARAGRAPHS.split(text) for block in _blocks(part.split("\n"))))


def _blocks(part: Sequence[str]) -> Iterator[Block]:
    """Yield the blocks of a paragraph: headings with a line below, list items, running text."""
    lines = [line.rstrip() for line in part if line.strip()]
    while lines:
        line = lines.pop(0)
        if (
            lines
            and _UNDERLINE.match(lines[0])
            and len(line) <= LONGEST_HEADING
            and not _UNDERLINE.match(line)
        ):
            yield Block("heading", plain(line.strip()), level=1 if lines.pop(0).strip()[0] == "=" else 2)
        elif _UNDERLINE.match(line):
            continue
        elif item := _ITEM.match(line):
            words = joined([line[item.end() :], *_taken(lines)])
            number = int(item["number"]) if item["number"] else None
            yield Block("item", words, level=1 + len(item["indent"]) // _STEP, number=number)
        else:
            yield Block("paragraph", joined([line, *_taken(lines)]))


def _taken(lines: list[str]) -> Iterator[str]:
    """Take the lines that go on with the block: up to the next item, line of dashes, or heading."""
    while lines and not _ITEM.match(lines[0]) and not _UNDERLINE.match(lines[0]):
        if len(lines) > 1 and _UNDERLINE.match(lines[1]) and len(lines[0]) <= LONGEST_HEADING:
            return
        yield lines.pop(0)


def joined(lines: Sequence[str]) -> str:
    """Return lines as Markdown: in one when they are wrapped prose, else each on its own, as addresses."""
    longest = max(len(line) for line in lines)
    wrapped = longest >= _FULL_LINE and all(len(line) >= _FULL * longest for line in lines[:-1])
    return (" " if wrapped else "\n").join(plain(line.strip()) for line in lines)
