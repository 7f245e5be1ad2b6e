"""Which part of which source to quote: whole sentences, list items and tables, as one contiguous stretch."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log

from chat.llm.base import Source
from knowledge.search.terms import content_words, stem, stems

MOST_QUOTES = 3
# A passage up to the first length is quoted whole: next to the sentence that matches stands its condition.
WHOLE_CHARACTERS, WINDOW_CHARACTERS = 900, 600
# When several are quoted, each is kept shorter.
SHARED_WHOLE_CHARACTERS, SHARED_WINDOW_CHARACTERS = 500, 400
# A further source must answer at least this share of the question that those before it leave open.
SHARE_OF_QUESTION = 0.2
# Search has weighed the whole library; word overlap with five passages only corrects its order.
RANK_WEIGHTS = (1.0, 0.9, 0.85, 0.8)
NEIGHBOUR_WEIGHT = 0.25

_LINE = re.compile(r"[^\n]+|\n(?=[ \t]*(?:\n|$))")
_LIST_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,3}[.)])\s")
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’»)\]*_]*\s+(?=[\"'“‘«(\[*_]*[A-ZÀ-ÖØ-Þ0-9¿¡])")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:nos?|mrs?|ms|dr|sra?|art|approx|m[ai]x|min|e\.g|i\.e|p\. ?ej|núm)\.$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of one source: an exact slice of its text."""

    source: Source
    text: str


@dataclass(frozen=True, slots=True)
class _Unit:
    """What must not be cut: a sentence, a list item, a table. ``words`` are the question's words it holds."""

    start: int
    end: int
    is_item: bool
    words: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class _Candidate:
    source: Source
    rank_weight: float
    units: tuple[_Unit, ...]
    words: frozenset[int]


def quotes(question: str, sources: Sequence[Source], *, language: str) -> list[Quote]:
    """Choose what to quote: the source that fits best, and others that fit another part of the question.

    Args:
        question: the person's question.
        sources: what may be quoted, best first among the passages.
        language: language code of the question.

    Returns:
        One to MOST_QUOTES quotes, the best first; none only if there is no source with any text.
    """
    candidates = list(_candidates(question, sources, language))
    weights = _weights(candidates)
    chosen = _choose(candidates, weights)
    whole, window = (
        (WHOLE_CHARACTERS, WINDOW_CHARACTERS)
        if len(chosen) == 1
        else (SHARED_WHOLE_CHARACTERS, SHARED_WINDOW_CHARACTERS)
    )
    return [Quote(one.source, _cut(one, weights, whole=whole, window=window)) for one in chosen]


# --- what fits ------------------------------------------------------------------------------------


def _candidates(question: str, sources: Sequence[Source], language: str) -> Iterator[_Candidate]:
    words = list(dict.fromkeys(content_words(question, language)))
    asked: dict[str, dict[str, int]] = {}
    rank = 0
    for source in sources:
        if not source.text.strip():
            continue
        if source.language not in asked:
            asked[source.language] = _asked_stems(words, source.language, language)
        find = asked[source.language]
        units = tuple(
            _Unit(start, end, is_item, _found(source.text[start:end], source.language, find))
            for start, end, is_item in _split(source)
        )
        # A passage under "Travelling with pets" need not say "pet" again.
        named = _found(f"{source.title} {source.section}", source.language, find)
        weight = 1.0
        if source.kind == "passage":
            weight = RANK_WEIGHTS[min(rank, len(RANK_WEIGHTS) - 1)]
            rank += 1
        yield _Candidate(source, weight, units, named.union(*(unit.words for unit in units)))


def _asked_stems(words: list[str], language: str, question_language: str) -> dict[str, int]:
    """Return the number of the question's word by its stem in ``language``."""
    numbered: dict[str, int] = {}
    for word in content_words(" ".join(words), language, question_language):
        numbered.setdefault(stem(word, language), words.index(word))
    return numbered


def _found(text: str, language: str, asked: dict[str, int]) -> frozenset[int]:
    return frozenset(asked[found] for found in stems(text, language) if found in asked)


