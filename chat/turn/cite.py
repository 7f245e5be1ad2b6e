"""Stage 8: on the stream, source marks become footnotes and lists get one form."""

import re
from collections.abc import Sequence

from chat.turn.context import Evidence, Footnote

# [3], [^3], [1, 2], 【3】, as models write them.
_MARK = re.compile(r"[ \t]?[\[【]\^?(\d{1,3}(?:\s*,\s*\^?\d{1,3})*)[\]】]")
_BULLET = re.compile(r"(^|\n)([ \t]*)[•◦▪*–—][ \t]+")
# What may turn out to be more than it looks like: an open mark, and the spaces and bullets before it.
_OPEN = re.compile(r"[\s•◦▪*–—]*(?:[\[【](?:\^?\d{0,3}(?:\s*,\s*\^?\d{0,3})*)?)?\Z")
_MOST_HELD = 40


class Citer:
    """Turns ``[3]`` into the footnote ``[^1]``, numbered by first use; marks of no source are taken out.

    Args:
        evidence: what the prompt offered; a mark's number is the source's number there.
        footnotes: filled with the footnotes in order of their numbers.
        quoting: whether lines that begin with ``>`` are sources word for word, whose own ``[1]`` is no mark.
    """

    def __init__(self, evidence: Sequence[Evidence], footnotes: list[Footnote], *, quoting: bool = False):
        self._by_number = {item.source.number: item for item in evidence}
        self._footnotes = footnotes
        self._quoting = quoting
        self._in_quotation = False
        self._numbers: dict[int, int] = {}
        self._held = ""
        self._last = "\n"  # the last character let through, so that a bullet knows the line's beginning

    def feed(self, piece: str) -> str:
        """Return what is settled; an open mark or a beginning line is held back."""
        text = self._held + piece
        cut = self._safe_length(text)
        self._held = text[cut:]
        return self._settle(text[:cut])

    def finish(self) -> str:
        """Return the rest."""
        rest, self._held = self._held, ""
        return self._settle(rest).rstrip()

    @staticmethod
    def _safe_length(text: str) -> int:
        found = _OPEN.search(text)
        return found.start() if found and len(text) - found.start() <= _MOST_HELD else len(text)

    def _settle(self, text: str) -> str:
        if not text:
            return ""
        text = self._with_footnotes(text)
        text = self._with_one_bullet(text)
        if text:
            self._last = text[-1]
        return text

    def _with_footnotes(self, text: str) -> str:
        if not self._quoting:
            return _MARK.sub(self._footnote, text)
        lines = []
        at_start = self._last == "\n"
        for line in text.splitlines(keepends=True):
            if at_start:
                self._in_quotation = line.startswith(">")
            lines.append(line if self._in_quotation else _MARK.sub(self._footnote, line))
            at_start = line.endswith("\n")
        return "".join(lines)

    def _with_one_bullet(self, text: str) -> str:
        if self._last == "\n":
            return _BULLET.sub(r"\1\2- ", text)
        head, newline, rest = text.partition("\n")
        return head + (_BULLET.sub(r"\1\2- ", newline + rest) if newline else "")

    def _footnote(self, mark: re.Match[str]) -> str:
        numbers = [int(number) for number in re.findall(r"\d+", mark[1])]
        known = [number for number in numbers if number in self._by_number]
        notes = "".join(f"[^{self._number_of(number)}]" for number in dict.fromkeys(known))
        space = mark[0][0] if notes and mark[0][0] in " \t" else ""
        return space + notes

    def _number_of(self, source_number: int) -> int:
        if source_number not in self._numbers:
            self._numbers[source_number] = len(self._numbers) + 1
            self._footnotes.append(Footnote(len(self._numbers), self._by_number[source_number]))
        return self._numbers[source_number]
