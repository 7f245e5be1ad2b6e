"""Score passages by words: one SQL statement, whole numbers, the same on SQLite and PostgreSQL.

A question is looked up in every language of the library with that language's stems and counts, because the
words people share across languages (names, numbers, codes, cognates) may be all there is to find. A score is
BM25 divided by the root of what the question's own words could tell, which makes short and long questions,
small and large libraries comparable.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from knowledge.models import Shelf, Term
from knowledge.models.documents import readable_audiences
from knowledge.search.bm25 import UNIT, idf
from knowledge.search.terms import base_language, content_words, in_title, pairs, stem

EARLIER_WEIGHT = 0.2  # a word of an earlier turn beside one of the question
EARLIER_TRUST = 0.3  # how far a match with earlier turns speaks for an answer to this question
OTHER_LANGUAGE = 0.75  # a passage in another language than the question's
COMMON = 0.25  # share of passages above which a term tells too little to be read
MOST_WORDS = 150  # distinct words looked up, of the question and of the earlier turns each
MOST_TERMS = 60  # the most telling terms scored, of the question and of the earlier turns each
SCALE = 10_000  # a term's weight is a whole number of ten-thousandths
DEPTHS = (64, 1_024, 1_000_000_000)  # passages taken by score until enough of them may be shown

_SCORE = """
    WITH wanted (term_id, own, total) AS (VALUES {terms}),
    scored AS (
        SELECT posting.passage_id,
               SUM(posting.weight * wanted.own) AS own,
               SUM(posting.weight * wanted.total) AS total
        FROM wanted CROSS JOIN knowledge_posting posting
        WHERE posting.term_id = wanted.term_id
        GROUP BY posting.passage_id
        ORDER BY total DESC, posting.passage_id
        LIMIT %s
    )
    SELECT scored.passage_id, scored.own, scored.total,
           CASE WHEN document.audience IN ({audiences})
                 AND version.status = 'published'
                 AND (version.effective_from IS NULL OR version.effective_from <= %s)
                 AND (version.effective_until IS NULL OR version.effective_until >= %s)
                 AND NOT EXISTS (
                     SELECT 1 FROM knowledge_version newer
                     WHERE newer.document_id = version.document_id
                       AND newer.number > version.number
                       AND newer.status = 'published'
                       AND (newer.effective_from IS NULL OR newer.effective_from <= %s)
                       AND (newer.effective_until IS NULL OR newer.effective_until >= %s)
                 )
                THEN 1 ELSE 0 END AS shown
    FROM scored
    JOIN knowledge_passage passage ON passage.id = scored.passage_id
    JOIN knowledge_version version ON version.id = passage.version_id
    JOIN knowledge_document document ON document.id = version.document_id
    ORDER BY scored.total DESC, scored.passage_id
