"""Other words for the same thing: what a word of a question may also look for.

``synonyms.txt`` beside this module holds common ones; the setting SEARCH_SYNONYMS, in the same form, adds the
company's own (SEARCH_SYNONYMS_FILE names a file that holds them, as with every setting).
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from knowledge.search.terms import base_language, fold, stem

BUILT_IN = Path(__file__).with_name("synonyms.txt")


def of_stem(stem_of_word: str, language: str) -> tuple[str, ...]:
    """Return the stems of the other words in the groups that a word is in."""
    return tuple(_thesaurus(language, settings.SEARCH_SYNONYMS).others.get(stem_of_word, ()))


def of_phrases(text: str, language: str) -> tuple[str, ...]:
    """Return the stems of what the phrases in ``text`` stand for, such as *refund* for "money back"."""
    phrases = _thesaurus(language, settings.SEARCH_SYNONYMS).phrases
    folded = fold(text) if phrases else ""
    return tuple(stem for phrase, stems in phrases if phrase.search(folded) for stem in stems)


class _Thesaurus:
    """The groups of one language, as stems."""

    def __init__(self, groups: Iterable[list[str]], language: str) -> None:
        self.others: dict[str, dict[str, None]] = {}
        self.phrases: list[tuple[re.Pattern[str], tuple[str, ...]]] = []
        for group in groups:
            stems = tuple(dict.fromkeys(stem(word, language) for word in group if " " not in word))
            for one in stems:
                self.others.setdefault(one, {}).update((other, None) for other in stems if other != one)
            for phrase in (fold(word) for word in group if " " in word):
                self.phrases.append((re.compile(rf"\b{re.escape(phrase)}\b"), stems))


@lru_cache(maxsize=64)
def _thesaurus(language: str, own: str) -> _Thesaurus:
    lines = f"{BUILT_IN.read_text(encoding='utf-8')}\n{own}".splitlines()
    return _Thesaurus((words for code, words in _groups(lines) if code == language), language)


def _groups(lines: Iterable[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield language and words of each group; what comes after a # is a remark."""
    for line in lines:
        code, colon, words = line.partition("#")[0].partition(":")
        if colon:
            yield (
                base_language(code.strip()),
                [word.strip().lower() for word in words.split(",") if word.strip()],
            )
