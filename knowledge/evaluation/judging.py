"""Say where the passage that answers came.

A passage is **right** when it shares at least half of the shorter of the two with a marked answer: it holds
half of the answer, or, where the answer is longer than a passage, half of the passage belongs to it. Beside
that two other readings are kept: ``touching`` (any character shared) and ``whole`` (the passage holds all of
the answer).
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from knowledge.documents.clean import clean
from knowledge.evaluation.asking import Asked, Place
from knowledge.evaluation.questions import Answer, Question
from knowledge.models import Version

ENOUGH = 0.5


@dataclass(frozen=True, slots=True)
class Span:
    """An answer's stretch in the text that is in force, by its document's slug."""

    slug: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Judged:
    """A question asked, with ranks (from 1; None: not found) and whether the right document came first."""

    asked: Asked
    right: int | None
    touching: int | None
    whole: int | None
    document_first: bool

    @property
    def question(self) -> Question:
        """The question."""
        return self.asked.question

    @property
    def score(self) -> float:
        """The confidence search had in the first passage."""
        return self.asked.score


def locate(
    questions: Iterable[Question], *, on: date | None = None, slugs: Mapping[str, str] | None = None
) -> tuple[dict[str, tuple[Span, ...]], dict[str, str]]:
    """Find the answers in the texts in force: the spans by question, and why others have none.

    ``slugs`` gives the slug of a document named in the questions; None when they name slugs. Questions
    without answers are left out of both.
    """
    questions = list(questions)
    names = {answer.document for question in questions for answer in question.answers}
    slug_of = {name: slugs.get(name, "") if slugs is not None else name for name in names}
    texts = _texts(slug_of.values(), on)
    spans, lost = {}, {}
    for question in questions:
        found = [_span(answer, slug_of[answer.document], texts) for answer in question.answers]
        if kept := tuple(span for span in found if span):
            spans[question.id] = kept
        elif found:
            missing = [
                answer.document for answer in question.answers if slug_of[answer.document] not in texts
            ]
            lost[question.id] = (
                f"“{missing[0]}” is not in force" if missing else "its words are not in the text"
            )
    return spans, lost


def judge(asked: Asked, spans: Sequence[Span]) -> Judged:
    """Say where the passages that answer came among those found."""
    first = asked.places[0].slug if asked.places else ""
    return Judged(
        asked,
        right=_rank(asked.places, spans, _is_right),
        touching=_rank(asked.places, spans, lambda place, span: _shared(place, span) > 0),
        whole=_rank(asked.places, spans, lambda place, span: _shared(place, span) == span.end - span.start),
        document_first=any(span.slug == first for span in spans),
    )


def _texts(slugs: Iterable[str], on: date | None) -> dict[str, str]:
    in_force = Version.objects.in_force(on).filter(document__slug__in=set(slugs)).order_by()
    return dict(in_force.values_list("document__slug", "text"))


def _span(answer: Answer, slug: str, texts: Mapping[str, str]) -> Span | None:
    """Find an answer at its offset, else at the nearest place that has its words."""
    if slug not in texts:
        return None
    text, words = texts[slug], answer.text.strip()
    start = (answer.start or 0) + len(answer.text) - len(answer.text.lstrip())
    if answer.start is not None and text.startswith(words, start):
        return Span(slug, start, start + len(words))
    # Publishing cleans a text (blank space, invisible characters), which moves what comes after.
    pattern = r"\s+".join(map(re.escape, clean(words).split()))
    found = min(re.finditer(pattern, text), key=lambda match: abs(match.start() - start), default=None)
    return Span(slug, *found.span()) if found else None


def _rank(places: Sequence[Place], spans: Sequence[Span], fits: Callable[[Place, Span], bool]) -> int | None:
    ranks = (
        rank
        for rank, place in enumerate(places, start=1)
        if any(span.slug == place.slug and fits(place, span) for span in spans)
    )
    return next(ranks, None)


def _shared(place: Place, span: Span) -> int:
    return max(0, min(place.end, span.end) - max(place.start, span.start))


def _is_right(place: Place, span: Span) -> bool:
    return _shared(place, span) >= ENOUGH * min(span.end - span.start, place.end - place.start)
