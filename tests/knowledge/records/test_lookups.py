"""Finding flights and bookings."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from knowledge.models import Booking
from knowledge.records import find_bookings, find_flights, flights_between
from tests.knowledge.flights import DAY, a_flight

pytestmark = pytest.mark.usefixtures("airports")


def days_from_now(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


@pytest.mark.parametrize("number", ["LW214", "lw214", " LW 214", "LW-214"])
def test_flight_is_found_by_number_and_day(flight: object, number: str) -> None:
    assert [fact.key for fact in find_flights(number, DAY)] == ["flight:LW214:2026-11-21"]


@pytest.mark.parametrize(("number", "on"), [("LW999", DAY), ("LW214", DAY + timedelta(days=1)), ("", DAY)])
def test_unknown_flight_gives_nothing(flight: object, number: str, on: date) -> None:
    assert find_flights(number, on) == []


def test_without_a_day_the_next_two_come() -> None:
    for days in (3, 1, -3, 2):
        a_flight(day=days_from_now(days))
    assert [fact.data["date"] for fact in find_flights("LW214")] == [
        days_from_now(1).isoformat(),
        days_from_now(2).isoformat(),
    ]


def test_when_all_are_past_the_last_comes() -> None:
    for days in (-30, -3, -9):
        a_flight(day=days_from_now(days))
    assert [fact.data["date"] for fact in find_flights("LW214")] == [days_from_now(-3).isoformat()]


@pytest.mark.parametrize(
    ("origin", "destination"), [("LIS", "MAD"), ("lisboa", "Madrid"), ("Lisbon Airport", "mad")]
)
def test_route_is_found_by_code_or_city(flight: object, origin: str, destination: str) -> None:
    assert [fact.data["number"] for fact in flights_between(origin, destination, DAY)] == ["LW214"]


def test_unknown_place_gives_nothing(flight: object) -> None:
    assert flights_between("LIS", "Atlantis", DAY) == []


def test_route_without_a_day_shows_coming_flights() -> None:
    a_flight(day=days_from_now(-3))
    a_flight(day=days_from_now(2))
    assert [fact.data["date"] for fact in flights_between("LIS", "MAD")] == [days_from_now(2).isoformat()]


@pytest.mark.parametrize("reference", ["K7PQ2M", " k7pq2m ", None])
def test_alice_finds_her_booking(booking: Booking, alice: User, reference: str | None) -> None:
    assert [fact.key for fact in find_bookings(alice.pk, reference)] == ["booking:K7PQ2M"]


@pytest.mark.parametrize("reference", ["K7PQ2M", "NOSUCH", None])
def test_bob_finds_nothing_of_hers(booking: Booking, bob: User, reference: str | None) -> None:
    assert find_bookings(bob.pk, reference) == []


def test_booking_without_owner_is_nobodys(alice: User) -> None:
    Booking.objects.create(reference="ZKWRTB", cabin="economy")
    assert find_bookings(alice.pk) == []


def test_bookings_cost_a_fixed_number_of_queries(
    booking: Booking, alice: User, django_assert_max_num_queries: object
) -> None:
    with django_assert_max_num_queries(9):
        find_bookings(alice.pk)
