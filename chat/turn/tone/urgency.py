"""Whether somebody travels soon, from the message, the dates in it and the person's own bookings."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from chat.turn.tone.reading import Reading
from knowledge.records import Departure

SOON: Final = timedelta(hours=24)


def is_urgent(
    reading: Reading, slots: Mapping[str, Any], departures: Iterable[Departure], *, today: date, now: datetime
) -> bool:
    """Tell whether travel is within 24 hours, or the message says that it presses.

    A day in the question decides before bookings do: today and tomorrow are near. A booking or flight that is
    named decides before the others.

    Args:
        reading: what the message says.
        slots: what it names.
        departures: the person's own, from now on.
        today: at the desk.
        now: with a time zone.
    """
    if reading.is_pressing:
        return True
    if "date" in slots:
        days = (date.fromisoformat(slots["date"]) - today).days
        return 0 <= days <= 1
    return any(now <= one.at <= now + SOON for one in _asked_about(slots, departures))


def _asked_about(slots: Mapping[str, Any], departures: Iterable[Departure]) -> Iterable[Departure]:
    if "booking" in slots:
        return [one for one in departures if one.reference == slots["booking"]]
    if "flight" in slots:
        return [one for one in departures if one.flight == slots["flight"]]
    return departures
