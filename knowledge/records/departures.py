"""When one person travels next, by the records."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models.functions import Coalesce

from knowledge.models import Booking
from knowledge.models.records import Segment

MOST_DEPARTURES = 20


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
    found = (
        Segment.objects.filter(
            booking__owner_id=user_id,
            booking__status=Booking.Status.CONFIRMED,
            # By an indexed column first; a delay moves a flight by less than a day.
            flight__date__range=(since.date() - timedelta(days=2), until.date() + timedelta(days=1)),
        )
        .annotate(
            at=Coalesce(
                "flight__actual_departure", "flight__estimated_departure", "flight__scheduled_departure"
            )
        )
        .filter(at__range=(since, until))
        .order_by("at")
    )
    rows = found.values_list("booking__reference", "number", "at")[:MOST_DEPARTURES]
    return [Departure(*row) for row in rows]
