"""No question costs much, and none does harm."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from knowledge.search import Query, Results, scoring, search
from knowledge.search.lookup import MOST_WORDS
from knowledge.search.question import MOST_TERMS
from tests.knowledge.conftest import Publish

LONGEST_QUESTION = 4_000  # characters


@pytest.fixture(autouse=True)
def pets(publish: Publish) -> None:
    publish("pets", "Small dogs and cats may travel in the cabin for 55 euros.")
    publish("bags", "A checked bag may weigh up to 23 kg.")


def ask(text: str, *history: str) -> tuple[Results, list[str]]:
    """Return the results with the statements that search needed, longest text of each cut."""
    with CaptureQueriesContext(
        connection,
    ) as captured:
        results = search(Query(text, history=history))
    return results, [query["sql"] for query in captured.captured_queries]


QUESTIONS: dict[str, Callable[[], str]] = {
    "long": lambda: " ".join(f"word{number}" for number in range(500))[: LONGEST_QUESTION - 5] + " dogs",
    "repeated": lambda: "dogs " * 10_000,
    "stop words": lambda: "what is the " * 3_000 + "dogs",
    "emoji": lambda: "🐶✈️" * 2_000 + " dogs",
    "one word": lambda: "x" * 100_000 + " dogs",
    "mistyped": lambda: " ".join(f"dogz{letter}x" for letter in "abcdefghijklmnopqrstuvwxyz" * 8) + " dogs",
    "statement": lambda: "dogs'; DROP TABLE knowledge_posting; -- \" OR 1=1 %s {0} \\ \x00",
    "no spaces": lambda: "手荷物" * 3_000 + " dogs",
    "accents": lambda: "e\u0301\u0302\u0303" * 3_000 + " dogs",
    "marks": lambda: "[](" * 5_000 + "))" * 5_000 + " dogs",
    "json": lambda: '[1, 2], {"a": [' * 500 + " dogs",
}


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_strange_question_is_answered_in_few_statements(question: Callable[[], str]) -> None:
    results, statements = ask(question())
    assert results.hits[0].slug == "pets"
    assert len(statements) <= 12
    assert max(map(len, statements)) < 100_000
    assert ask("dogs")[0].hits[0].slug == "pets"


def test_long_conversation_costs_no_more_statements() -> None:
    history = [f"turn {number} about cats, bags and number{number} " * 20 for number in range(200)]
    results, statements = ask("and the dogs?", *history)
    assert results.hits[0].slug == "pets"
    assert len(statements) <= len(ask("and the dogs?", "cats and bags")[1]) + 2
    assert max(map(len, statements)) < 100_000


def test_terms_of_a_question_are_bounded(monkeypatch: pytest.MonkeyPatch, publish: Publish) -> None:
    publish("many", " ".join(f"word{number}" for number in range(400)))
    asked = []
    monkeypatch.setattr(scoring, "offers", lambda terms, blocks, least: asked.append(len(terms)) or iter(()))
    text = " ".join(f"word{number}" for number in range(400))
    search(Query(text, history=(text[::-1], text)))
    assert 0 < asked[0] <= 2 * MOST_TERMS
    assert MOST_WORDS < 400


@pytest.mark.parametrize("text", ["", " \n", "?!…", "the and of", "🐶", "\x00", "%s", "a b c"])
def test_question_without_words_finds_nothing_and_looks_nothing_up(text: str) -> None:
    results, statements = ask(text)
    assert results.hits == () and results.score == 0.0
    assert len(statements) <= 5
