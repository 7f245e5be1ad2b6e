"""From text to terms: folded stems of the language, and pairs of neighbouring ones."""

import re
import threading
import unicodedata
from functools import lru_cache
from itertools import pairwise

import Stemmer

from knowledge.search.stop_words import STOP_WORDS

ALGORITHMS = {
    "en": "english",
    "es": "spanish",
    "pt": "portuguese",
    "fr": "french",
    "de": "german",
    "it": "italian",
}
LONGEST_STEM = 40  # characters; what is longer is no word that anyone asks for
_WORD = re.compile(r"[^\W_]+")
_LINK_TARGET = re.compile(r"(?<=\])\([^()\s]*\)")
# Portuguese stems differ with and without the tilde, which many people leave out; the other languages' agree.
_RESTORED_ENDINGS = {"pt": (("coes", "ções"), ("cao", "ção"), ("soes", "sões"), ("sao", "são"))}
_stemmers = threading.local()  # a PyStemmer object must not be shared between threads


def fold(text: str) -> str:
    """Return ``text`` in lower case without accents: ``Überseegepäck`` becomes ``uberseegepack``."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))


def base_language(language: str) -> str:
    """Return the first part of a language code: ``pt`` for ``pt-BR``."""
    return re.split("[-_]", language.lower(), maxsplit=1)[0]


def content_words(text: str, *languages: str) -> list[str]:
    """Return the words of ``text`` (Markdown) in order, in lower case, without the languages' stop words."""
    stop = frozenset().union(*(STOP_WORDS.get(language, frozenset()) for language in languages))
    words = _WORD.findall(unicodedata.normalize("NFKC", _LINK_TARGET.sub("", text)).lower())
    return [word for word in words if (len(word) > 1 or word.isdigit()) and fold(word) not in stop]


@lru_cache(maxsize=100_000)
def stem(word: str, language: str) -> str:
    """Return the folded stem of a lower-case ``word``; a language without a stemmer is only folded.

    The accents are in place while stemming, as the algorithms expect, and folded afterwards.
    """
    for plain, accented in _RESTORED_ENDINGS.get(language, ()):
        if word.endswith(plain):
            word = word.removesuffix(plain) + accented
            break
    stemmer = _stemmer(language)
    return fold(stemmer.stemWord(word) if stemmer else word)[:LONGEST_STEM]


def stems(text: str, language: str) -> list[str]:
    """Return the stems of the content words of ``text``, in order."""
    return [stem(word, language) for word in content_words(text, language)]


def pairs(stems_in_order: list[str]) -> list[str]:
    """Return each two neighbouring stems joined by a space."""
    return [f"{first} {second}" for first, second in pairwise(stems_in_order)]


def in_title(stem_of_word: str) -> str:
    """Return the term that stands for a stem in the title path."""
    return f"#{stem_of_word}"


def _stemmer(language: str) -> "Stemmer.Stemmer | None":
    if language not in ALGORITHMS:
        return None
    if not hasattr(_stemmers, language):
        setattr(_stemmers, language, Stemmer.Stemmer(ALGORITHMS[language]))
    return getattr(_stemmers, language)
