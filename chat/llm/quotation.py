"""Which sources to quote for a question, and what of them: exact words, no more than the question needs.

Measured on first questions about 273 public-service pages: search's own order is the best guide, and where it
can hardly tell two passages apart, a stretch of each holds the answer more often than all of the first, in
about as many characters (docs/architecture.md has the figures).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import log

from chat.llm.base import Source
from chat.llm.quotation_window import Unit, units_of, window
from knowledge.search.terms import content_words, stem, stems

MOST_QUOTES = 3
# A passage up to the first length is quoted whole: next to the sentence that matches stands its condition.
WHOLE_CHARACTERS, WINDOW_CHARACTERS = 900, 600
# Where several passages are quoted, each is kept shorter.
SHARED_WHOLE_CHARACTERS, SHARED_WINDOW_CHARACTERS = 600, 500
# Two passages that search can hardly tell apart are both quoted.
AS_GOOD = 0.9
# A passage shorter than this is joined by the next best one of its document.
SHORT_CHARACTERS = 300
# Beside a record a passage is quoted (and the other way round) that answers at least this share on top.
SHARE_OF_QUESTION = 0.2
# Search has weighed the whole library; the words shared with a few passages only correct its order.
FIT_POWER = 2
OTHER_PARTS_WEIGHT = 0.5

_BETWEEN_PARTS = re.compile(r"[?;!]|\.\s|\b(?:and|also|plus|y|e|además|también)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of one source: an exact slice of its text, if need be behind what it stands under, and "…"."""

    source: Source
    text: str


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A source with the question's words (by number) that it holds."""

    source: Source
    rank_weight: float
    units: tuple[Unit, ...]
    words: frozenset[int]

    @property
    def is_record(self) -> bool:
        return self.source.kind == "record"


def quotes(question: str, sources: Sequence[Source], *, language: str) -> list[Quote]:
    """Choose what to quote: for each part of the question the source that fits it best.

    Args:
        question: the person's question.
        sources: what may be quoted, best first among the passages, each with its ``fit``.
        language: language code of the question.

    Returns:
        One to MOST_QUOTES quotes, records before passages; none only if no source has any text.
    """
    words = list(dict.fromkeys(content_words(question, language)))
    candidates = list(_candidates(words, sources, language))
    if not candidates:
        return []
    weights = _weights(candidates)
    chosen = _choose(candidates, _parts(question, words, language), weights)
    shared = sum(not one.is_record for one in chosen) > 1
    return [Quote(one.source, _excerpt(one, weights, shared=shared)) for one in chosen]


def _excerpt(candidate: _Candidate, weights: dict[int, float], *, shared: bool) -> str:
    whole, most = WHOLE_CHARACTERS, WINDOW_CHARACTERS
    if shared and not candidate.is_record:
        whole, most = SHARED_WHOLE_CHARACTERS, SHARED_WINDOW_CHARACTERS
    return window(candidate.source.text, candidate.units, weights, whole=whole, most=most)


# --- what the question's words are found in -------------------------------------------------------


def _candidates(words: list[str], sources: Sequence[Source], language: str) -> Iterator[_Candidate]:
    asked: dict[str, dict[str, int]] = {}
    for source in sources:
        if not source.text.strip():
            continue
        if source.language not in asked:
            asked[source.language] = _asked_stems(words, source.language, language)
        find = asked[source.language]
        units = tuple(
            replace(unit, words=_found(source.text[unit.start : unit.end], source.language, find))
            for unit in units_of(source.text, by_line=source.kind == "record")
        )
        # A passage under "Travelling with pets" need not say "pet" again.
        named = _found(f"{source.title} {source.section}", source.language, find)
        yield _Candidate(source, source.fit**FIT_POWER, units, named.union(*(unit.words for unit in units)))


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


def _parts(question: str, words: list[str], language: str) -> list[frozenset[int]]:
    """Return the words of each part of a question that asks for several things."""
    parts = (content_words(part, language) for part in _BETWEEN_PARTS.split(question))
    return [frozenset(words.index(word) for word in part if word in words) for part in parts if part]


# --- which of them --------------------------------------------------------------------------------


def _choose(
    candidates: list[_Candidate], parts: list[frozenset[int]], weights: dict[int, float]
) -> list[_Candidate]:
    chosen: list[_Candidate] = []
    for part in parts:
        fits = [_fit(one, part, weights) for one in candidates]
        best = candidates[fits.index(max(fits))]
        if max(fits) and best not in chosen:
            chosen.append(best)
    chosen = chosen or candidates[:1]
    for more in (_of_the_other_kind, _alike_record, _as_good, _of_the_same_document):
        rest = [one for one in candidates if one not in chosen]
        chosen += more(chosen, rest, weights)
    chosen = chosen[:MOST_QUOTES]
    return sorted(chosen, key=lambda one: not one.is_record)  # first the fact, then the rule


def _fit(candidate: _Candidate, part: frozenset[int], weights: dict[int, float]) -> float:
    if not candidate.words & part:
        return 0.0
    here = sum(weights[number] for number in candidate.words & part)
    elsewhere = sum(weights[number] for number in candidate.words - part)
    return candidate.rank_weight * (here + OTHER_PARTS_WEIGHT * elsewhere)


def _of_the_other_kind(
    chosen: list[_Candidate], rest: list[_Candidate], weights: dict[int, float]
) -> list[_Candidate]:
    """Return the rule beside the fact, or the fact beside the rule, where it answers more of the question."""
    answered = frozenset[int]().union(*(one.words for one in chosen))
    kinds = {one.is_record for one in chosen}
    others = [one for one in rest if one.is_record not in kinds]
    gains = [sum(weights[number] for number in one.words - answered) * one.rank_weight for one in others]
    if not gains or max(gains) < SHARE_OF_QUESTION * sum(weights.values()) or not max(gains):
        return []
    return [others[gains.index(max(gains))]]


def _alike_record(
    chosen: list[_Candidate], rest: list[_Candidate], weights: dict[int, float]
) -> list[_Candidate]:
    """Return the records that fit as well as a chosen one: another date of the flight, another booking."""
    fits = [one.words for one in chosen if one.is_record]
    return [one for one in rest if one.is_record and any(one.words >= words for words in fits)]


def _as_good(chosen: list[_Candidate], rest: list[_Candidate], weights: dict[int, float]) -> list[_Candidate]:
    """Return the passage that search finds about as good as the one that alone is chosen."""
    if len(chosen) != 1 or chosen[0].is_record:
        return []
    best = chosen[0].source
    passages = (one for one in rest if not one.is_record and one.words and one.source.text != best.text)
    return [one for one in passages if one.source.fit >= AS_GOOD * best.fit][:1]


def _of_the_same_document(
    chosen: list[_Candidate], rest: list[_Candidate], weights: dict[int, float]
) -> list[_Candidate]:
    """Return the next passage of the document when the only one chosen is too short to say much."""
    passages = [one for one in chosen if not one.is_record]
    if len(passages) != 1 or len(passages[0].source.text) > SHORT_CHARACTERS:
        return []
    title = passages[0].source.title
    siblings = [one for one in rest if not one.is_record and one.source.title == title and one.words]
    return siblings[:1]
