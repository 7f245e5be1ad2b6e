"""The small language of cue files, compiled to regular expressions.

A pattern is a row of words in plain form (small letters, no accents, no apostrophes):

* ``word*``    a word that begins so
* ``(a|b c)``  one of these
* ``(a|b)?``   one of these, or nothing
* ``.``        up to one word of any kind but a negation
* ``..``       up to three such words
* ``{name}``   the alternatives that the file defines with ``name = a|b c``

A pattern begins with a word or with alternatives, since it is found by its first word.
"""

import re
from collections.abc import Iterator, Mapping

_PARTS = re.compile(r"\([^()]*\)\??|\{\w+\}\??|\S+")
_NAME = re.compile(r"\{(\w+)\}")
_WORD = re.compile(r"\w+\*?")
# No negation, which in German and French stands inside ("ich will mich nicht …").
_ANY_WORD = r"(?: (?!(?:nicht|nie|niemals|pas|jamais)\b)\w+)"
PREFIX_LETTERS = 3


class BadPattern(ValueError):
    """A pattern that cannot be read."""


def translated(pattern: str, names: Mapping[str, str]) -> tuple[set[str], str]:
    """Return the keys of a pattern and its regular expression, not compiled yet.

    A key is a word that the pattern begins with; for the beginning of a word, its prefix and ``*``.

    Raises:
        BadPattern: it has another form than the module describes.
    """
    expression, keys = "", set()
    for part in _PARTS.findall(pattern):
        if part in (".", ".."):
            _begun(keys, pattern)
            expression += _ANY_WORD + ("{0,1}?" if part == "." else "{0,3}?")
            continue
        options = list(_options(part, names, pattern))
        if part.endswith("?"):
            _begun(keys, pattern)
            expression += f"(?: (?:{_either(options)}))?"
        elif not keys:
            keys = {_key(option.split()[0], pattern) for option in options}
            expression += f"(?:{_either(options)})"
        else:
            expression += f" (?:{_either(options)})"
    _begun(keys, pattern)
    return keys, expression + r"(?!\w)"


def prefix_of(word: str) -> str:
    """Return what a word is looked up by in patterns that begin with the beginning of a word."""
    return word[:PREFIX_LETTERS]


def _begun(keys: set[str], pattern: str) -> None:
    if not keys:
        raise BadPattern(f"{pattern!r} must begin with a word")


def _key(word: str, pattern: str) -> str:
    if not word.endswith("*"):
        return word
    if len(word) <= PREFIX_LETTERS:
        raise BadPattern(f"{pattern!r}: {word!r} is too short to begin with")
    return prefix_of(word) + "*"


def _options(part: str, names: Mapping[str, str], pattern: str) -> Iterator[str]:
    part = part.removesuffix("?")
    inside = part[1:-1] if part.startswith("(") else part
    for option in inside.split("|"):
        for spelt in _spelt_out(option, names, pattern):
            words = spelt.split()
            if not words or not all(map(_WORD.fullmatch, words)):
                raise BadPattern(f"{pattern!r}: {spelt!r} is not a row of words")
            yield " ".join(words)


def _spelt_out(option: str, names: Mapping[str, str], pattern: str) -> list[str]:
    found = _NAME.search(option)
    if found is None:
        return [option]
    if found[1] not in names:
        raise BadPattern(f"{pattern!r}: nothing is called {found[0]}")
    return [option.replace(found[0], each) for each in names[found[1]].split("|")]


def _either(options: list[str]) -> str:
    # The longest first: the first that fits is taken.
    by_length = sorted(options, key=len, reverse=True)
    return "|".join(option.replace("*", r"\w*") for option in by_length)
