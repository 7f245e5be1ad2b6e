"""The figures to reach on the public-service pages that others wrote questions about (doc2dial)."""

from pathlib import Path

import pytest
from django.conf import settings

from knowledge.evaluation.asking import Manner
from knowledge.evaluation.loading import load_documents
from knowledge.evaluation.questions import read_documents, read_off_topic, read_questions, spread
from knowledge.evaluation.running import run
from knowledge.sample_company import FOLDER

DATA: Path = settings.BASE_DIR.parent / "shared" / "data" / "retrieval"
FOLLOW_UPS = 150  # of 1,681; the command asks them all

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"the data others wrote is not there: {DATA}")


@pytest.mark.django_db
def test_figures_to_reach_are_reached() -> None:
    slugs = load_documents(read_documents(DATA / "documents.jsonl")).slugs
    questions = read_questions(DATA / "questions_dev.jsonl")
    first = [question for question in questions if not question.history]
    later = spread([question for question in questions if question.history], FOLLOW_UPS)
    off_topic = spread(read_off_topic(FOLDER / "questions.jsonl"), 150)

    done = run([*first, *later, *off_topic], Manner(history="all"), slugs=slugs)

    assert done.lost == {}
    found, told = done.evaluation.found, done.evaluation.told
    assert found["first turns"].recall_1 >= 0.50
    assert found["first turns"].recall_5 >= 0.75
    assert found["follow-ups"].recall_5 >= 0.76
    assert told["elsewhere"]["first turns"].auc >= 0.96
