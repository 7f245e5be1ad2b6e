"""Prices from a file: comma-separated, a price a line."""

import csv
from collections.abc import Iterable
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Price
from accounts.spending.prices import forget

SAMPLE = Path(__file__).parent / "example_prices.csv"
COLUMNS = (
    "provider", "model", "valid_from", "input_per_million", "cached_input_per_million", "output_per_million",
    "currency",
)  # fmt: skip


class PriceFileError(ValueError):
    """The file cannot be taken; the message names the line and the reason. Nothing was changed."""


def load_prices(lines: Iterable[str]) -> tuple[int, int]:
    """Add prices, or change those of the same provider, model, currency and day.

    Args:
        lines: a heading with the names of ``COLUMNS``, then the prices; lines that begin with # are notes.

    Returns:
        How many were added and how many changed.

    Raises:
        PriceFileError: a line is wrong.
    """
    reader = csv.DictReader(line for line in lines if line.strip() and not line.startswith("#"))
    if set(reader.fieldnames or ()) != set(COLUMNS):
        raise PriceFileError(f"The columns must be: {', '.join(COLUMNS)}.")
    prices = [_price(number, row) for number, row in enumerate(reader, start=1)]
    with transaction.atomic():
        added = sum(_save(price) for price in prices)
    forget()
    return added, len(prices) - added


def _price(number: int, row: dict[str, str]) -> Price:
    values = {name: (row[name] or "").strip() or None for name in COLUMNS}
    price = Price(**values)
    try:
        price.clean_fields()
    except ValidationError as error:
        named = "; ".join(f"{name}: {' '.join(words)}" for name, words in error.message_dict.items())
        raise PriceFileError(f"Price {number} ({row['provider']} {row['model']}): {named}") from error
    return price


def _save(price: Price) -> bool:
    key = {name: getattr(price, name) for name in ("provider", "model", "currency", "valid_from")}
    amounts = ("input_per_million", "cached_input_per_million", "output_per_million")
    _, is_new = Price.objects.update_or_create(
        **key, defaults={name: getattr(price, name) for name in amounts}
    )
    return is_new
