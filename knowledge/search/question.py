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
from knowledge.search.lookup import Lookup, look_both
from knowledge.search.postings import Lists, digest
from knowledge.search.terms import base_language, in_title

EARLIER_WEIGHT = 0.2  # a word of an earlier turn beside one of the question
LIKE = 0.5  # a match with another word for the same thing …
LIKE_ALONE = 0.8  # … when the library does not know the word that was used
OTHER_LANGUAGE = 0.75  # a passage in another language than the question's
COMMON = 0.25  # share of passages above which a term tells too little to be read …
SMALL_SHELF = 1_000  # … in a language of more passages than these
USUAL_PASSAGES = 2_000  # the size of library that the marks of confidence were measured on
MOST_TERMS = 60  # the most telling terms used, of the question and of the earlier turns each
SCALE = 10_000  # a weight is a whole number of ten-thousandths


@dataclass(frozen=True, slots=True)
class Weighed:
    """A term of one language's index, its weight for the question alone and in all, and where it is."""

    term: int
    text: str
    own: int
    total: int
    lists: Lists
    shelf: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question asks for: weighed terms of the index, and the words taken for mistyped ones."""

    terms: list[Weighed]
    corrected: dict[str, str]

    @property
    def goes_on(self) -> bool:
        """Say whether earlier turns count."""
        return any(term.total > term.own for term in self.terms)


def weigh_question(text: str, earlier: str, language: str, shelves: dict[str, Holdings]) -> Asked:
    """Return the terms that a question asks for; none when no word of it is in the index.

    ``shelves`` is what the index holds of each language.
    """
    language = base_language(language)
    texts = (text, earlier)
    lookups = {shelf: look_both(texts, shelf, language, {}) for shelf in shelves}
    vocabularies = {shelf: _Vocabulary(held.passages) for shelf, held in shelves.items()}
    _learn(vocabularies, shelves, lookups)
    corrected = _corrections(lookups, vocabularies, language)
    if corrected:
        lookups = {shelf: look_both(texts, shelf, language, corrected) for shelf in shelves}
        _learn(vocabularies, shelves, lookups)
    weighed = []
    for shelf, vocabulary in vocabularies.items():
        preference = 1.0 if shelf == language else OTHER_LANGUAGE
        weighed += _weigh(*lookups[shelf], vocabulary, preference, shelf)
    return Asked(weighed, corrected)


class _Vocabulary(dict[str, Lists]):
    """The known terms of one language."""

    def __init__(self, passages: int) -> None:
        super().__init__()
        self.passages = passages
        self.sought: set[str] = set()  # known or not

    def idf(self, term: str) -> float:
        """Return how telling a term is; an unknown one is the most telling, and missed."""
        return idf(self.passages, self[term].passages if term in self else 0)

    def could_tell(self, lookup: Lookup) -> float:
        """Return what a passage with all words of a question would tell: the most that can be scored."""
        return sum(self._idf_of_word(word, lookup) for word in lookup.words(self))

    def _idf_of_word(self, word: str, lookup: Lookup) -> float:
        """Return the same of one word; one that only others for the same thing stand for is not missed."""
        likes = () if word in self else lookup.likes.get(word, ())
        return max((self.idf(like) for like in likes if like in self), default=self.idf(word))

    def size_factor(self) -> float:
        """Return what makes the scores of a small or large library equal those of a usual one."""
        return math.sqrt(idf(USUAL_PASSAGES, 0) / idf(self.passages, 0))

    def telling(self, lookup: Lookup) -> dict[str, float]:
        """Return the terms worth reading, weighed: without the common ones when two rarer are left."""
        known = [term for term in lookup.terms(self) if term in self]
        common = self.passages * (COMMON if self.passages > SMALL_SHELF else 1.0)
        rare = [term for term in known if self[term].passages <= common]
        weights = {term: self.idf(term) * lookup.trust(term) for term in (rare if len(rare) > 1 else known)}
        for term, weight in self._alike(lookup).items():
            if self[term].passages <= common:
                weights[term] = max(weights.get(term, 0.0), weight)
        most = sorted(weights, key=lambda term: (-weights[term], term))[:MOST_TERMS]
        return {term: weights[term] for term in most}

    def _alike(self, lookup: Lookup) -> dict[str, float]:
        """Return the weights of other words for what the question names, never above the named word's own."""
        weights: dict[str, float] = {}
        named = [(word, lookup.likes.get(word, ())) for word in lookup.words(self)]
        for word, likes in [*named, ("", lookup.phrases)]:
            share, most = (LIKE, self.idf(word)) if word in self else (LIKE_ALONE, math.inf)
            for form in (form for like in likes for form in (like, in_title(like)) if form in self):
                weights[form] = max(weights.get(form, 0.0), share * min(self.idf(form), most))
        return weights


def _learn(
    vocabularies: dict[str, _Vocabulary],
    shelves: dict[str, Holdings],
    lookups: dict[str, tuple[Lookup, Lookup]],
) -> None:
    """Look up the terms of each language that were not looked up before."""
    for language, vocabulary in vocabularies.items():
        terms = set().union(*(lookup.candidates() for lookup in lookups[language])) - vocabulary.sought
        vocabulary.sought |= terms
        by_digest = {digest(term): term for term in terms}
        if by_digest:
            lists = postings.read(shelves[language].blocks, by_digest)
            vocabulary.update({by_digest[term]: lists[term] for term in lists})


def _corrections(
    lookups: dict[str, tuple[Lookup, Lookup]], vocabularies: dict[str, _Vocabulary], language: str
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


def _is_known(word: str, both: tuple[Lookup, Lookup], vocabulary: _Vocabulary) -> bool:
    """Say whether a language knows ``word``: holds it, or counts it among its stop words."""
    lookup = next((one for one in both if word in one.by_word), None)
    return lookup is None or lookup.knows(word, vocabulary)


def _weigh(
    question: Lookup, earlier: Lookup, vocabulary: _Vocabulary, preference: float, shelf: str
) -> list[Weighed]:
    """Weigh one language's terms; a question without words asks again what was asked before."""
    if not question.stems:
        question, earlier = earlier, question
    own = vocabulary.telling(question)
    before = vocabulary.telling(earlier)
    # Below one, words that nearly every passage holds would seem to tell much.
    could_tell = max(1.0, vocabulary.could_tell(question))
    scale = SCALE * preference * vocabulary.size_factor() / math.sqrt(could_tell)
    weighed = []
    for term in sorted(own.keys() | before.keys()):
        alone = own.get(term, 0.0)
        total = alone + EARLIER_WEIGHT * before.get(term, 0.0)
        weighed.append(
            Weighed(digest(term), term, round(alone * scale), round(total * scale), vocabulary[term], shelf)
        )
    return weighed
