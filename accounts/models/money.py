"""Amounts of money as whole billionths of a currency unit.

A token of today's models costs less than a millionth, and SQLite keeps decimals as floating point: whole
numbers are added up exactly on every database.
"""

from decimal import ROUND_HALF_EVEN, Decimal

NANO = 10**9


def to_nano(amount: Decimal) -> int:
    """Return an amount in billionths, rounded to the nearest."""
    return int((amount * NANO).to_integral_value(ROUND_HALF_EVEN))


def from_nano(nano: int) -> Decimal:
    """Return billionths as an amount."""
    return Decimal(nano) / NANO
