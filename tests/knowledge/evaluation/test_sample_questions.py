"""The sample airline's questions: they fit its policies, and there are enough of each kind."""

import json
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

from knowledge.documents.parse import parse
from knowledge.evaluation.questions import Question, read_questions
from knowledge.sample_company import FOLDER

FILE = FOLDER / "questions.jsonl"


@cache
def questions() -> tuple[Question, ...]:
    return tuple(read_questions(FILE))


@cache
def policies() -> dict[str, str]:
    files: list[Path] = sorted((FOLDER / "policies").glob("*.md"))
    parsed = [parse(file.name, file.read_bytes()) for file in files]
    return {one.slug: one.text for one in parsed}


def test_every_answer_stands_once_in_its_document_and_in_no_other() -> None:
    wrong = []
    for question in questions():
        for answer in question.answers:
            holding = {
                slug: text.count(answer.text) for slug, text in policies().items() if answer.text in text
            }
            if holding != {answer.document: 1}:
                wrong.append((question.id, answer.text, holding))

    assert wrong == []


def test_there_are_enough_of_each_kind() -> None:
    kinds = Counter((one.kind, one.language) for one in questions())

    assert kinds["first", "en"] >= 70
    assert kinds["follow_up", "en"] >= 20
    assert kinds["first", "es"] + kinds["other_language", "es"] >= 20
    assert kinds["other_language", "es"] >= 5
    assert kinds["unanswerable", "en"] + kinds["unanswerable", "es"] >= 20
    assert kinds["off_topic", "en"] + kinds["off_topic", "es"] >= 25
    assert all(question.history for question in questions() if question.kind == "follow_up")


def test_questions_of_one_document_are_all_for_tuning_or_all_held_back() -> None:
    parts = defaultdict(set)
    for line in FILE.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        parts[row.get("doc", row["id"])].add(row["set"])
    counted = Counter(one.part for one in questions())

    assert set(counted) == {"dev", "held"}
    assert all(len(sets) == 1 for sets in parts.values())
    assert 0.3 <= counted["held"] / counted.total() <= 0.5


def test_every_policy_for_customers_is_asked_about() -> None:
    asked = {answer.document for question in questions() for answer in question.answers}

    assert {slug for slug in policies() if not slug.endswith("-staff")} <= asked
    assert not {slug for slug in asked if slug.endswith("-staff")}
