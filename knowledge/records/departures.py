"""When one person travels next, by the records."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from knowledge.models import Booking
from knowledge.models.records import Segment

MOST_DEPARTURES = 20
# Flights leave on their date at the airport, which is a day off at most elsewhere; and some leave late.
_AROUND = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Departure:
    """One flight that a person has booked.

    Attributes:
        at: the best known time.
    """

    reference: str
    flight: str
    at: datetime


def departures_of(user_id: int, since: datetime, until: datetime) -> list[Departure]:
    """Return the flights on a person's own bookings that depart between the two, the soonest first.

    A cancelled flight counts at the time it should have left: whoever was to be on it is in a hurry.
    """
    rows = (
        Segment.objects.filter(
            booking__owner_id=user_id,
            booking__status=Booking.Status.CONFIRMED,
            date__range=(since.date() - _AROUND, until.date() + _AROUND),
            flight__isnull=False,
        )
        .order_by()
        .values_list(
            "booking__reference",
            "number",
            "flight__actual_departure",
            "flight__estimated_departure",
            "flight__scheduled_departure",
        )[:MOST_DEPARTURES]
    )
    known = (Departure(reference, number, next(filter(None, times))) for reference, number, *times in rows)
    return sorted((one for one in known if since <= one.at <= until), key=lambda one: one.at)
