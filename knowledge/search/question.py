"""From a question and its earlier turns to weighed terms of the index.

A question is looked up in every language of the library with that language's stems and counts, because the
words people share across languages (names, numbers, codes, cognates) may be all there is to find. Weights are
divided by the root of what the question's own words could tell, which makes the scores of short and long
questions, and of small and large libraries, comparable.
"""

import math
from dataclasses import dataclass

from knowledge.search import postings, spelling
from knowledge.search.bm25 import idf
from knowledge.search.index import Holdings
from knowledge.search.postings import Lists, digest
from knowledge.search.terms import base_language, content_words, in_title, pairs, stem

EARLIER_WEIGHT = 0.2  # a word of an earlier turn beside one of the question
GUESSED = 0.8  # a match with a word that was corrected
OTHER_LANGUAGE = 0.75  # a passage in another language than the question's
COMMON = 0.25  # share of passages above which a term tells too little to be read …
SMALL_SHELF = 1_000  # … in a language of more passages than these
USUAL_PASSAGES = 2_000  # the size of library that the marks of confidence were measured on
MOST_WORDS = 150  # the last words looked up, of the question and of the earlier turns each
MOST_TERMS = 60  # the most telling terms used, of the question and of the earlier turns each
SCALE = 10_000  # a weight is a whole number of ten-thousandths


@dataclass(frozen=True, slots=True)
class Weighed:
    """A term of the index, its weight for the question alone and in all, and where it is."""

    term: int
    text: str
    own: int
    total: int
    lists: Lists


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question asks for: weighed terms of the index, and the words taken for mistyped ones."""

    terms: list[Weighed]
    corrected: dict[str, str]


def weigh_question(text: str, earlier: str, language: str, shelves: dict[str, Holdings]) -> Asked:
    """Return the terms that a question asks for; none when no word of it is in the index.

    ``shelves`` is what the index holds of each language.
    """
    language = base_language(language)
    texts = (text, earlier)
    lookups = {shelf: _look_both(texts, shelf, language, {}) for shelf in shelves}
    vocabularies = _vocabularies(shelves, lookups)
    corrected = _corrections(lookups, vocabularies, language)
    if corrected:
        lookups = {shelf: _look_both(texts, shelf, language, corrected) for shelf in shelves}
        vocabularies = _vocabularies(shelves, lookups)
    weighed = []
    for shelf, vocabulary in vocabularies.items():
        preference = 1.0 if shelf == language else OTHER_LANGUAGE
        weighed += _weigh(*lookups[shelf], vocabulary, preference)
    return Asked(weighed, corrected)


@dataclass(frozen=True, slots=True)
class _Lookup:
    """The words of a question or of its earlier turns as one language of the library would write them."""

    stems: list[str]  # in order, with repetitions
    other_stems: dict[str, str]  # the same words by the stems of the question's language
    by_word: dict[str, str]  # the stem of each word
    doubtful: frozenset[str]  # stems of words that were corrected

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

    def trust(self, term: str) -> float:
        """Return what a match with ``term`` counts for: less where its word was only guessed."""
        is_guess = self.doubtful and not self.doubtful.isdisjoint(term.removeprefix("#").split())
        return GUESSED if is_guess else 1.0

    def knows(self, word: str, vocabulary: "_Vocabulary") -> bool:
        """Say whether ``word``, one of the lookup's, is in the index."""
        found = self.by_word[word]
        return any(
            form in vocabulary for one in (found, self.other_stems[found]) for form in (one, in_title(one))
        )


