"""``manage.py evaluate_search`` from files to figures."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from knowledge.models import Document, Version
from tests.conftest import BAGGAGE, PETS
from tests.knowledge.conftest import Publish
from tests.knowledge.evaluation.conftest import Write

QUESTIONS = [
    {
        "id": "1",
        "doc": "pets",
        "turn": "what do small dogs cost",
        "answers": [{"text": "EUR 55 for each flight"}],
    },
    {
        "id": "2",
        "doc": "checked-baggage",
        "turn": "and above 32 kg",
        "history": ["agent:EUR 60.", "user:what do bags of 25 kg cost"],
        "answers": [{"text": "Bags over 32 kg are not accepted."}],
    },
    {"id": "3", "turn": "who won the cup final", "kind": "off_topic", "answers": []},
]
DOCUMENTS = [
    {"id": "pets", "title": "Travelling with pets", "text": PETS},
    {"id": "checked-baggage", "title": "Checked baggage", "text": BAGGAGE, "domain": "baggage"},
]


def evaluate(*arguments: object) -> dict[str, Any]:
    out = StringIO()
    call_command("evaluate_search", *map(str, arguments), "--json", stdout=out, stderr=StringIO())
    return json.loads(out.getvalue())


@pytest.mark.django_db
def test_documents_of_a_file_are_asked_and_leave_nothing_behind(write: Write) -> None:
    documents = write("documents.jsonl", DOCUMENTS)

    figures = evaluate(write("questions.jsonl", QUESTIONS), "--documents", documents)

    assert figures["passages"] == 2
    assert {name: row["questions"] for name, row in figures["found"].items()} == {
        "all": 2,
        "first turns": 1,
        "follow-ups": 1,
    }
    assert figures["found"]["all"]["recall_1"] == 1.0
    assert figures["told"]["off_topic"]["all"] == {"questions": 1, "auc": 1.0, "kept": 1.0}
    assert figures["left_out"] == {}
    assert not Document.objects.exists()


@pytest.mark.django_db
def test_folder_of_documents_is_asked(write: Write, tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "01-pets.md").write_text(PETS)
    (folder / "02-checked-baggage.md").write_text(BAGGAGE)

    figures = evaluate(write("questions.jsonl", QUESTIONS), "--documents", folder)

    assert figures["found"]["all"]["recall_5"] == 1.0
    assert not Document.objects.exists()


def test_site_is_asked_without_documents(write: Write, library: dict[str, Version]) -> None:
    questions = write(
        "questions.jsonl", [*QUESTIONS, QUESTIONS[0] | {"id": "4", "doc": "withdrawn-long-ago"}]
    )

    figures = evaluate(questions, "--history", "all")

    assert figures["found"]["all"]["recall_1"] == 1.0
    assert figures["left_out"] == {"4": "“withdrawn-long-ago” is not in force"}
    assert Document.objects.count() == len(library)


def test_customers_question_does_not_find_what_is_for_the_staff(write: Write, publish: Publish) -> None:
    publish("goodwill", "Agents may give a voucher of EUR 50.", audience="staff")
    row = {"id": "1", "doc": "goodwill", "turn": "voucher agents may give", "answers": [{"text": "EUR 50"}]}
    questions = write("questions.jsonl", [row])

    assert evaluate(questions)["found"]["all"]["recall_10"] == 0.0
    assert evaluate(questions, "--audience", "staff")["found"]["all"]["recall_1"] == 1.0


def test_history_reaches_search_only_as_asked_for(write: Write, library: dict[str, Version]) -> None:
    asked = {
        "id": "1",
        "doc": "pets",
        "turn": "how much is it",
        "answers": [{"text": "EUR 55 for each flight"}],
    }
    questions = write(
        "q.jsonl", [asked | {"history": ["agent:Yes.", "user:may my cats travel in the cabin"]}]
    )

    assert evaluate(questions)["found"]["all"]["recall_1"] == 1.0
    assert evaluate(questions, "--no-with-history")["found"]["all"]["recall_10"] == 0.0


def test_off_topic_file_is_asked_as_first_and_as_later_turns(
    write: Write, library: dict[str, Version], tmp_path: Path
) -> None:
    plain = tmp_path / "plain.txt"
    plain.write_text("who won the cup final\nhow do I boil an egg\n")

    figures = evaluate(write("questions.jsonl", QUESTIONS), "--off-topic", plain, "--marks", "0.5,9")

    assert figures["told"]["elsewhere"]["all"]["questions"] == 2
    assert figures["told"]["elsewhere_later"]["follow-ups"]["questions"] == 2
    assert [at["reach"]["elsewhere"] for at in figures["marks"]] == [0.0, 0.0]
    assert figures["marks"][0]["reach"]["all"] == 1.0


def test_table_names_groups_and_marks(write: Write, library: dict[str, Version]) -> None:
    out = StringIO()
    call_command("evaluate_search", str(write("questions.jsonl", QUESTIONS)), stdout=out, stderr=StringIO())

    lines = out.getvalue().splitlines()
    assert any(line.startswith("| follow-ups") and "1.000" in line for line in lines)
    assert any(line.startswith("| off_topic") and "1.000" in line for line in lines)
    assert "R@5" in lines[2]


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [[], [{"id": "1", "turn": "Why?", "set": "held"}]])
def test_nothing_to_ask_is_an_error(write: Write, rows: list[dict[str, object]]) -> None:
    with pytest.raises(CommandError, match="no question"):
        evaluate(write("questions.jsonl", rows), "--set", "dev")


@pytest.mark.django_db
def test_document_twice_in_a_file_is_an_error_that_leaves_the_site_alone(write: Write) -> None:
    documents = write("documents.jsonl", [DOCUMENTS[0], DOCUMENTS[0]])

    with pytest.raises(CommandError, match="Two documents"):
        evaluate(write("questions.jsonl", QUESTIONS), "--documents", documents)

    assert not Document.objects.exists()


@pytest.mark.django_db
def test_embeddings_need_an_endpoint(write: Write) -> None:
    with pytest.raises(CommandError, match="EMBEDDINGS_BASE_URL"):
        evaluate(write("questions.jsonl", QUESTIONS), "--embeddings")
