"""The words of a question, as each language of the library would write them."""

from collections.abc import Container
from dataclasses import dataclass

from knowledge.search import synonyms
from knowledge.search.terms import content_words, in_title, pairs, stem

MOST_WORDS = 100  # the last words looked up, of the question and of the earlier turns each
GUESSED = 0.8  # what a match with a word that was corrected counts for


@dataclass(frozen=True, slots=True)
class Lookup:
    """The words of a question or of its earlier turns as one language of the library would write them."""

    stems: list[str]  # in order, with repetitions
    other_stems: dict[str, str]  # the same words by the stems of the question's language
    by_word: dict[str, str]  # the stem of each word
    likes: dict[str, tuple[str, ...]]  # by stem, the stems of other words for the same thing
    phrases: tuple[str, ...]  # stems of what phrases in the text stand for
    doubtful: frozenset[str]  # stems of words that were corrected

    def candidates(self) -> set[str]:
        """Return every term that could be in the index."""
        single = {*self.stems, *self.other_stems.values(), *self.phrases}.union(*self.likes.values())
        return single | {in_title(stem) for stem in single} | set(pairs(self.stems))

    def words(self, vocabulary: Container[str]) -> set[str]:
        """Return one stem a word: the library's language first, the question's where only that is known."""
        return {
            other if stem not in vocabulary and (other := self.other_stems[stem]) in vocabulary else stem
            for stem in self.stems
        }

    def terms(self, vocabulary: Container[str]) -> set[str]:
        """Return the words, alone, in titles, and in pairs."""
        words = self.words(vocabulary)
        return words | {in_title(stem) for stem in words} | set(pairs(self.stems))

    def trust(self, term: str) -> float:
        """Return what a match with ``term`` counts for: less where its word was only guessed."""
        is_guess = self.doubtful and not self.doubtful.isdisjoint(term.removeprefix("#").split())
        return GUESSED if is_guess else 1.0

    def knows(self, word: str, vocabulary: Container[str]) -> bool:
        """Say whether ``word``, one of the lookup's, is in the index, or has synonyms and so is a word."""
        found = self.by_word[word]
        forms = (form for one in (found, self.other_stems[found]) for form in (one, in_title(one)))
        return bool(self.likes[found]) or any(form in vocabulary for form in forms)


def look_both(
    texts: tuple[str, str], language: str, question_language: str, corrected: dict[str, str]
) -> tuple[Lookup, Lookup]:
    """Look up the question and its earlier turns in ``language``; ``corrected`` words are taken as meant."""
    question, earlier = (_look(text, language, question_language, corrected) for text in texts)
    return question, earlier


def _look(text: str, language: str, question_language: str, corrected: dict[str, str]) -> Lookup:
    words, doubtful = [], set()
    for word in content_words(text, question_language, language)[-MOST_WORDS:]:
        meant = corrected.get(word, word).split()
        words += meant
        doubtful.update(meant if word in corrected else ())
    by_word = {word: stem(word, language) for word in words}
    return Lookup(
        stems=[by_word[word] for word in words],
        other_stems={by_word[word]: stem(word, question_language) for word in words},
        by_word=by_word,
        likes={one: synonyms.of_stem(one, language) for one in by_word.values()},
        phrases=synonyms.of_phrases(text, language),
        doubtful=frozenset(by_word[word] for word in doubtful),
    )
