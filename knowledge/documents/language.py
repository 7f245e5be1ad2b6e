"""Tell a text's language by its stop words, among the languages that search knows."""

import re
from collections import Counter

from knowledge.search.stop_words import STOP_WORDS
from knowledge.search.terms import fold

DEFAULT = "en"
_SAMPLE = 20_000  # characters
_ENOUGH = 12  # stop words that must be seen
_LEAD = 1.15  # how much more often than those of the next language
_LETTER = re.compile(r"[^\W\d_]")
_KANA = re.compile("[\u3041-\u30fa]")
_KANA_SHARE = 0.1  # of the letters; nothing but Japanese has any
_WORD = re.compile(r"[^\W\d_]+")
_ADDRESS = re.compile(r"\(?https?://\S+")


def detect(text: str) -> str:
    """Return the code of the language most of whose stop words are in ``text``.

    Japanese is known by its syllabic letters. English when nothing is clear.
    """
    if len(_KANA.findall(text[:_SAMPLE])) > _KANA_SHARE * len(_LETTER.findall(text[:_SAMPLE])):
        return "ja"
    words = Counter(_WORD.findall(fold(_ADDRESS.sub(" ", text[:_SAMPLE]))))
    shares = {code: sum(words[word] for word in stops) for code, stops in STOP_WORDS.items()}
    (best, most), (_, next_most) = sorted(shares.items(), key=lambda pair: pair[1], reverse=True)[:2]
    return best if most >= _ENOUGH and most >= _LEAD * next_most else DEFAULT


def is_code(language: str) -> bool:
    """Say whether ``language`` looks like a code such as ``en`` or ``pt-br``."""
    return bool(re.fullmatch(r"[a-z]{2,3}(-[a-z0-9]{2,8})?", language)) and len(language) <= 8
