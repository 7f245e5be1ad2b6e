"""What tokens cost at the prices of a day."""

import time
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal
from typing import NamedTuple

from django.conf import settings
from django.db.models.signals import post_delete, post_save

from accounts.models import Price
from accounts.models.money import NANO

MILLION = 1_000_000
ANY_MODEL = "*"


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of one call.

    Attributes:
        prompt: all that went in, those from the vendor's cache included.
        cached: of the prompt, those that came from the vendor's cache.
        completion: all that came out.
    """

    prompt: int = 0
    completion: int = 0
    cached: int = 0

    @property
    def total(self) -> int:
        """Return what counts against a limit of tokens."""
        return self.prompt + self.completion


class Cost(NamedTuple):
    """Billionths of the desk's currency; ``is_known`` is False where there is no price, and the amount 0."""

    nano: int
    is_known: bool


class _Prices(NamedTuple):
    read_at: float
    newest_first: dict[tuple[str, str], list[Price]]


_prices: _Prices | None = None


def cost(provider: str, model: str, tokens: Tokens, day: date) -> Cost:
    """Return what a call costs at the price that holds on ``day``, rounded up to a billionth.

    May ask the database, once in ``PLAN_CACHE_SECONDS``.
    """
    price = price_on(provider, model, day)
    if price is None:
        return Cost(0, is_known=False)
    cached_price = price.cached_input_per_million
    if cached_price is None:
        cached_price = price.input_per_million
    cached = min(tokens.cached, tokens.prompt)
    by_million: Decimal = (
        (tokens.prompt - cached) * price.input_per_million
        + cached * cached_price
        + tokens.completion * price.output_per_million
    )
    return Cost(int((by_million * NANO / MILLION).to_integral_value(ROUND_CEILING)), is_known=True)


def price_on(provider: str, model: str, day: date) -> Price | None:
    """Return the newest price that holds on ``day``: the model's own, else the provider's for any model."""
    known = _current()
    for name in (model, ANY_MODEL):
        for price in known.get((provider, name), ()):
            if price.valid_from <= day:
                return price
    return None


def forget(**_: object) -> None:
    """Read prices anew at the next question; called whenever this process changes one."""
    global _prices
    _prices = None


def _current() -> dict[tuple[str, str], list[Price]]:
    global _prices
    prices = _prices
    if prices is None or time.monotonic() - prices.read_at >= settings.PLAN_CACHE_SECONDS:
        prices = _Prices(time.monotonic(), {})
        for price in Price.objects.filter(currency=settings.CURRENCY).order_by("-valid_from"):
            prices.newest_first.setdefault((price.provider, price.model), []).append(price)
        _prices = prices
    return prices.newest_first


post_save.connect(forget, sender=Price)
post_delete.connect(forget, sender=Price)
