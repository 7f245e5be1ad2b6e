"""What a record says, in the languages of the desk."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from knowledge.models import Booking, Flight
from knowledge.records.facts import booking_fact, flight_fact
from tests.knowledge.flights import a_flight

UTC = ZoneInfo("UTC")


def test_delayed_flight_tells_both_times(flight: Flight) -> None:
    fact = flight_fact(flight, "en")
    assert fact.title == "Flight LW214 from Lisbon (LIS) to Madrid (MAD) on 21 November 2026"
    assert fact.text.splitlines()[1:6] == [
        "Status: delayed by 60 minutes (fog)",
        "Scheduled departure: 07:35 local time in Lisbon",
        "Scheduled arrival: 09:55 local time in Madrid",
        "New departure: 08:35 local time in Lisbon",
        "New arrival: 10:55 local time in Madrid",
    ]


def test_flight_speaks_spanish(flight: Flight) -> None:
    lines = flight_fact(flight, "es-MX").text.splitlines()
    assert lines[0] == "Vuelo LW214 de Lisboa (LIS) a Madrid (MAD) el 21 de noviembre de 2026"
    assert lines[1] == "Estado: con 60 minutos de retraso (fog)"


def test_unknown_language_gets_english(flight: Flight) -> None:
    assert flight_fact(flight, "fi") == flight_fact(flight, "en")


def test_flight_data_is_plain(flight: Flight) -> None:
    fact = flight_fact(flight, "en")
    assert (fact.key, fact.kind, fact.personal) == ("flight:LW214:2026-11-21", "flight", False)
    assert fact.data["delay_minutes"] == 60
    assert fact.data["departure"] == "2026-11-21T08:35:00+00:00"
    assert fact.data["arrival"] == "2026-11-21T10:55:00+01:00"


@pytest.mark.usefixtures("airports")
@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("scheduled", "scheduled"),
        ("on_time", "on time"),
        ("cancelled", "cancelled"),
        ("boarding", "boarding"),
        ("departed", "departed"),
        ("landed", "landed"),
        ("delayed", "delayed"),
    ],
)
def test_every_status_has_words(status: str, words: str) -> None:
    assert f"\nStatus: {words}\n" in flight_fact(a_flight(status=status), "en").text


@pytest.mark.usefixtures("airports")
def test_landed_flight_tells_real_times() -> None:
    landed = a_flight(
        status="landed",
        actual_departure=datetime(2026, 11, 21, 8, 0, tzinfo=UTC),
        actual_arrival=datetime(2026, 11, 21, 9, 10, tzinfo=UTC),
    )
    text = flight_fact(landed, "en").text
    assert "Status: landed, 25 minutes late" in text
    assert "Departed: 08:00 local time in Lisbon\nLanded: 10:10 local time in Madrid" in text


@pytest.mark.usefixtures("airports")
def test_arrival_on_another_day_names_it() -> None:
    night = a_flight(scheduled_arrival=datetime(2026, 11, 22, 0, 30, tzinfo=UTC))
    assert (
        "Scheduled arrival: 01:30 on 22 November 2026 local time in Madrid" in flight_fact(night, "en").text
    )


@pytest.mark.usefixtures("airports")
def test_offers_are_told_while_bookable() -> None:
    offers = {"seats": {"economy": 18}, "prices": {"economy": 89}, "currency": "EUR"}
    text = flight_fact(a_flight(**offers), "en").text
    assert text.endswith("Free seats: economy 18\nPrice from: economy 89 EUR")
    assert "Free seats" not in flight_fact(a_flight("LW215", **offers, status="cancelled"), "en").text


def test_booking_tells_flights_and_people(booking: Booking) -> None:
    fact = booking_fact(Booking.objects.with_everything().get(), "en")
    assert fact.key == "booking:K7PQ2M" and fact.personal
    lines = fact.text.splitlines()
    assert lines[:4] == [
        "Booking K7PQ2M",
        "Booking status: confirmed",
        "Flight LW214 from Lisbon (LIS) to Madrid (MAD) on 21 November 2026",
        "Status: delayed by 60 minutes (fog)",
    ]
    assert lines[-5:] == [
        "Cabin: economy",
        "Fare: Flex",
        "Passengers: Alice Moreno",
        "Checked bags: 1",
        "Travel insurance: no",
    ]
    assert fact.data["flights"][0]["key"] == "flight:LW214:2026-11-21"


def test_booking_speaks_spanish(booking: Booking) -> None:
    booking.status = Booking.Status.CANCELLED
    lines = booking_fact(booking, "es").text.splitlines()
    assert lines[:2] == ["Reserva K7PQ2M", "Estado de la reserva: cancelada"]
    assert "Cabina: turista" in lines


def test_booking_on_an_unknown_flight_keeps_its_plan(booking: Booking, flight: Flight) -> None:
    flight.delete()
    fact = booking_fact(Booking.objects.with_everything().get(), "en")
    assert "Flight LW214 from Lisbon (LIS) to Madrid (MAD) on 21 November 2026" in fact.text
    assert fact.data["flights"][0]["status"] is None
