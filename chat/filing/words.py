"""Words that somebody looks for, as patterns that SQLite and PostgreSQL read alike.

Case and accents do not matter: "equipaje" finds "ÉQUIPAJE". Neither database does this by itself for all
letters, so each letter becomes the set of its forms.
"""

import re
import unicodedata
from collections import defaultdict
from functools import lru_cache
from typing import Final

MOST_WORDS: Final = 8
_LAST_LATIN: Final = 0x24F  # of the letters that have accents in the languages that are written with them


def patterns(text: str) -> list[str]:
    """Return a regular expression for each word, of the first ``MOST_WORDS``."""
    return [_pattern(word) for word in _folded(text).split()[:MOST_WORDS]]


def any_of(text: str) -> str:
    """Return a regular expression for any of the words."""
    return "|".join(patterns(text))


def _pattern(word: str) -> str:
    return "".join(_letter(char) for char in word)


@lru_cache(maxsize=1_024)
def _letter(char: str) -> str:
    forms = sorted(_forms().get(char, {char, char.upper(), char.lower()}))
    single = [form for form in forms if len(form) == 1]  # "ß" in capitals is two letters, which no set holds
    return f"[{''.join(single)}]" if len(single) > 1 else re.escape(char)


@lru_cache(maxsize=1)
def _forms() -> dict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for code in range(ord("A"), _LAST_LATIN + 1):
        char = chr(code)
        if char.isalpha():
            found[_folded(char)].update({char, char.upper(), char.lower()})
    return found


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text)
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    return unicodedata.normalize("NFC", plain).lower()