def _weights(candidates: Sequence[_Candidate]) -> dict[int, float]:
    """Return how much each word of the question tells, 0.5 to 1; words that no source holds are left out.

    Rarer words tell more, but only mildly: a word may be common here because search went by it.
    """
    units = [unit.words for candidate in candidates for unit in candidate.units]
    found = frozenset[int]().union(*(candidate.words for candidate in candidates))
    held = {number: sum(number in words for words in units) for number in found}
    return {number: 1 - 0.5 * log(1 + of) / log(2 + len(units)) for number, of in held.items()}


def _choose(candidates: list[_Candidate], weights: dict[int, float]) -> list[_Candidate]:
    if not candidates:
        return []
    chosen: list[_Candidate] = []
    answered: frozenset[int] = frozenset()
    rest = list(candidates)
    while rest and len(chosen) < MOST_QUOTES:
        gains = [sum(weights[number] for number in one.words - answered) for one in rest]
        best = max(range(len(rest)), key=lambda at: gains[at] * rest[at].rank_weight)
        if chosen and gains[best] <= SHARE_OF_QUESTION * sum(weights.values()):
            break
        answered |= rest[best].words
        chosen.append(rest.pop(best))
    return (chosen + _alike_records(chosen, rest))[:MOST_QUOTES]


def _alike_records(chosen: list[_Candidate], rest: list[_Candidate]) -> list[_Candidate]:
    """Return the records that fit as well as a chosen one: another date of the flight, another booking."""
    fits = [one.words for one in chosen if one.source.kind == "record"]
    return [one for one in rest if one.source.kind == "record" and any(one.words >= words for words in fits)]


# --- where to cut ---------------------------------------------------------------------------------


def _cut(candidate: _Candidate, weights: dict[int, float], *, whole: int, window: int) -> str:
    text, units = candidate.source.text, candidate.units
    first, last = 0, len(units) - 1
    if units[last].end - units[first].start > whole:
        first, last = _window(units, weights, window)
    return text[units[first].start : units[last].end]


def _window(units: Sequence[_Unit], weights: dict[int, float], characters: int) -> tuple[int, int]:
    """Return the first and last unit of the stretch that grows from the best unit to its neighbours."""
    own = [sum(weights[number] for number in unit.words) for unit in units]
    around = [max(own[max(at - 1, 0)], own[min(at + 1, len(own) - 1)]) for at in range(len(own))]
    scores = [one + NEIGHBOUR_WEIGHT * beside for one, beside in zip(own, around, strict=True)]
    first = last = max(range(len(units)), key=lambda at: scores[at])
    while True:
        longer = []
        if last + 1 < len(units):
            longer.append((scores[last + 1], first, last + 1))
        if first > 0:
            # A list item says little without what leads to it, so a list is entered from above.
            longer.append((scores[first - 1] + units[first].is_item * max(scores), first - 1, last))
        fitting = [one for one in longer if units[one[2]].end - units[one[1]].start <= characters]
        if not fitting:
            return first, last
        _, first, last = max(fitting, key=lambda one: one[0])


def _split(source: Source) -> Iterator[tuple[int, int, bool]]:
    """Yield start, end and "is a list item" of every unit of a Markdown text or of a record's lines."""
    text = source.text
    for start, end in _blocks(text, by_line=source.kind == "record"):
        if _LIST_ITEM.match(text, start):
            yield start, end, True
        elif text.startswith("|", start) or source.kind == "record":
            yield start, end, False
        else:
            yield from ((first, last, False) for first, last in _sentences(text, start, end))


def _blocks(text: str, *, by_line: bool) -> Iterator[tuple[int, int]]:
    """Yield start and end of tables, list items and paragraphs (or of every line), without space around."""
    start, end, in_table = 0, 0, False
    for line in _LINE.finditer(text):
        content = line.group().strip()
        is_table = content.startswith("|")
        begins = by_line or not content or is_table != in_table or _LIST_ITEM.match(content + " ")
        if begins and end > start:
            yield start, end
            start = end
        if content:
            at = line.start() + line.group().index(content)
            start, end, in_table = (at if end <= start else start), at + len(content), is_table
    if end > start:
        yield start, end


def _sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for match in _SENTENCE_END.finditer(text, start, end):
        if not _ABBREVIATION.search(text[start : match.start()]):
            yield start, match.start() + len(match.group().rstrip())
            start = match.end()
    yield start, end
