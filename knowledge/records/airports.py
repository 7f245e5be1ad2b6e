"""The airports that loaded records name, with cities and time zones from a small built-in list."""

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from knowledge.models import Airport


def known_airport(code: str, *, time_zone: str) -> Airport:
    """Return the airport ``code``, unsaved; one that the list does not have is named by its code."""
    name, city, city_es, zone = _known().get(code, (code, code, "", time_zone))
    return Airport(code=code, name=name, city=city, city_es=city_es, time_zone=zone)


def ensure_airports(codes: Iterable[str], *, time_zone: str) -> None:
    """Save the airports that the database does not have yet; ``time_zone`` is for those not in the list."""
    airports = [known_airport(code, time_zone=time_zone) for code in sorted(set(codes))]
    Airport.objects.bulk_create(airports, ignore_conflicts=True)


@cache
def _known() -> dict[str, tuple[str, str, str, str]]:
    rows = json.loads(Path(__file__).with_name("airports.json").read_text(encoding="utf-8"))
    return {code: tuple(row) for code, row in rows.items()}
