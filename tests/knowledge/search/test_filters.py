"""Searching among some documents only."""

from datetime import date

import pytest

from knowledge.models import Passage
from knowledge.search import Query, search
from knowledge.search.lexical import visible
from tests.knowledge.conftest import Publish

TODAY = date(2026, 11, 21)


@pytest.fixture(autouse=True)
def vouchers(publish: Publish) -> None:
    publish("fares", "A voucher pays a fare.", category="fares")
    publish("meals", "A voucher pays a meal.", category="meals")
    publish("goodwill", "A voucher as goodwill.", category="fares", audience="staff")
    publish("vale", "Un voucher paga la comida.", category="meals", language="es-MX")


def slugs(**options: object) -> set[str]:
    return {hit.slug for hit in search(Query("voucher", **options)).hits}


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({}, {"fares", "meals", "vale"}),
        ({"categories": ("fares",)}, {"fares"}),
        ({"categories": ("fares",), "audience": "staff"}, {"fares", "goodwill"}),
        ({"categories": ("fares", "meals")}, {"fares", "meals", "vale"}),
        ({"categories": ("Fares",)}, set()),
        ({"languages": ("es",)}, {"vale"}),
        ({"languages": ("es-AR",)}, {"vale"}),
        ({"languages": ("en", "es_MX")}, {"fares", "meals", "vale"}),
        ({"languages": ("fr",)}, set()),
        ({"documents": ("meals", "goodwill")}, {"meals"}),
        ({"documents": ("'; DROP TABLE knowledge_document; --",)}, set()),
        ({"categories": ("meals",), "languages": ("es",), "documents": ("vale",)}, {"vale"}),
    ],
)
def test_filters_restrict_what_is_found(options: dict[str, object], found: set[str]) -> None:
    assert slugs(**options) == found


def test_filter_does_not_change_the_score_of_what_stays() -> None:
    everything = search(Query("voucher meal")).hits[0]
    assert search(Query("voucher meal", categories=("meals",))).hits[0].score == everything.score


def test_visible_tells_the_same_of_ids() -> None:
    ids = {passage.version.document.slug: passage.pk for passage in Passage.objects.all()}
    seen = visible(ids.values(), on=TODAY, audience="public", languages=["en"])
    assert seen == {ids["fares"], ids["meals"]}
    assert visible(ids.values(), on=TODAY, audience="staff", categories=["fares"]) == {
        ids["fares"],
        ids["goodwill"],
    }
    assert visible([], on=TODAY, audience="staff") == set()
    assert visible([0, 10**9], on=TODAY, audience="staff") == set()


def test_visible_follows_the_dates(publish: Publish) -> None:
    publish("fares", "A voucher pays two fares.", effective_from=date(2027, 1, 1))
    first, second = Passage.objects.filter(version__document__slug="fares").order_by("pk")
    both = [first.pk, second.pk]
    assert visible(both, on=TODAY, audience="public") == {first.pk}
    assert visible(both, on=date(2027, 1, 1), audience="public") == {second.pk}