class _Vocabulary(dict[str, Lists]):
    """The known terms of one language."""

    def __init__(self, passages: int) -> None:
        super().__init__()
        self.passages = passages

    def idf(self, term: str) -> float:
        """Return how telling a term is; an unknown one is the most telling, and missed."""
        return idf(self.passages, self[term].passages if term in self else 0)

    def size_factor(self) -> float:
        """Return what makes the scores of a small or large library equal those of a usual one."""
        return math.sqrt(idf(USUAL_PASSAGES, 0) / idf(self.passages, 0))

    def telling(self, lookup: _Lookup) -> dict[str, float]:
        """Return the terms worth reading, weighed: without the common ones when two rarer are left."""
        known = [term for term in lookup.terms(self) if term in self]
        common = self.passages * (COMMON if self.passages > SMALL_SHELF else 1.0)
        rare = [term for term in known if self[term].passages <= common]
        weights = {term: self.idf(term) * lookup.trust(term) for term in (rare if len(rare) > 1 else known)}
        most = sorted(weights, key=lambda term: (-weights[term], term))[:MOST_TERMS]
        return {term: weights[term] for term in most}


def _look_both(
    texts: tuple[str, str], language: str, question_language: str, corrected: dict[str, str]
) -> tuple[_Lookup, _Lookup]:
    question, earlier = (_look(text, language, question_language, corrected) for text in texts)
    return question, earlier


def _look(text: str, language: str, question_language: str, corrected: dict[str, str]) -> _Lookup:
    words, doubtful = [], set()
    for word in content_words(text, question_language, language)[-MOST_WORDS:]:
        meant = corrected.get(word, word).split()
        words += meant
        doubtful.update(meant if word in corrected else ())
    by_word = {word: stem(word, language) for word in words}
    return _Lookup(
        stems=[by_word[word] for word in words],
        other_stems={by_word[word]: stem(word, question_language) for word in words},
        by_word=by_word,
        doubtful=frozenset(by_word[word] for word in doubtful),
    )


def _vocabularies(
    shelves: dict[str, Holdings], lookups: dict[str, tuple[_Lookup, _Lookup]]
) -> dict[str, _Vocabulary]:
    """Look the terms of each language up."""
    found = {}
    for language, held in shelves.items():
        terms = set().union(*(lookup.candidates() for lookup in lookups[language]))
        by_digest = {digest(term): term for term in terms}
        found[language] = _Vocabulary(held.passages)
        if by_digest:
            lists = postings.read(held.blocks, by_digest)
            found[language].update({by_digest[term]: lists[term] for term in lists})
    return found


def _corrections(
    lookups: dict[str, tuple[_Lookup, _Lookup]], vocabularies: dict[str, _Vocabulary], language: str
) -> dict[str, str]:
    """Return what the words that no language of the library knows were meant to be.

    They are compared with the words of the question's own language; a library without it corrects nothing.
    """
    if language not in vocabularies:
        return {}
    words = dict.fromkeys(word for lookup in lookups[language] for word in lookup.by_word)
    unknown = [
        word
        for word in words
        if spelling.may_be_mistyped(word)
        and not any(_is_known(word, both, vocabularies[shelf]) for shelf, both in lookups.items())
    ]
    return spelling.correct(unknown, language) if unknown else {}


def _is_known(word: str, both: tuple[_Lookup, _Lookup], vocabulary: _Vocabulary) -> bool:
    """Say whether a language knows ``word``: holds it, or counts it among its stop words."""
    lookup = next((one for one in both if word in one.by_word), None)
    return lookup is None or lookup.knows(word, vocabulary)


def _weigh(question: _Lookup, earlier: _Lookup, vocabulary: _Vocabulary, preference: float) -> list[Weighed]:
    """Weigh one language's terms; a question without words asks again what was asked before."""
    if not question.stems:
        question, earlier = earlier, question
    own = vocabulary.telling(question)
    before = vocabulary.telling(earlier)
    could_tell = sum(vocabulary.idf(stem) for stem in question.words(vocabulary))
    # Below one, words that nearly every passage holds would seem to tell much.
    scale = SCALE * preference * vocabulary.size_factor() / math.sqrt(max(1.0, could_tell))
    weighed = []
    for term in sorted(own.keys() | before.keys()):
        alone = own.get(term, 0.0)
        total = alone + EARLIER_WEIGHT * before.get(term, 0.0)
        weighed.append(
            Weighed(digest(term), term, round(alone * scale), round(total * scale), vocabulary[term])
        )
    return weighed
