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
# Scripts without spaces between words, and Korean, whose words carry their endings: read by two letters.
_UNSPACED = (
    "\u0e00-\u0e4e\u0e80-\u0ece\u1000-\u1049\u1050-\u109f\u1780-\u17d3"  # Thai, Lao, Burmese, Khmer
    "\u3005-\u3007\u3041-\u3096\u3099\u309a\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff"  # Japanese
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"  # Chinese
    "\u1100-\u11ff\uac00-\ud7a3"  # Korean
)
# Accents written as letters of their own, and the vowel signs of India, which belong to the word they are in.
_MARKS = "\u0300-\u036f\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff"
_WORD = re.compile(rf"([{_UNSPACED}]+)|((?:[^\W_{_UNSPACED}]|[{_MARKS}])+)")
_ASCII_WORD = re.compile(r"[a-z0-9]+")
_GRAM = re.compile(rf"[{_UNSPACED}]")
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
    """Return the words of ``text`` (Markdown) in order, in lower case, without the languages' stop words.

    A script that puts no spaces between words gives each two neighbouring letters.
    """
    plain = _LINK_TARGET.sub("", text)
    if plain.isascii():
        return [word for word in _ASCII_WORD.findall(plain.lower()) if _tells(word, languages)]
    plain = unicodedata.normalize("NFKC", plain).lower()
    words: list[str] = []
    for unspaced, word in _WORD.findall(plain):
        if unspaced:
            words += [f"{first}{second}" for first, second in pairwise(unspaced)] or [unspaced]
        elif _tells(word, languages):
            words.append(word)
    return words


@lru_cache(maxsize=100_000)
def _tells(word: str, languages: tuple[str, ...]) -> bool:
    """Say whether a word is more than a letter and no stop word of one of the languages."""
    folded = fold(word)
    is_stop_word = any(folded in STOP_WORDS.get(language, ()) for language in languages)
    return (len(word) > 1 or word.isdigit()) and not is_stop_word


def is_gram(word: str) -> bool:
    """Say whether ``word`` is a piece of a script that puts no spaces between words."""
    return _GRAM.match(word) is not None


@lru_cache(maxsize=100_000)
def stem(word: str, language: str) -> str:
    """Return the folded stem of a lower-case ``word``; a language without a stemmer is only folded.

    The accents are in place while stemming, as the algorithms expect, and folded afterwards.
    """
    if is_gram(word):
        return word  # its signs are letters, not accents
    for plain, accented in _RESTORED_ENDINGS.get(language, ()):
        if word.endswith(plain):
            word = word.removesuffix(plain) + accented
            break
    stemmer = _stemmer(language)
    return fold(stemmer.stemWord(word) if stemmer else word)[:LONGEST_STEM]


def stems(text: str, language: str) -> list[str]:
    """Return the stems of the content words of ``text``, in order."""
    return stems_of(content_words(text, language), language)


def stems_of(words: list[str], language: str) -> list[str]:
    """Return the stems of ``words``, in order."""
    return [stem(word, language) for word in words]


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
