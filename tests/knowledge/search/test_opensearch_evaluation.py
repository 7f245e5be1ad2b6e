"""The sample's questions through OpenSearch: what the built-in search finds, in the same order."""

from datetime import date
from typing import Any

import pytest

from knowledge.evaluation.asking import Manner
from knowledge.evaluation.loading import load_folder
from knowledge.evaluation.questions import Question, read_questions, spread
from knowledge.evaluation.report import Evaluation
from knowledge.evaluation.running import run
from knowledge.models import Audience
from knowledge.sample_company import FOLDER
from knowledge.search.opensearch import keeping
from tests.knowledge.search.opensearch_server import OpenSearchServer

ON = date(2026, 11, 21)  # every sample policy is in force, and stays so


@pytest.fixture
def airline(server: OpenSearchServer, db: None) -> OpenSearchServer:
    load_folder(FOLDER / "policies")
    keeping.follow()
    return server


def by_both(questions: list[Question], audience: str, settings: Any) -> list[Evaluation]:
    measured = []
    for engine in ("built-in", "opensearch"):
        settings.SEARCH_ENGINE = engine
        done = run(questions, Manner(on=ON, audience=audience))
        assert done.lost == {}
        measured.append(done.evaluation)
    return measured


def test_staffs_questions_find_the_same_with_the_same_scores(
    airline: OpenSearchServer, settings: Any
) -> None:
    """They see every passage, so that nothing is in the way of either search; the digest is of it all."""
    built_in, ours = by_both(read_questions(FOLDER / "questions.jsonl"), Audience.STAFF, settings)
    assert ours.digest == built_in.digest
    assert sum(asked.endswith("/_search") for asked in airline.asked) > 300


def test_customers_questions_are_answered_and_refused_alike(airline: OpenSearchServer, settings: Any) -> None:
    """Of what surrounds a passage the built-in search may see less, so that lower places may differ."""
    some = spread(read_questions(FOLDER / "questions.jsonl"), 120)
    built_in, ours = by_both(some, Audience.PUBLIC, settings)
    assert ours.told == built_in.told
    for name, row in built_in.found.items():
        assert (ours.found[name].recall_1, ours.found[name].document_first) == (
            row.recall_1,
            row.document_first,
        )
