"""The sentences of a passage, as they are compared: their words, their numbers, and the sides they take.

An item of a list is a sentence or several; a cell of a table is one, together with the names of its row and
its column, without which it says nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from knowledge.resemblance.leanings import leanings_of, without_leanings
from knowledge.resemblance.quantities import Quantity, quantities_in, without_numbers
from knowledge.search.terms import stems

_END = re.compile(r"(?<=[.!?…])[\"”’)*_\]]*\s+(?=[\"“‘¿¡(*_\[]*[A-ZÀ-Þ0-9])")
_ABBREVIATED = re.compile(
    r"(?:\b(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|ene|abr|ago|dic|no|nr|art|approx|max|min|mr|mrs|ms|dr|st|vs|"
    r"etc|núm|pág|sr|sra|ud|uds)|\b(?:e\.g|i\.e|a\.m|p\.m|p\.ej))\.\Z",
    re.IGNORECASE,
)
_REFERENCE = re.compile(
    r"\[\s*\d+\s*\]|^\d{1,3}[.)]?\s(?=[A-ZÀ-Þ])"
)  # [2], and the number of a heading or item
_ITEM = re.compile(r"^\s*(?:[-*+•]|\d+[.)])\s+")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_MARKUP = re.compile(r"[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}|^>+\s?")
_RULE = re.compile(r"^\|?[\s:|-]*-{2,}[\s:|-]*\|?$")


FEWEST_OWN = 3  # words without which a sentence is not compared at all
USUAL_WORDS = 4  # a sentence of fewer words says little without the title above it
# Whatever such a sentence is about stands in the one before.
_POINTS_BACK = re.compile(
    r"(?:it|they|this|these|that|those|he|she|both|otherwise|est[aoe]s?|ell[ao]s?|ello)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Sentence:
    """A sentence of a text in ``language``, without Markdown.

    ``heading`` is the title path it stands under; ``is_cell`` tells that it is a part of a table.
    """

    text: str
    language: str
    heading: str = ""
    is_cell: bool = False

    @cached_property
    def words(self) -> frozenset[str]:
        """Return the stems of its content words, without numbers and without words that take sides.

        The title path's words are among them where the sentence alone does not tell what it is about.
        """
        own = _words(self.text, self.language)
        if (len(own) < FEWEST_OWN and not self.is_cell) or self.text.endswith("?"):
            return frozenset()  # it claims nothing, or nothing can be said of it
        if len(own) < USUAL_WORDS or _POINTS_BACK.match(self.text):
            return own | _words(self.heading, self.language)
        return own

    @cached_property
    def quantities(self) -> frozenset[Quantity]:
        """Return the quantities it names."""
        return quantities_in(self.text, self.language)

    @cached_property
    def leanings(self) -> frozenset[tuple[str, str]]:
        """Return the sides it takes."""
        return leanings_of(self.text)


def sentences_of(text: str, language: str, heading: str = "") -> list[Sentence]:
    """Return the sentences of a passage (Markdown) in order."""
    return [
        Sentence(plain, language, heading, is_cell)
        for block, is_cell in _blocks(text)
        for plain in _cut(block, is_cell)
    ]


def _words(text: str, language: str) -> frozenset[str]:
    return frozenset(stems(without_numbers(without_leanings(text)), language))


def _cut(block: str, is_cell: bool) -> Iterator[str]:
    plain = " ".join(_MARKUP.sub("", _LINK.sub(r"\1", block)).split())
    held = ""
    for part in [plain] if is_cell else _END.split(plain):
        held = f"{held} {part}".strip()
        if not _ABBREVIATED.search(held):
            yield from filter(None, [" ".join(_REFERENCE.sub(" ", held).split())])
            held = ""
    if held:
        yield held


def _blocks(text: str) -> Iterator[tuple[str, bool]]:
    """Yield paragraphs, list items and table cells, each with whether it is a cell."""
    held: list[str] = []
    table: list[list[str]] = []
    for line in [*text.split("\n"), ""]:
        is_row = line.lstrip().startswith("|")
        if held and (is_row or not line.strip() or _ITEM.match(line) or line.startswith("#")):
            yield " ".join(held), False
            held = []
        if table and not is_row:
            yield from ((cell, True) for cell in _cells(table))
            table = []
        if is_row:
            if not _RULE.match(line.strip()):
                table.append([cell.strip() for cell in line.strip().strip("|").split("|")])
        elif line.strip() and not line.startswith("#"):
            held.append(_ITEM.sub("", line).strip())


def _cells(table: list[list[str]]) -> Iterator[str]:
    names, *rows = table
    for row in rows:
        for name, cell in zip(names[1:], row[1:], strict=False):
            if cell:
                yield f"{row[0]}, {name}: {cell}"
