"""Messages in a language for which there is no list of cues. For them the cues say nothing, so they are for
the classifier.
"""

import re
from functools import cache
from pathlib import Path
from typing import Final

FEWEST_WORDS: Final = 3
_LETTER = re.compile(r"[^\W\d_]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_CODE = re.compile(r"\S*\d\S*")


def is_unlisted(message: str, plain: str) -> bool:
    """Tell whether a message is in another script than Latin, or mostly in small words of other languages.

    Args:
        message: as it was written.
        plain: the same in plain form.
    """
    if not message.isascii() and _is_other_script(message):
        return True
    words = [word for word in plain.split() if word.isalpha()]
    if len(words) < FEWEST_WORDS:
        return False
    listed, others = _small_words()
    ours = sum(word in listed for word in words)
    theirs = sum(word in others for word in words)
    return theirs > max(ours, 1)


def _is_other_script(message: str) -> bool:
    letters = _LETTER.findall(_CODE.sub(" ", message))
    latin = sum(1 for letter in letters if _LATIN.match(letter))
    return len(letters) > 1 and latin * 2 < len(letters)


@cache
def _small_words() -> tuple[frozenset[str], frozenset[str]]:
    """Return the small words of languages with a list, and those of others only."""
    text = (Path(__file__).parent / "small_words.txt").read_text(encoding="utf-8")
    listed: set[str] = set()
    others: set[str] = set()
    for line in text.splitlines():
        if line and not line.startswith("#"):
            kind, _, words = line.partition(":")
            (listed if kind.startswith("+") else others).update(words.split())
    return frozenset(listed), frozenset(others - listed)
