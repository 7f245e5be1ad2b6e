"""What a text names."""

import pytest

from accounts.models import User
from knowledge.models import Booking, Flight
from knowledge.records import booking_references_in, flight_numbers_in, places_in


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Is LW214 late?", ["LW214"]),
        ("is lw214 late", ["LW214"]),
        ("LW 214 and LW-215, then LW214", ["LW214", "LW215"]),
        ("flight LW9999", ["LW9999"]),
        ("EUR 200 or EUR200, in 24 hours, A320", []),
        ("XLW214 LW21456 LW214X", []),
        ("", []),
    ],
)
def test_flight_numbers(flight: Flight, text: str, numbers: list[str]) -> None:
    assert flight_numbers_in(text) == numbers


@pytest.mark.parametrize(
    ("text", "references"),
    [
        ("My booking is K7PQ2M.", ["K7PQ2M"]),
        ("booking k7pq2m please", ["K7PQ2M"]),
        ("Reference QXMRTB and 4WQ150", ["QXMRTB", "4WQ150"]),
        ("HAT001", ["HAT001"]),
        ("please refund my ticket today", []),
        ("PLEASE REFUND MY TICKET", []),
        ("call 123456", []),
        ("K7PQ2M7 or K7PQ2", []),
    ],
)
def test_booking_references(db: None, text: str, references: list[str]) -> None:
    assert booking_references_in(text) == references


@pytest.mark.parametrize("text", ["it is qxmrtb", "MY BOOKING IS QXMRTB"])
def test_doubtful_reference_counts_for_its_owner_only(alice: User, bob: User, text: str) -> None:
    Booking.objects.create(reference="QXMRTB", owner=alice, cabin="economy")
    assert booking_references_in(text, alice.pk) == ["QXMRTB"]
    assert booking_references_in(text, bob.pk) == []
    assert booking_references_in(text) == []


@pytest.mark.usefixtures("airports")
@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("from Lisbon to Madrid", ["Lisbon", "Madrid"]),
        ("de madrid a lisboa", ["Madrid", "Lisbon"]),
        ("LIS-BOS", ["LIS", "BOS"]),
        ("I am mad about bos", []),
        ("Madridian lisbone", []),
        ("Lisbon, LISBON, lisbon", ["Lisbon"]),
    ],
)
def test_places(text: str, places: list[str]) -> None:
    assert places_in(text) == places
