"""Reckon: recall, reciprocal rank, percentiles, and how well a score tells questions that have an answer."""

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from knowledge.evaluation.asking import Asked
from knowledge.evaluation.judging import Judged

LET_THROUGH = 0.05  # share of unanswerable questions answered, at which the answerable kept are counted


@dataclass(frozen=True, slots=True)
class Found:
    """How well the passages were found, as shares of ``questions``; times in milliseconds."""

    questions: int
    recall_1: float
    recall_5: float
    recall_10: float
    mrr_10: float
    document_first: float
    touching_1: float
    touching_5: float
    whole_1: float
    whole_5: float
    median_ms: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class Told:
    """How well the score tells ``questions`` that nothing answers from those that are answered.

    ``auc`` is the chance that an answered question scores above one that nothing answers; ``kept`` the share
    of answered ones above the mark that lets 5 % of the others through.
    """

    questions: int
    auc: float
    kept: float


def found(judged: Sequence[Judged]) -> Found:
    """Return the figures of questions that have answers; at least one."""

    def share(ranks: Iterable[int | None], most: int) -> float:
        return sum(rank is not None and rank <= most for rank in ranks) / len(judged)

    right = [one.right for one in judged]
    times = [one.asked.seconds * 1000 for one in judged]
    return Found(
        questions=len(judged),
        recall_1=share(right, 1),
        recall_5=share(right, 5),
        recall_10=share(right, 10),
        mrr_10=sum(1 / rank for rank in right if rank and rank <= 10) / len(judged),
        document_first=sum(one.document_first for one in judged) / len(judged),
        touching_1=share((one.touching for one in judged), 1),
        touching_5=share((one.touching for one in judged), 5),
        whole_1=share((one.whole for one in judged), 1),
        whole_5=share((one.whole for one in judged), 5),
        median_ms=percentile(times, 0.5),
        p95_ms=percentile(times, 0.95),
    )


def told(answered: Sequence[float], others: Sequence[float]) -> Told:
    """Return how well scores tell the ``answered`` from the ``others``; at least one of each."""
    return Told(len(others), auc(answered, others), kept(answered, others))


def auc(answered: Sequence[float], others: Sequence[float]) -> float:
    """Return the area under the ROC curve: the Mann-Whitney statistic, equal scores counting half."""
    others = sorted(others)
    below = sum(bisect_left(others, score) + bisect_right(others, score) for score in answered)
    return below / 2 / len(answered) / len(others)


def kept(answered: Sequence[float], others: Sequence[float], let_through: float = LET_THROUGH) -> float:
    """Return the share of ``answered`` above the mark that at most ``let_through`` of ``others`` pass."""
    mark = sorted(others, reverse=True)[int(let_through * len(others))]
    return share_from(answered, mark, including=False)


def share_from(scores: Sequence[float], mark: float, *, including: bool = True) -> float:
    """Return the share of scores that reach ``mark`` (or, not ``including`` it, pass it)."""
    return sum(score >= mark if including else score > mark for score in scores) / len(scores)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least ``share`` of ``values`` do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


def digest(asked: Iterable[Asked]) -> str:
    """Return a short sum of everything that was found, in order, with the scores: equal on equal rankings."""
    total = hashlib.sha256()
    for one in asked:
        places = ";".join(f"{place.slug}#{place.position}={place.score:.3f}" for place in one.places)
        total.update(f"{one.question.id}|{one.score:.3f}|{places}\n".encode())
    return total.hexdigest()[:16]
