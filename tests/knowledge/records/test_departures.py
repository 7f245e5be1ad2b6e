"""When a person travels next: own bookings alone, at the best known time."""

from datetime import UTC, datetime, timedelta

import pytest

from knowledge.models import Airport, Booking, Flight
from knowledge.models.records import Segment
from knowledge.records import Departure, departures_of

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SOON = NOW + timedelta(hours=24)


def booked(owner, hours: float, *, reference: str = "K7PQ2M", number: str = "LW214", **flight) -> None:
    for code in ("LIS", "MAD"):
        Airport.objects.get_or_create(code=code, defaults={"name": code, "city": code})
    leaves = NOW + timedelta(hours=hours)
    status = flight.pop("booking_status", Booking.Status.CONFIRMED)
    places = {"origin_id": "LIS", "destination_id": "MAD"}
    flies = Flight.objects.create(
        number=number, date=leaves.date(), scheduled_departure=leaves, scheduled_arrival=leaves,
        **places, **flight,
    )  # fmt: skip
    booking = Booking.objects.create(reference=reference, owner=owner, cabin="economy", status=status)
    Segment.objects.create(
        booking=booking, position=1, flight=flies, number=number, date=leaves.date(), **places
    )


def test_own_departures_within_the_time(alice, bob):
    booked(alice, 5)
    booked(alice, 2, reference="AAAAA2", number="LW100")
    booked(alice, 30, reference="AAAAA3", number="LW300")
    booked(bob, 5, reference="BBBBB1", number="LW400")
    assert departures_of(alice.pk, NOW, SOON) == [
        Departure("AAAAA2", "LW100", NOW + timedelta(hours=2)),
        Departure("K7PQ2M", "LW214", NOW + timedelta(hours=5)),
    ]


def test_delay_moves_the_departure(alice):
    booked(alice, -2, estimated_departure=NOW + timedelta(hours=1))
    booked(alice, 1, reference="AAAAA2", number="LW100", actual_departure=NOW - timedelta(minutes=5))
    assert [one.flight for one in departures_of(alice.pk, NOW, SOON)] == ["LW214"]


def test_cancelled_flight_counts_and_cancelled_booking_does_not(alice):
    booked(alice, 3, status=Flight.Status.CANCELLED)
    booked(alice, 4, reference="AAAAA2", number="LW100", booking_status=Booking.Status.CANCELLED)
    assert [one.reference for one in departures_of(alice.pk, NOW, SOON)] == ["K7PQ2M"]


def test_one_query_at_most(alice, django_assert_num_queries):
    booked(alice, 3)
    with django_assert_num_queries(1):
        departures_of(alice.pk, NOW, SOON)
