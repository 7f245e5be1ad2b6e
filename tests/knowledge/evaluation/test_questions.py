"""Reading questions and documents from files."""

from pathlib import Path

import pytest

from knowledge.evaluation.questions import (
    QuestionsRefused,
    after_conversations,
    read_documents,
    read_off_topic,
    read_questions,
    spread,
)
from tests.knowledge.evaluation.conftest import Write

HISTORY = ["agent:Under the seat.", "user:Where does it go?", "agent:Yes.", "user:May I bring a cat?"]
ANSWER = {"text": "8 kg", "start": 5}


def a_row(**changes: object) -> dict[str, object]:
    return {"id": "q1", "doc": "pets", "turn": "How heavy?", "history": [], "answers": [ANSWER]} | changes


def test_history_is_turned_round_to_begin_with_the_oldest(write: Write) -> None:
    (question,) = read_questions(write("q.jsonl", [a_row(history=HISTORY)]))

    assert question.earlier("all") == ("May I bring a cat?", "Yes.", "Where does it go?", "Under the seat.")
    assert question.earlier("user") == ("May I bring a cat?", "Where does it go?")
    assert question.earlier("none") == ()


def test_kind_follows_from_history_and_answers_unless_the_file_names_it(write: Write) -> None:
    rows = [
        a_row(),
        a_row(id="q2", history=HISTORY),
        a_row(id="q3", answers=[]),
        a_row(id="q4", kind="off_topic"),
        a_row(id="q5", kind="typo", language="es", set="held"),
    ]
    questions = read_questions(write("q.jsonl", rows))

    assert [one.kind for one in questions] == ["first", "follow_up", "unanswerable", "off_topic", "typo"]
    assert [bool(one.answers) for one in questions] == [True, True, False, False, True]
    assert (questions[4].language, questions[4].part) == ("es", "held")


def test_answer_may_name_a_document_of_its_own(write: Write) -> None:
    elsewhere = {"doc": "fees", "text": "EUR 55"}
    (question,) = read_questions(write("q.jsonl", [a_row(answers=[ANSWER, elsewhere])]))

    assert [(one.document, one.start) for one in question.answers] == [("pets", 5), ("fees", None)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "not_json"),
        ("[1]", "not_an_object"),
        ('{"id": "q1"}', "missing"),
        ('{"id": "q1", "turn": "", "answers": []}', "missing"),
        ('{"id": "q1", "turn": "Why?", "answers": [{"text": "x"}]}', "missing"),  # no document
        ('{"id": "q1", "turn": "Why?", "answers": "x"}', "wrong_shape"),
        ('{"id": "q1", "doc": "a", "turn": "Why?", "answers": [{"text": "x", "start": "1"}]}', "wrong_shape"),
        ('{"id": "q1", "turn": "Why?", "history": [1], "answers": []}', "wrong_shape"),
        ('{"id": "q1", "turn": "Why?"}\n{"id": "q1", "turn": "Why?"}', "duplicate"),
    ],
)
def test_file_in_another_shape_is_refused_with_its_line(tmp_path: Path, text: str, code: str) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(text)

    with pytest.raises(QuestionsRefused) as refusal:
        read_questions(path)

    assert refusal.value.code == code
    assert "q.jsonl" in refusal.value.words


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(QuestionsRefused) as refusal:
        list(read_documents(tmp_path / "nowhere.jsonl"))

    assert refusal.value.code == "unreadable"


def test_off_topic_questions_are_first_turns_without_answers(write: Write, tmp_path: Path) -> None:
    rows = [a_row(), a_row(id="q2", history=HISTORY)]
    plain = tmp_path / "plain.txt"
    plain.write_text("who won?\n\nhow do I boil an egg\n")

    assert [(one.text, one.answers) for one in read_off_topic(write("q.jsonl", rows))] == [("How heavy?", ())]
    assert [one.text for one in read_off_topic(plain)] == ["who won?", "how do I boil an egg"]


def test_off_topic_questions_are_asked_again_after_other_conversations(write: Write) -> None:
    asked = read_questions(write("q.jsonl", [a_row(history=HISTORY)]))
    others = read_off_topic(write("o.jsonl", [a_row(turn="Who won?")]))

    (later,) = after_conversations(others, asked)

    assert (later.text, later.kind, later.history) == ("Who won?", "elsewhere_later", asked[0].history)
    assert after_conversations(others, []) == []


def test_some_of_the_questions_are_taken_from_the_whole_file(write: Write) -> None:
    questions = read_questions(write("q.jsonl", [a_row(id=f"q{number}") for number in range(10)]))

    assert [one.id for one in spread(questions, 3)] == ["q0", "q3", "q6"]
    assert spread(questions, None) == spread(questions, 99) == questions
