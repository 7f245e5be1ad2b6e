"""Flights for everybody who signed in, bookings for their owner only."""

from base64 import b64encode
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from knowledge.models import Booking, Passenger, Segment
from tests.knowledge.api.conftest import client_of
from tests.knowledge.flights import DAY, a_flight

pytestmark = pytest.mark.django_db
FLIGHTS, BOOKINGS = "/api/v1/flights/", "/api/v1/bookings/"


@pytest.fixture
def bookings(airports, alice, bob):
    """One booking of Alice's with two flights, one of which nobody knows; and one of Bob's."""
    hers = Booking.objects.create(reference="K7PQ2M", owner=alice, cabin="economy", checked_bags=1)
    Booking.objects.create(reference="BOBS1", owner=bob, cabin="economy", status="cancelled")
    flight = a_flight(delay_minutes=50)
    for position, number, known in ((1, "LW214", flight), (2, "LW999", None)):
        Segment.objects.create(
            booking=hers, position=position, number=number, date=DAY, origin_id="LIS", destination_id="MAD",
            flight=known,
        )  # fmt: skip
    Passenger.objects.create(booking=hers, position=1, first_name="Alice", last_name="Moreno")
    return hers


def numbers(client, **query):
    answer = client.get(FLIGHTS, query)
    assert answer.status_code == 200, answer.json()
    return [flight["number"] for flight in answer.json()["results"]]


def test_flight_is_shown_by_the_clocks_of_its_airports(airports, bobs):
    a_flight(delay_minutes=50)
    flight = bobs.get(f"{FLIGHTS}lw 214/{DAY}/").json()
    assert (flight["number"], flight["status"], flight["delay_minutes"]) == ("LW214", "delayed", 50)
    assert flight["origin"]["city"] == "Lisbon"
    assert flight["scheduled_departure"].startswith("2026-11-21T07:35")
    assert flight["departure"].startswith("2026-11-21T08:25")


@pytest.mark.parametrize(
    "path", ["LW214/2026-11-22/", "LW1/2026-11-21/", "LW214/tomorrow/", "LW214/2026-99-99/"]
)
def test_unknown_flight_is_not_there(airports, bobs, path):
    a_flight()
    answer = bobs.get(FLIGHTS + path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_flights_are_filtered(airports, bobs):
    a_flight("LW1")
    a_flight("LW2", DAY + timedelta(days=1), status="cancelled")
    a_flight("LW3", origin_id="MAD", destination_id="LIS")
    assert numbers(bobs) == ["LW1", "LW3", "LW2"]
    assert numbers(bobs, number="lw 1") == ["LW1"]
    assert numbers(bobs, date=str(DAY)) == ["LW1", "LW3"]
    assert numbers(bobs, origin="Lisbon") == ["LW1", "LW2"]
    assert numbers(bobs, origin="LIS", status="cancelled") == ["LW2"]
    assert numbers(bobs, destination="lis") == ["LW3"]
    assert numbers(bobs, origin="Atlantis") == []


@pytest.mark.parametrize("query", [{"date": "soon"}, {"status": "lost"}, {"number": "x" * 13}])
def test_bad_filter_is_a_problem(airports, bobs, query):
    answer = bobs.get(FLIGHTS, query)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_flights_come_in_pages(airports, bobs, django_assert_max_num_queries):
    for n in range(51):
        a_flight(f"LW{n:03}", DAY + timedelta(days=n))
    with django_assert_max_num_queries(1):
        first = bobs.get(FLIGHTS).json()
    assert [flight["number"] for flight in bobs.get(first["next"]).json()["results"]] == ["LW050"]


@pytest.mark.parametrize(
    "position", ["100", "LW214", "2026-13-45", "\ud83d".encode("utf-8", "replace").decode()]
)
def test_cursor_of_another_list_is_not_there(airports, bobs, position):
    a_flight()
    cursor = b64encode(urlencode({"p": position}).encode()).decode()
    answer = bobs.get(FLIGHTS, {"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_own_bookings_are_listed_with_everything(bookings, alice, bobs):
    [booking] = client_of(alice).get(BOOKINGS).json()["results"]
    assert (booking["reference"], booking["checked_bags"]) == ("K7PQ2M", 1)
    known, unknown = booking["flights"]
    assert (known["flight"]["status"], unknown["flight"], unknown["number"]) == ("delayed", None, "LW999")
    assert booking["passengers"] == [{"first_name": "Alice", "last_name": "Moreno"}]
    assert [one["reference"] for one in bobs.get(BOOKINGS).json()["results"]] == ["BOBS1"]
    assert bobs.get(BOOKINGS, {"status": "confirmed"}).json()["results"] == []


def test_booking_is_found_by_its_owner_only(bookings, alice, bobs, carols):
    mine = client_of(alice).get(f"{BOOKINGS}k7pq2m/")
    his, nobodys, staffs = (
        bobs.get(f"{BOOKINGS}K7PQ2M/"),
        bobs.get(f"{BOOKINGS}NONE1/"),
        carols.get(f"{BOOKINGS}K7PQ2M/"),
    )
    assert mine.json()["reference"] == "K7PQ2M"
    assert his.status_code == nobodys.status_code == staffs.status_code == 404
    assert his.json() == nobodys.json()


def test_bookings_take_a_fixed_number_of_queries(bookings, alice, django_assert_max_num_queries):
    for n in range(5):
        Booking.objects.create(reference=f"MORE{n}", owner=alice, cabin="economy")
    with django_assert_max_num_queries(9):
        client_of(alice).get(BOOKINGS)


def test_nobody_sees_records_without_signing_in(airports):
    for url in (FLIGHTS, BOOKINGS):
        assert client_of(None).get(url).status_code == 401
