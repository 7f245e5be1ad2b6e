"""What is reckoned, by numbers worked out by hand."""

import pytest

from knowledge.evaluation.asking import Asked, Place
from knowledge.evaluation.figures import auc, digest, found, kept, percentile
from knowledge.evaluation.judging import Judged
from knowledge.evaluation.questions import Question


def judged(right: int | None, *, score: float = 1.0, seconds: float = 0.001) -> Judged:
    asked = Asked(Question("q", "Why?"), (Place("a", 1, 0, 9, score),), score, seconds)
    return Judged(asked, right, touching=right, whole=None, document_first=right == 1)


def test_recall_counts_what_came_early_enough_and_mrr_how_early() -> None:
    figures = found([judged(1), judged(2), judged(10), judged(None)])

    assert (figures.recall_1, figures.recall_5, figures.recall_10) == (0.25, 0.5, 0.75)
    assert figures.mrr_10 == pytest.approx((1 + 1 / 2 + 1 / 10) / 4)
    assert (figures.document_first, figures.touching_5, figures.whole_5) == (0.25, 0.5, 0.0)


@pytest.mark.parametrize(
    ("answered", "others", "area"),
    [([3, 4], [1, 2], 1.0), ([1, 2], [3, 4], 0.0), ([2], [2], 0.5), ([1, 3], [2, 2, 0], 2 / 3)],
)
def test_auc_is_the_chance_to_score_above_a_question_without_answer(
    answered: list[float], others: list[float], area: float
) -> None:
    assert auc(answered, others) == pytest.approx(area)


def test_kept_is_counted_at_the_mark_that_one_of_twenty_passes() -> None:
    others = [float(score) for score in range(20)]  # 19 gets through, 18 must not

    assert kept([18.0, 18.5, 20.0, 1.0], others) == 0.5
    assert kept([0.0, 3.0], [1.0, 2.0]) == 0.5  # too few for any to get through


def test_percentile_is_a_value_that_was_measured() -> None:
    assert percentile([4, 1, 3, 2], 0.5) == 2
    assert percentile(list(range(1, 101)), 0.95) == 95
    assert percentile([7], 0.95) == 7


def test_digest_tells_rankings_apart_and_not_times() -> None:
    same = digest([judged(1, seconds=9.0).asked])

    assert digest([judged(1).asked]) == same
    assert digest([judged(1, score=1.001).asked]) != same
