"""What tokens cost on a day."""

from datetime import date, timedelta

import pytest

from accounts.models import Price
from accounts.spending.prices import Cost, Tokens, cost
from tests.accounts.spending.conftest import DAY

MILLION = 1_000_000
pytestmark = pytest.mark.usefixtures("prices")


def test_the_price_of_the_day_holds():
    tokens = Tokens(prompt=1_000, completion=100)
    assert cost("compatible", "fake", tokens, DAY - timedelta(days=1)) == Cost(1_400_000, is_known=True)
    assert cost("compatible", "fake", tokens, DAY) == Cost(2_800_000, is_known=True)


def test_before_the_first_price_there_is_none():
    assert cost("compatible", "fake", Tokens(prompt=10), date(2025, 12, 31)) == Cost(0, is_known=False)


def test_tokens_from_the_vendors_cache_have_their_own_price():
    day = DAY - timedelta(days=1)
    assert cost("compatible", "fake", Tokens(prompt=MILLION, cached=MILLION), day).nano == 500_000_000
    assert cost("compatible", "fake", Tokens(prompt=MILLION, cached=MILLION), DAY).nano == 2_000_000_000


def test_a_price_for_any_model_is_the_last_resort():
    assert cost("openai", "newest", Tokens(prompt=1), DAY) == Cost(150, is_known=True)
    assert not cost("compatible", "other", Tokens(prompt=1), DAY).is_known


def test_parts_of_a_billionth_are_rounded_up():
    Price.objects.create(
        provider="anthropic",
        model="tiny",
        valid_from=DAY,
        input_per_million="0.000001",
        output_per_million="0",
    )
    assert cost("anthropic", "tiny", Tokens(prompt=1), DAY).nano == 1
    assert cost("anthropic", "tiny", Tokens(completion=1), DAY).nano == 0


def test_prices_in_another_currency_are_none(settings):
    settings.CURRENCY = "EUR"
    assert not cost("compatible", "fake", Tokens(prompt=1), DAY).is_known
