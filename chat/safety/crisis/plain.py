"""The one form in which texts and cues are compared: small letters, no accents, no disguises."""

import re
import unicodedata

BREAK = "|"  # stands for the end of a clause; no cue reaches over it

_MARKS = re.compile("[\u0300-\u036f]")
_APOSTROPHES = re.compile("['’‘`´ʼ]")
# d!e, k1ll, su*cide: signs that stand for a letter inside a word, or hide one.
_HIDING = re.compile(r"(?<=[^\W\d_])[*#](?=[^\W\d_])")
_DISGUISED = re.compile(r"(?<![\w@$])(?=[\w@$!]*[^\W\d_])(?=[\w@$!]*[0-9@$!])[\w@$!]{3,14}(?<!!)(?![\w@$])")
_ONES = str.maketrans("013457@$!", "oieastasi")
# k i l l, k.i.l.l, k-i-l-l
_SPACED = re.compile(r"(?<!\w)[^\W\d_](?:[ .\-_*][^\W\d_]){3,}(?!\w)")
_ENDS = re.compile(r"\.{2,}|…")
_CLAUSE = re.compile(r"[.!?;:,()¿¡]+")
_OTHER = re.compile(r"[^\w|]+|_+")
_LONG = re.compile(r"([^\W\d_])\1{2,}")
_DOUBLED = frozenset("ls")


def plain(text: str) -> str:
    """Return ``text`` as words with single spaces between them and ``|`` where a clause ends.

    Apostrophes are dropped ("don't" is ``dont``), dots in a row and line ends are no clause's end, a letter
    written three times or more counts once (l and s twice).
    """
    text = text.casefold()
    if not text.isascii():
        text = _MARKS.sub("", unicodedata.normalize("NFKD", text))
    text = _HIDING.sub("", _APOSTROPHES.sub("", text))
    text = _DISGUISED.sub(_undisguised, text)
    text = _SPACED.sub(_closed_up, text)
    text = _CLAUSE.sub(f" {BREAK} ", _ENDS.sub(" ", text))
    return _LONG.sub(_shortened, _OTHER.sub(" ", text)).strip()


def _undisguised(found: re.Match[str]) -> str:
    """Read signs as the letters they look like, in words made mostly of letters."""
    word = found[0]
    letters = sum(map(str.isalpha, word))
    return word.translate(_ONES) if letters * 2 > len(word) else word


def _closed_up(found: re.Match[str]) -> str:
    return "".join(filter(str.isalpha, found[0]))


def _shortened(found: re.Match[str]) -> str:
    letter = found[1]
    return letter * 2 if letter in _DOUBLED else letter
