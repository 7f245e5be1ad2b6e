"""Mistyped words: what a word that no passage holds was probably meant to be.

The candidates are made, not looked for: every string one slip of the finger apart from the word, a few
hundred, is looked up in the vocabulary by its index. That needs no memory and no structure of its own, and
takes the same time in a library of any size.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import chain

from django.db import connection

from knowledge.search.parameters import as_one, is_among
from knowledge.search.terms import fold

SHORTEST = 4  # letters
SHORTEST_REPLACED = 6  # letters; in a shorter word another letter mostly makes another word: wife, wine
LONGEST = 24
SHORTEST_PART = 4  # letters of each half of a word written in one
MOST_WORDS = 6  # words of one question corrected
ALPHABETS = (
    "abcdefghijklmnopqrstuvwxyz",
    "абвгдежзийклмнопрстуфхцчшщъыьэюяіїєґў",
    "αβγδεζηθικλμνξοπρστυφχψως",
)
_LINKS = {"de": ("s", "n", "en", "es")}  # letters that join the parts of a compound


def may_be_mistyped(word: str) -> bool:
    """Say whether ``word`` is long enough, and made of letters alone: no number, no code."""
    return SHORTEST <= len(word) <= LONGEST and word.isalpha()


def correct(words: Sequence[str], language: str) -> dict[str, str]:
    """Return what the first ``MOST_WORDS`` of ``words`` were meant to be, where that can be said.

    A correction is a word of the library's ``language`` one insertion, deletion, replacement or transposition
    away with the same first letter, the one in most passages; or two words that were written as one.
    """
    edits = {word: set(_edits(fold(word))) for word in words[:MOST_WORDS]}
    halves = {word: list(_halves(fold(word), language)) for word in edits}
    sought = set().union(*edits.values(), *(chain.from_iterable(of_word) for of_word in halves.values()))
    known = _known(sought, language)
    corrected = {word: _likeliest(edits[word], known) or _parted(halves[word], known) for word in edits}
    return {word: meant for word, meant in corrected.items() if meant}


def _known(words: Collection[str], language: str) -> dict[str, tuple[int, str]]:
    """Return those of ``words`` (folded) that are in the vocabulary: passages, and how they are written."""
    statement = f"""
        SELECT folded, passages, text FROM knowledge_word
        WHERE folded {is_among("text")} AND language = %s AND passages > 0
    """  # is_among knows its answers  # nosec B608
    with connection.cursor() as cursor:
        cursor.execute(statement, [as_one(words), language])
        return {folded: (passages, text) for folded, passages, text in cursor.fetchall()}


def _edits(word: str) -> Iterator[str]:
    """Yield what is one slip away from ``word``; the first letter is not doubted."""
    alphabet = next((letters for letters in ALPHABETS if word[0] in letters), "")
    for place in range(1, len(word) + 1):
        before, after = word[:place], word[place:]
        for letter in alphabet:
            yield before + letter + after
            if after and len(word) >= SHORTEST_REPLACED:
                yield before + letter + after[1:]
        if after:
            yield before + after[1:]
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]


def _halves(word: str, language: str) -> Iterator[tuple[str, str]]:
    """Yield the ways to part ``word`` in two, a joining letter between them left out."""
    for place in range(SHORTEST_PART, len(word) - SHORTEST_PART + 1):
        first, second = word[:place], word[place:]
        yield first, second
        for link in _LINKS.get(language, ()):
            if len(first) - len(link) >= SHORTEST_PART and first.endswith(link):
                yield first.removesuffix(link), second


def _likeliest(candidates: Collection[str], known: dict[str, tuple[int, str]]) -> str:
    found = [known[candidate] for candidate in candidates if candidate in known]
    return min(found, key=lambda one: (-one[0], one[1]))[1] if found else ""


def _parted(halves: Sequence[tuple[str, str]], known: dict[str, tuple[int, str]]) -> str:
    """Return the two words whose rarer one is in most passages."""
    found = [(known[first], known[second]) for first, second in halves if first in known and second in known]
    if not found:
        return ""
    best = min(found, key=lambda both: (-min(both[0][0], both[1][0]), both[0][1]))
    return f"{best[0][1]} {best[1][1]}"
