"""The cues of every language that has a list, read from the files beside this module and compiled once."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from chat.safety.crisis.pattern import BadPattern, prefix_of, translated

SECTIONS: Final = ("strong", "weak", "idiom", "not", "aside")
_DEFINITION = re.compile(r"(\w+) = (.+)")
_WORD = re.compile(r"\w+")

Pattern = tuple[str, str]  # the section it stands in, and its regular expression


class _Bundle:
    """The patterns that begin alike. They are compiled when a text first has the word, once: compiling all of
    them at the start would take a second, and most words never come.
    """

    __slots__ = ("_any", "_each")

    def __init__(self, patterns: list[Pattern]) -> None:
        self._each = tuple(dict.fromkeys(patterns))
        self._any: re.Pattern[str] | None = None

    def matches(self, text: str, start: int) -> Iterator[tuple[str, int, int]]:
        """Yield what matches at a place: section, start and end."""
        if self._any is None:
            self._any = re.compile("|".join(f"(?:{expression})" for _, expression in self._each))
        if self._any.match(text, start):
            for section, expression in self._each:
                if found := _compiled(expression).match(text, start):
                    yield section, start, found.end()


@cache
def _compiled(expression: str) -> re.Pattern[str]:
    return re.compile(expression)


class Index:
    """Patterns by the word they begin with, so that most words cost two look-ups."""

    def __init__(self, patterns: Mapping[str, list[Pattern]]) -> None:
        bundles = {key: _Bundle(several) for key, several in patterns.items()}
        self._by_word = {key: bundle for key, bundle in bundles.items() if not key.endswith("*")}
        self._by_prefix = {key[:-1]: bundle for key, bundle in bundles.items() if key.endswith("*")}

    def spans(self, text: str) -> Iterator[tuple[str, int, int]]:
        """Yield where patterns match in a text in plain form: section, start and end."""
        by_word, by_prefix = self._by_word, self._by_prefix
        for found in _WORD.finditer(text):
            word = found[0]
            for bundle in (by_word.get(word), by_prefix.get(prefix_of(word))):
                if bundle is not None:
                    yield from bundle.matches(text, found.start())


@dataclass(frozen=True, slots=True)
class Cues:
    """All lists together: people mix languages, and a message is often too short to tell its own.

    Attributes:
        languages: the codes of those that have a list.
        cues: the strong and the weak ones.
        asides: what sets a cue in the past, in a story or in a report.
        idioms: everyday phrases.
        negation: matches at the end of the words before a cue.
    """

    languages: frozenset[str]
    cues: Index
    asides: Index
    idioms: Index
    negation: re.Pattern[str]


@cache
def all_cues() -> Cues:
    """Return the cues of all files.

    Raises:
        BadPattern: a file holds a line that cannot be read.
    """
    files = sorted(Path(__file__).parent.glob("*.txt"))
    by_section: dict[str, list[tuple[set[str], Pattern]]] = {section: [] for section in SECTIONS}
    for file in files:
        read_list(file, by_section)
    negations = {expression for _, (_, expression) in by_section["not"]}
    return Cues(
        frozenset(file.stem for file in files),
        cues=index_of(by_section["strong"] + by_section["weak"]),
        asides=index_of(by_section["aside"]),
        idioms=index_of(by_section["idiom"]),
        negation=re.compile(rf"(?<!\w)(?:{'|'.join(sorted(negations))})(?: \w+)?\Z"),
    )


def index_of(patterns: Iterable[tuple[set[str], Pattern]]) -> Index:
    """Return the index of patterns, each given with its keys."""
    by_key: dict[str, list[Pattern]] = defaultdict(list)
    for keys, pattern in patterns:
        for key in keys:
            by_key[key].append(pattern)
    return Index(by_key)


def read_list(file: Path, by_section: dict[str, list[tuple[set[str], Pattern]]]) -> None:
    """Add the patterns of a list to those of each section; the form of a list is in the README beside them.

    Raises:
        BadPattern: a line has not that form; the message names file and line.
    """
    names: dict[str, str] = {}
    section = ""
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        line = line.strip()
        try:
            if not line or line.startswith("#"):
                continue
            if line.startswith("["):
                section = line[1:-1]
            elif definition := _DEFINITION.fullmatch(line):
                names[definition[1]] = definition[2]
            else:
                keys, expression = translated(line, names)
                by_section[section].append((keys, (section, expression)))
        except (BadPattern, KeyError) as error:
            raise BadPattern(f"{file.name}, line {number}: {error}") from error
