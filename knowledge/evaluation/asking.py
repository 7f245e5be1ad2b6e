"""Ask search every question, as the desk does, and keep what came."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from knowledge.evaluation.questions import Question
from knowledge.models import Audience, Passage
from knowledge.search import Query, Results, prepare_now, search

DEPTH = 10  # passages looked at
WARMING = 5  # questions asked before the clock counts
_IDS = 500  # in one statement


@dataclass(frozen=True, slots=True)
class Place:
    """A passage found: its document, its number and stretch in it, and its score."""

    slug: str
    position: int
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the passages found, best first, the confidence in the first, and its seconds."""

    question: Question
    places: tuple[Place, ...]
    score: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Manner:
    """How questions are asked.

    Attributes:
        history: which earlier turns go along: ``user``, ``all`` or ``none``.
        on: the day whose texts count; None for today.
        audience: ``public`` or ``staff``.
        meaning: whether the embedding model is asked as well; else search goes by words alone.
    """

    history: str = "user"
    on: date | None = None
    audience: str = Audience.PUBLIC
    meaning: bool = False


def ask_all(questions: Sequence[Question], manner: Manner) -> list[Asked]:
    """Ask the questions one after the other."""
    for question in questions[:WARMING]:
        _ask(question, manner)
    answers = [(question, *_timed(question, manner)) for question in questions]
    hits = {hit.passage_id for _, results, _ in answers for hit in results.hits}
    places = dict(_places(sorted(hits)))
    return [
        Asked(
            question,
            # A passage that went while questions were asked (on a site at work) is left out.
            tuple(Place(*places[h.passage_id], h.score) for h in results.hits if h.passage_id in places),
            results.score,
            seconds,
        )
        for question, results, seconds in answers
    ]


def _timed(question: Question, manner: Manner) -> tuple[Results, float]:
    began = time.perf_counter()
    results = _ask(question, manner)
    return results, time.perf_counter() - began


def _ask(question: Question, manner: Manner) -> Results:
    query = Query(
        text=question.text,
        history=question.earlier(manner.history),
        language=question.language,
        on=manner.on,
        audience=manner.audience,
        limit=DEPTH,
    )
    return search(prepare_now(query) if manner.meaning else query)


def _places(passage_ids: Sequence[int]) -> Iterable[tuple[int, tuple[str, int, int, int]]]:
    for ids in _chunks(passage_ids):
        rows = Passage.objects.filter(pk__in=ids).order_by()
        for pk, *place in rows.values_list("pk", "version__document__slug", "position", "start", "end"):
            yield pk, tuple(place)


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[first : first + _IDS] for first in range(0, len(ids), _IDS))
