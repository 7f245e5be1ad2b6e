"""Which passage counts as right, and where an answer is in the text in force."""

from datetime import date

import pytest

from knowledge.evaluation.asking import Asked, Place
from knowledge.evaluation.judging import Span, judge, locate
from knowledge.evaluation.questions import Answer, Question
from tests.knowledge.conftest import Publish

SPAN = Span("pets", 100, 200)


def ranks(*places: tuple[str, int, int], span: Span = SPAN) -> tuple[int | None, int | None, int | None]:
    found = tuple(Place(slug, number, start, end, 1.0) for number, (slug, start, end) in enumerate(places))
    result = judge(Asked(Question("q", "Why?"), found, 1.0, 0.0), [span])
    return result.right, result.touching, result.whole


def test_passage_with_half_of_the_answer_is_right() -> None:
    assert ranks(("pets", 0, 149), ("pets", 0, 150), ("pets", 90, 300)) == (2, 1, 3)


def test_passage_of_another_document_is_never_right() -> None:
    assert ranks(("fees", 100, 200)) == (None, None, None)


def test_passage_inside_an_answer_longer_than_it_is_right() -> None:
    assert ranks(("pets", 300, 500), span=Span("pets", 0, 5000)) == (1, 1, None)


@pytest.mark.django_db
def test_answer_is_found_at_its_offset_or_at_the_nearest_place(publish: Publish) -> None:
    publish("pets", "Dogs pay 55. Cats pay 55.\n\nBirds  stay\nat home.\n")
    answers = [
        Answer("pets", "pay 55", 18),
        Answer("pets", "pay 55", 17),
        Answer("pets", "Birds stay at home."),
    ]
    questions = [Question(str(number), "?", answers=(one,)) for number, one in enumerate(answers)]

    spans, lost = locate(questions)

    assert [spans[str(number)] for number in range(3)] == [
        (Span("pets", 18, 24),),
        (Span("pets", 18, 24),),
        (Span("pets", 27, 47),),
    ]
    assert lost == {}


@pytest.mark.django_db
def test_question_is_lost_when_its_words_or_its_document_are_gone(publish: Publish) -> None:
    publish("pets", "Dogs pay 60.")
    publish("fees", "Dogs pay 55.", effective_from=date(2027, 1, 1))
    questions = [
        Question("changed", "?", answers=(Answer("pets", "Dogs pay 55."),)),
        Question("later", "?", answers=(Answer("fees", "Dogs pay 55."),)),
        Question("one of two", "?", answers=(Answer("pets", "gone"), Answer("pets", "Dogs pay 60."))),
        Question("none", "?"),
    ]

    spans, lost = locate(questions, on=date(2026, 11, 21))

    assert set(spans) == {"one of two"}
    assert lost == {"changed": "its words are not in the text", "later": "“fees” is not in force"}
    assert set(locate(questions, on=date(2027, 1, 1))[1]) == {"changed"}
