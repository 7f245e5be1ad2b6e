"""Other words for the same thing."""

from typing import Any

import pytest

from knowledge.search import Query, search
from knowledge.search.synonyms import BUILT_IN, of_phrases, of_stem
from knowledge.search.terms import base_language, stem
from tests.knowledge.conftest import Publish


@pytest.fixture
def policies(publish: Publish) -> None:
    publish("bags", "One checked bag of 23 kg is included.")
    publish("refunds", "A refund goes to the card that paid.")
    publish("cots", "A bassinet is free of charge.")


@pytest.mark.usefixtures("policies")
@pytest.mark.parametrize(
    ("question", "slug"),
    [("my suitcases", "bags"), ("luggage", "bags"), ("I want my money back", "refunds")],
)
def test_other_word_finds_the_passage(question: str, slug: str) -> None:
    assert search(Query(question)).hits[0].slug == slug


@pytest.mark.usefixtures("policies")
def test_named_word_counts_more_than_another_for_it() -> None:
    assert search(Query("bag")).score > search(Query("suitcase")).score > 0


@pytest.mark.usefixtures("policies")
def test_company_adds_its_own(settings: Any) -> None:
    assert search(Query("carrycot")).hits == ()
    settings.SEARCH_SYNONYMS = "# ours\nen: carrycot, bassinet # for babies\nnonsense\nen-GB:,,"
    assert search(Query("carrycot")).hits[0].slug == "cots"


def test_synonyms_are_of_one_language() -> None:
    assert stem("luggage", "en") in of_stem(stem("suitcase", "en"), "en")
    assert of_stem("suitcas", "de") == of_phrases("money back", "de") == ()
    assert of_phrases("I WANT MY MONEY BACK!", "en") and not of_phrases("moneybacks", "en")


def test_built_in_groups_are_well_formed() -> None:
    for line in filter(None, BUILT_IN.read_text().splitlines()):
        if not line.startswith("#"):
            code, _, words = line.partition(":")
            assert base_language(code) == code and len(words.split(",")) >= 2, line