"""


@dataclass(frozen=True, slots=True)
class Found:
    """A passage with the score it is ranked by, and how far that speaks for an answer to the question."""

    passage_id: int
    score: float
    confidence: float


@dataclass(frozen=True, slots=True)
class _Lookup:
    """The words of a question or of its earlier turns as one language of the library would write them."""

    stems: list[str]  # in order, with repetitions
    other_stems: dict[str, str]  # the same words by the stems of the question's language

    def terms(self) -> set[str]:
        """Return every term that could be in the index."""
        single = {*self.stems, *self.other_stems.values()}
        return single | {in_title(stem) for stem in single} | set(pairs(self.stems))

    def chosen(self, vocabulary: "_Vocabulary") -> set[str]:
        """Return one stem a word: the library's language first, the question's where only that is known."""
        return {
            self.other_stems[stem]
            if stem not in vocabulary and self.other_stems[stem] in vocabulary
            else stem
            for stem in self.stems
        }


class _Vocabulary(dict[str, tuple[int, int]]):
    """The known terms of one language: id and passages that hold it."""

    def __init__(self, passages: int) -> None:
        super().__init__()
        self.passages = passages

    def idf(self, term: str) -> float:
        """Return how telling a term is; an unknown one is the most telling, and missed."""
        return idf(self.passages, self[term][1] if term in self else 0)

    def telling(self, terms: Iterable[str]) -> dict[str, float]:
        """Return the terms worth reading with their idf: without the common ones when two rarer are left."""
        known = [term for term in terms if term in self]
        rare = [term for term in known if self[term][1] <= COMMON * self.passages]
        weights = {term: self.idf(term) for term in (rare if len(rare) > 1 else known)}
        most = sorted(weights, key=lambda term: (-weights[term], term))[:MOST_TERMS]
        return {term: weights[term] for term in most}


def find(
    text: str, *, history: Sequence[str], language: str, on: date, audience: str, limit: int
) -> list[Found]:
    """Return up to ``limit`` passages in force on the day ``on`` that ``audience`` may read, best first.

    ``history`` is the earlier turns, oldest first. Equal scores are ordered by passage id.
    """
    wanted = _wanted(text, "\n".join(history), base_language(language))
    if not wanted or limit < 1:
        return []
    for depth in DEPTHS:
        rows = _score(wanted, on, audience, depth)
        shown = [row for row in rows if row[3]]
        if len(shown) >= limit or len(rows) < depth:
            break
    unit = UNIT * SCALE
    return [
        Found(passage_id, int(total) / unit, (int(own) + EARLIER_TRUST * int(total - own)) / unit)
        for passage_id, own, total, _ in shown[:limit]
    ]


def _score(wanted: dict[int, tuple[int, int]], on: date, audience: str, depth: int) -> list[tuple]:
    """Return passage id, own score, total score and whether it may be shown, for the ``depth`` best."""
    audiences = readable_audiences(audience)
    statement = _SCORE.format(
        terms=", ".join(["(%s, %s, %s)"] * len(wanted)), audiences=", ".join(["%s"] * len(audiences))
    )
    terms = [value for term, weights in wanted.items() for value in (term, *weights)]
    with connection.cursor() as cursor:
        cursor.execute(statement, [*terms, depth, *audiences, *[on.isoformat()] * 4])
        return cursor.fetchall()


def _wanted(text: str, earlier: str, question_language: str) -> dict[int, tuple[int, int]]:
    """Return the ids of the terms to read, each with its weight for the question alone and in all."""
    shelves = dict(
        Shelf.objects.filter(passages__gt=0).order_by("language").values_list("language", "passages")
    )
    lookups = {
        language: (_look(text, language, question_language), _look(earlier, language, question_language))
        for language in shelves
    }
    vocabularies = _vocabularies(shelves, lookups)
    wanted: dict[int, tuple[int, int]] = {}
    for language, vocabulary in vocabularies.items():
        preference = 1.0 if language == question_language else OTHER_LANGUAGE
        wanted |= _weights(*lookups[language], vocabulary, preference)
    return wanted


def _look(text: str, language: str, question_language: str) -> _Lookup:
    words = content_words(text, question_language, language)[-MOST_WORDS:]
    in_order = [stem(word, language) for word in words]
    return _Lookup(in_order, {stem(word, language): stem(word, question_language) for word in words})


def _vocabularies(
    shelves: dict[str, int], lookups: dict[str, tuple[_Lookup, _Lookup]]
) -> dict[str, _Vocabulary]:
    """Look all terms of all languages up at once."""
    found = {language: _Vocabulary(passages) for language, passages in shelves.items()}
    terms = set().union(*(lookup.terms() for both in lookups.values() for lookup in both))
    rows = Term.objects.filter(text__in=terms, language__in=shelves) if terms else Term.objects.none()
    for pk, text, language, passages in rows.values_list("pk", "text", "language", "passages"):
        found[language][text] = (pk, passages)
    return found


def _weights(
    question: _Lookup, earlier: _Lookup, vocabulary: _Vocabulary, preference: float
) -> dict[int, tuple[int, int]]:
    """Return one language's term ids with weights; a question without words asks what was asked before."""
    if not question.stems:
        question, earlier = earlier, question
    own = vocabulary.telling(_with_pairs_and_titles(question, vocabulary))
    before = vocabulary.telling(_with_pairs_and_titles(earlier, vocabulary))
    could_tell = sum(vocabulary.idf(stem) for stem in question.chosen(vocabulary))
    # Below one, words that nearly every passage holds would seem to tell much.
    scale = SCALE * preference / math.sqrt(max(1.0, could_tell))
    wanted = {}
    for term in own.keys() | before.keys():
        alone = own.get(term, 0.0)
        total = alone + EARLIER_WEIGHT * before.get(term, 0.0)
        wanted[vocabulary[term][0]] = (round(alone * scale), round(total * scale))
    return wanted


def _with_pairs_and_titles(lookup: _Lookup, vocabulary: _Vocabulary) -> set[str]:
    single = lookup.chosen(vocabulary)
    return single | {in_title(stem) for stem in single} | set(pairs(lookup.stems))
