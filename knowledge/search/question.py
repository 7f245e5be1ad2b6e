"""From a question and its earlier turns to weighed terms of the index.

A question is looked up in every language of the library with that language's stems and counts, because the
words people share across languages (names, numbers, codes, cognates) may be all there is to find. Weights are
divided by the root of what the question's own words could tell, which makes the scores of short and long
questions, and of small and large libraries, comparable.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from knowledge.models import Term
from knowledge.search.bm25 import idf
from knowledge.search.terms import base_language, content_words, in_title, pairs, stem

EARLIER_WEIGHT = 0.2  # a word of an earlier turn beside one of the question
OTHER_LANGUAGE = 0.75  # a passage in another language than the question's
COMMON = 0.25  # share of passages above which a term tells too little to be read …
SMALL_SHELF = 1_000  # … in a language of more passages than these
USUAL_PASSAGES = 2_000  # the size of library that the marks of confidence were measured on
MOST_WORDS = 150  # the last words looked up, of the question and of the earlier turns each
MOST_TERMS = 60  # the most telling terms used, of the question and of the earlier turns each
SCALE = 10_000  # a weight is a whole number of ten-thousandths


@dataclass(frozen=True, slots=True)
class Weighed:
    """A term of the index, its weight for the question alone and in all, and how many passages hold it."""

    term_id: int
    text: str
    own: int
    total: int
    passages: int


def weigh_question(text: str, earlier: str, language: str, shelves: dict[str, int]) -> list[Weighed]:
    """Return the terms that a question asks for; none when no word of it is in the index.

    ``shelves`` is the number of passages of each language in the index.
    """
    language = base_language(language)
    lookups = {shelf: (_look(text, shelf, language), _look(earlier, shelf, language)) for shelf in shelves}
    weighed = []
    for shelf, vocabulary in _vocabularies(shelves, lookups).items():
        preference = 1.0 if shelf == language else OTHER_LANGUAGE
        weighed += _weigh(*lookups[shelf], vocabulary, preference)
    return weighed


@dataclass(frozen=True, slots=True)
class _Lookup:
    """The words of a question or of its earlier turns as one language of the library would write them."""

    stems: list[str]  # in order, with repetitions
    other_stems: dict[str, str]  # the same words by the stems of the question's language

    def candidates(self) -> set[str]:
        """Return every term that could be in the index."""
        single = {*self.stems, *self.other_stems.values()}
        return single | {in_title(stem) for stem in single} | set(pairs(self.stems))

    def words(self, vocabulary: "_Vocabulary") -> set[str]:
        """Return one stem a word: the library's language first, the question's where only that is known."""
        return {
            other if stem not in vocabulary and (other := self.other_stems[stem]) in vocabulary else stem
            for stem in self.stems
        }

    def terms(self, vocabulary: "_Vocabulary") -> set[str]:
        """Return the words, alone, in titles, and in pairs."""
        words = self.words(vocabulary)
        return words | {in_title(stem) for stem in words} | set(pairs(self.stems))


class _Vocabulary(dict[str, tuple[int, int]]):
    """The known terms of one language: id, and passages that hold it."""

    def __init__(self, passages: int) -> None:
        super().__init__()
        self.passages = passages

    def idf(self, term: str) -> float:
        """Return how telling a term is; an unknown one is the most telling, and missed."""
        return idf(self.passages, self[term][1] if term in self else 0)

    def size_factor(self) -> float:
        """Return what makes the scores of a small or large library equal those of a usual one."""
        return math.sqrt(idf(USUAL_PASSAGES, 0) / idf(self.passages, 0))

    def telling(self, terms: Iterable[str]) -> dict[str, float]:
        """Return the terms worth reading with their idf: without the common ones when two rarer are left."""
        known = [term for term in terms if term in self]
        common = self.passages * (COMMON if self.passages > SMALL_SHELF else 1.0)
        rare = [term for term in known if self[term][1] <= common]
        weights = {term: self.idf(term) for term in (rare if len(rare) > 1 else known)}
        most = sorted(weights, key=lambda term: (-weights[term], term))[:MOST_TERMS]
        return {term: weights[term] for term in most}


def _look(text: str, language: str, question_language: str) -> _Lookup:
    words = content_words(text, question_language, language)[-MOST_WORDS:]
    in_order = [stem(word, language) for word in words]
    return _Lookup(in_order, {stem(word, language): stem(word, question_language) for word in words})


def _vocabularies(
    shelves: dict[str, int], lookups: dict[str, tuple[_Lookup, _Lookup]]
) -> dict[str, _Vocabulary]:
    """Look all terms of all languages up at once."""
    found = {language: _Vocabulary(passages) for language, passages in shelves.items()}
    terms = set().union(*(lookup.candidates() for both in lookups.values() for lookup in both))
    rows = Term.objects.filter(text__in=terms, language__in=shelves) if terms else Term.objects.none()
    for pk, text, language, passages in rows.values_list("pk", "text", "language", "passages"):
        found[language][text] = (pk, passages)
    return found


def _weigh(question: _Lookup, earlier: _Lookup, vocabulary: _Vocabulary, preference: float) -> list[Weighed]:
    """Weigh one language's terms; a question without words asks again what was asked before."""
    if not question.stems:
        question, earlier = earlier, question
    own = vocabulary.telling(question.terms(vocabulary))
    before = vocabulary.telling(earlier.terms(vocabulary))
    could_tell = sum(vocabulary.idf(stem) for stem in question.words(vocabulary))
    # Below one, words that nearly every passage holds would seem to tell much.
    scale = SCALE * preference * vocabulary.size_factor() / math.sqrt(max(1.0, could_tell))
    weighed = []
    for term in sorted(own.keys() | before.keys()):
        alone = own.get(term, 0.0)
        total = alone + EARLIER_WEIGHT * before.get(term, 0.0)
        term_id, passages = vocabulary[term]
        weighed.append(Weighed(term_id, term, round(alone * scale), round(total * scale), passages))
    return weighed
