"""An airline's exports into records."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from knowledge.models import Booking, Flight, Passenger, Segment
from knowledge.records import find_bookings
from knowledge.records.airline_files import Report, import_airline_files

FLIGHTS: dict[str, Any] = {
    "HAT001": {
        "origin": "PHL",
        "destination": "LGA",
        "scheduled_departure_time_est": "23:30:00",
        "scheduled_arrival_time_est": "00:30:00+1",
        "dates": {
            "2024-05-01": {
                "status": "landed",
                "actual_departure_time_est": "2024-05-01T23:56:00",
                "actual_arrival_time_est": "2024-05-02T00:58:00",
            },
            "2024-05-16": {
                "status": "available",
                "available_seats": {"economy": 4},
                "prices": {"economy": 122},
            },
        },
    }
}
USERS: dict[str, Any] = {
    "mia_li_3668": {
        "name": {"first_name": "Mia", "last_name": "Li"},
        "email": "mia.li3818@example.com",
        "payment_methods": {"credit_card_1": {"last_four": "7447"}},
    }
}
RESERVATIONS: dict[str, Any] = {
    "NO6JO3": {
        "user_id": "mia_li_3668",
        "cabin": "basic_economy",
        "flights": [
            {
                "origin": "PHL",
                "destination": "LGA",
                "flight_number": "HAT001",
                "date": "2024-05-16",
                "price": 122,
            }
        ],
        "passengers": [{"first_name": "Mia", "last_name": "Li", "dob": "1990-04-05"}],
        "payment_history": [{"payment_id": "credit_card_1", "amount": 122}],
        "created_at": "2024-05-02T03:10:19",
        "total_baggages": 1,
        "insurance": "yes",
    }
}


def write(folder: Path, **files: Any) -> Path:
    """Write the exports, with some of them replaced."""
    for name, rows in ({"flights": FLIGHTS, "users": USERS, "reservations": RESERVATIONS} | files).items():
        (folder / f"{name}.json").write_text(json.dumps(rows))
    return folder


def load(folder: Path, **files: Any) -> Report:
    return import_airline_files(write(folder, **files))


pytestmark = pytest.mark.django_db


def test_everything_is_taken(tmp_path: Path) -> None:
    report = load(tmp_path)
    assert report.taken == {"customers": 1, "flights": 2, "bookings": 1}
    assert report.refused == []


def test_times_are_eastern_standard(tmp_path: Path) -> None:
    load(tmp_path)
    flight = Flight.objects.get(date="2024-05-01")
    assert flight.scheduled_departure == datetime(2024, 5, 2, 4, 30, tzinfo=UTC)
    assert flight.scheduled_arrival == datetime(2024, 5, 2, 5, 30, tzinfo=UTC)
    assert (flight.status, flight.delay_minutes) == ("landed", 26)


def test_airports_are_known_by_city(tmp_path: Path) -> None:
    load(tmp_path)
    assert str(Flight.objects.first().destination) == "New York (LGA)"


def test_customer_has_the_booking_and_no_password(tmp_path: Path) -> None:
    load(tmp_path)
    user = User.objects.get(username="mia_li_3668")
    assert not user.has_usable_password()
    fact = find_bookings(user.pk)[0]
    assert fact.data["flights"][0]["status"] == "scheduled"
    assert "Cabin: basic economy" in fact.text and "Travel insurance: yes" in fact.text


def test_nothing_of_the_payment_is_kept(tmp_path: Path) -> None:
    load(tmp_path)
    kept = json.dumps([*Booking.objects.values(), *User.objects.values()], default=str)
    assert "credit_card" not in kept and "7447" not in kept


def test_second_import_doubles_nothing(tmp_path: Path) -> None:
    load(tmp_path)
    load(tmp_path)
    counts = [model.objects.count() for model in (User, Flight, Booking, Segment, Passenger)]
    assert counts == [1, 2, 1, 1, 1]


def test_second_import_follows_the_files_but_keeps_the_staffs_words(tmp_path: Path) -> None:
    load(tmp_path)
    Flight.objects.update(gate="B7")
    cancelled = {"2024-05-16": {"status": "cancelled"}}
    load(tmp_path, flights={"HAT001": FLIGHTS["HAT001"] | {"dates": cancelled}})
    flight = Flight.objects.get(date="2024-05-16")
    assert (flight.status, flight.gate) == ("cancelled", "B7")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"origin": "Philadelphia"}, "no airport code"),
        ({"scheduled_departure_time_est": "6 am"}, "is no time"),
        ({"scheduled_arrival_time_est": "20:00:00"}, "arrive before"),
        ({"dates": {"2024-05-01": {"status": "lost"}}}, "“lost” is unknown"),
        ({"dates": {"2024-05-01": {}}}, "“status” is missing"),
        ({"dates": {"May 1": {"status": "cancelled"}}}, "expected shape"),
        ({"dates": ["2024-05-01"]}, "expected shape"),
    ],
)
def test_bad_flight_is_listed_and_the_rest_taken(tmp_path: Path, change: dict[str, Any], reason: str) -> None:
    report = load(tmp_path, flights={"BAD1": FLIGHTS["HAT001"] | change, **FLIGHTS})
    assert report.taken["flights"] == 2
    file, key, told = report.refused[0]
    assert file == "flights.json" and key.startswith("BAD1") and reason in told


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"cabin": None}, "cabin"),
        ({"insurance": "maybe"}, "maybe"),
        ({"total_baggages": -1}, "checked_bags"),
        ({"passengers": []}, "no passenger"),
        ({"passengers": [{"first_name": "Mia"}]}, "last_name"),
        ({"flights": [{"origin": "PHL"}]}, "flight_number"),
        ({"created_at": "yesterday"}, "expected shape"),
    ],
)
def test_bad_booking_is_listed_and_the_rest_taken(
    tmp_path: Path, change: dict[str, Any], reason: str
) -> None:
    report = load(tmp_path, reservations={"BAD001": RESERVATIONS["NO6JO3"] | change, **RESERVATIONS})
    assert report.taken["bookings"] == 1
    assert report.refused[0][:2] == ("reservations.json", "BAD001") and reason in report.refused[0][2]


def test_customers_with_one_address_are_listed(tmp_path: Path, alice: User) -> None:
    mia = USERS["mia_li_3668"]
    twins = {
        "twin_1": mia,
        "twin_2": mia,
        "alice_2": mia | {"email": "ALICE@example.com"},
        "none": mia | {"email": ""},
    }
    report = load(tmp_path, users=twins)
    assert report.taken["customers"] == 1
    assert sorted(key for file, key, _ in report.refused if file == "users.json") == [
        "alice_2",
        "none",
        "twin_2",
    ]


def test_somebody_elses_reference_is_not_taken_over(tmp_path: Path, alice: User) -> None:
    Booking.objects.create(reference="NO6JO3", owner=alice, cabin="business")
    report = load(tmp_path)
    assert report.refused == [("reservations.json", "NO6JO3", "Another customer has this reference.")]
    assert Booking.objects.get().owner == alice


def test_missing_and_broken_files_are_listed(tmp_path: Path) -> None:
    (tmp_path / "flights.json").write_text("{")
    (tmp_path / "users.json").write_text("[]")
    report = import_airline_files(tmp_path)
    assert [file for file, key, _ in report.refused] == ["users.json", "flights.json", "reservations.json"]


def test_command_tells_what_it_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("import_records", str(write(tmp_path, users={"bad": {}})))
    out, err = capsys.readouterr()
    assert out == "0 customers, 2 flights, 1 bookings; 1 refused.\n"
    assert err == "users.json: bad: “email” is missing or unknown.\n"


def test_command_names_a_missing_folder() -> None:
    with pytest.raises(CommandError, match="there is no folder"):
        call_command("import_records", "/no/such")
