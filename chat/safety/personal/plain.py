"""A text as the patterns read it: one form of every letter, digit, dash and space, and the way back.

Accents are taken off and full-width or other scripts' digits become ASCII, so that a pattern need know one
spelling; what is invisible is dropped. Case stays, since it tells a booking reference from a word.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

_ODD: Final = "\ue000"  # stands for what is not one character, or none, in its plain form
_DASHES: Final = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d\u00af\u2043"
_QUOTES: Final = "\u2018\u2019\u02bc\u00b4\u2032\uff07"
_WORD = re.compile(r"[a-z]+")


class _Plain(dict[int, str]):
    """The plain form of each character, worked out when it first comes."""

    def __missing__(self, code: int) -> str:
        form = plain_form(chr(code))
        self[code] = form if len(form) == 1 else _ODD
        return self[code]


def plain_form(character: str) -> str:
    """Return the plain form of one character: none, one or several characters."""
    if character < "\x80":
        return character
    if character in _DASHES:
        return "-"
    if character in _QUOTES:
        return "'"
    if unicodedata.category(character) in ("Cf", "Mn", "Me"):
        return ""
    if character.isspace():
        return "\n" if character in "\u2028\u2029" else " "
    value = unicodedata.digit(character, None)
    if value is not None:
        return str(value)
    return "".join(c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c))


_TABLE = _Plain()


@dataclass(slots=False)
class PlainText:
    """A text in its plain form.

    Attributes:
        text: the plain form, cases kept.
        places: where each character of it stands in the original; None when nothing was moved.
    """

    text: str
    places: list[int] | None = None
    _length: int = field(default=0, repr=False)

    @classmethod
    def of(cls, original: str) -> "PlainText":
        """Return the plain form of ``original``."""
        if original.isascii():
            return cls(original)
        form = original.translate(_TABLE)
        if _ODD not in form:
            return cls(form)
        letters: list[str] = []
        places: list[int] = []
        for place, character in enumerate(original):
            for plain in plain_form(character):
                letters.append(plain)
                places.append(place)
        return cls("".join(letters), places, len(original))

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Return the place in the original of ``text[start:end]``, what was dropped inside it included."""
        if self.places is None:
            return start, end
        return self.places[start], self.places[end - 1] + 1

    @cached_property
    def lower(self) -> str:
        """The text in lower case, character for character."""
        lower = self.text.lower()
        return lower if len(lower) == len(self.text) else "".join(c.lower()[:1] or c for c in self.text)

    @cached_property
    def words(self) -> set[str]:
        """The words in it, for telling quickly which patterns cannot match."""
        return set(_WORD.findall(self.lower))

    @cached_property
    def digits(self) -> int:
        """How many digits there are, none being the usual."""
        return sum(map(self.text.count, "0123456789"))

    @cached_property
    def is_shouted(self) -> bool:
        """Whether most words are in capitals, so that capitals tell nothing."""
        letters = [word for word in re.findall(r"[A-Za-z]{2,}", self.text[:2_000])]
        loud = sum(word.isupper() for word in letters)
        return len(letters) >= 3 and loud * 2 > len(letters)

    def windows(self, size: int, overlap: int) -> Iterator[tuple[int, "PlainText"]]:
        """Yield the text in overlapping pieces with the place of each: no pattern meets a long text."""
        if len(self.text) <= size:
            yield 0, self
            return
        for start in range(0, max(len(self.text) - overlap, 1), size - overlap):
            yield start, PlainText(self.text[start : start + size])
