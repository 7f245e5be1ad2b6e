"""Load the sample airline: people, flights around today, bookings on them, and its policies.

Everything is kept by name (user, flight number and date, reference, slug), so loading again moves flights and
bookings to the new day and doubles nothing. Policies that the staff have changed since are left alone.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from knowledge.documents.importing import Report, import_folder
from knowledge.models import Airport, Booking, Flight, LoadedSet, Passenger, Segment
from knowledge.records.airports import known_airport

FOLDER = Path(__file__).with_name("sample")
NAME = "sample"
NOTE = "Sample policy"
FIRST_DAY, LAST_DAY = -2, 14  # days from today with flights
BOOKED_BEFORE = timedelta(days=30)

Row = Mapping[str, Any]
Status = Flight.Status


def is_loaded(now: datetime | None = None) -> bool:
    """Say whether the sample, as its files are now, has been loaded for the day of ``now``."""
    today = timezone.localdate(now)
    return LoadedSet.objects.filter(name=NAME, digest=_digest(), loaded_for=today).exists()


def load(now: datetime | None = None) -> Report:
    """Load the sample for the day of ``now`` and return what became of the policies."""
    now = now or timezone.now()
    flights = _read("flights.json")
    _load_people(_read("people.json"))
    with transaction.atomic():
        _load_airports(flights["airports"])
        _load_flights(flights, now)
        _load_bookings(_read("bookings.json"), flights["routes"], now)
    report = import_folder(FOLDER / "policies", note=NOTE, keep_edited=True)
    LoadedSet.objects.update_or_create(
        name=NAME, defaults={"digest": _digest(), "loaded_for": timezone.localdate(now)}
    )
    return report


def _read(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def _digest() -> str:
    digest = hashlib.sha256()
    for path in sorted(FOLDER.rglob("*.*")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def _load_people(rows: list[Row]) -> None:
    """Make the people who are not there yet; nobody's password or name is changed."""
    user_model = get_user_model()
    for row in rows:
        details = {key: value for key, value in row.items() if key not in ("username", "password")}
        user_model.objects.get_or_create(
            username=row["username"],
            defaults=details | {"password": partial(make_password, row["password"])},
        )


def _load_airports(rows: Mapping[str, Row]) -> None:
    for code, row in rows.items():
        city_es = known_airport(code, time_zone=row["time_zone"]).city_es
        Airport.objects.update_or_create(code=code, defaults={**row, "city_es": city_es})


def _load_flights(sample: Row, now: datetime) -> None:
    """Bring the sample's flights to the days around today, and drop those of days gone by."""
    flights = list(_flights(sample, now))
    told = [field.name for field in Flight._meta.concrete_fields if not field.primary_key]
    Flight.objects.bulk_create(
        flights,
        update_conflicts=True,
        unique_fields=["number", "date"],
        update_fields=[name for name in told if name not in ("number", "date")],
    )
    numbers = {route["number"] for route in sample["routes"]}
    days = {flight.date for flight in flights}
    Flight.objects.filter(number__in=numbers).exclude(date__in=days).delete()


def _flights(sample: Row, now: datetime) -> Iterator[Flight]:
    zones = {code: ZoneInfo(row["time_zone"]) for code, row in sample["airports"].items()}
    currency = sample["airline"].get("currency", "EUR")
    exceptions = {(row["number"], row["day"]): row for row in sample["exceptions"]}
    today = timezone.localdate(now)
    for day in range(FIRST_DAY, LAST_DAY + 1):
        on = today + timedelta(days=day)
        for route in sample["routes"]:
            if str(on.isoweekday()) not in route["days"]:
                continue
            flight = _planned(route, on, zones[route["origin"]])
            flight.currency = currency
            _let_happen(flight, exceptions.get((route["number"], day), {}), now)
            yield flight


def _planned(route: Row, on: date, zone: ZoneInfo) -> Flight:
    departure = datetime.combine(on, time.fromisoformat(route["departs"]), zone).astimezone(ZoneInfo("UTC"))
    return Flight(
        number=route["number"],
        date=on,
        origin_id=route["origin"],
        destination_id=route["destination"],
        scheduled_departure=departure,
        scheduled_arrival=departure + timedelta(minutes=route["minutes"]),
        **{name: route[name] for name in ("terminal", "gate", "aircraft", "seats", "prices")},
    )


def _let_happen(flight: Flight, exception: Row, now: datetime) -> None:
    """Give the flight the state it has at ``now``, after its exception if it has one."""
    delay = timedelta(minutes=exception.get("delay_minutes", 0))
    flight.gate = exception.get("gate") or flight.gate
    flight.delay_reason = exception.get("reason", "")
    departure, arrival = flight.scheduled_departure + delay, flight.scheduled_arrival + delay
    today = timezone.localdate(now)
    if exception.get("status") == Status.CANCELLED:
        flight.status = Status.CANCELLED
    elif delay and flight.date >= today:
        # Today's delays stay on show all day, whatever the hour the sample is loaded at.
        flight.status = Status.DELAYED
        flight.estimated_departure, flight.estimated_arrival = departure, arrival
    elif arrival <= now:
        flight.status, flight.actual_departure, flight.actual_arrival = Status.LANDED, departure, arrival
    elif departure <= now:
        flight.status, flight.actual_departure = Status.DEPARTED, departure
    else:
        usual = Status.ON_TIME if flight.date <= today else Status.SCHEDULED
        flight.status = exception.get("status", usual)


def _load_bookings(rows: list[Row], routes: list[Row], now: datetime) -> None:
    routes_by_number = {route["number"]: route for route in routes}
    owners = {
        user.get_username(): user
        for user in get_user_model().objects.filter(
            username__in=[row["owner"] for row in rows if row["owner"]]
        )
    }
    for row in rows:
        details = {
            name: row[name]
            for name in ("contact_email", "cabin", "fare", "status", "checked_bags", "insurance")
        }
        booking, _ = Booking.objects.update_or_create(
            reference=row["reference"],
            defaults=details | {"owner": owners.get(row["owner"]), "created_at": now - BOOKED_BEFORE},
        )
        _load_travel(booking, row, routes_by_number, timezone.localdate(now))


def _load_travel(booking: Booking, row: Row, routes: Mapping[str, Row], today: date) -> None:
    booking.segments.all().delete()
    booking.passengers.all().delete()
    segments = []
    for position, part in enumerate(row["segments"], start=1):
        route, on = routes[part["number"]], today + timedelta(days=part["day"])
        segments.append(
            Segment(
                booking=booking,
                position=position,
                flight=Flight.objects.filter(number=part["number"], date=on).first(),
                number=part["number"],
                date=on,
                origin_id=route["origin"],
                destination_id=route["destination"],
                price=route["prices"][row["cabin"]],
            )
        )
    Segment.objects.bulk_create(segments)
    people = enumerate(row["passengers"], start=1)
    Passenger.objects.bulk_create(Passenger(booking=booking, position=n, **person) for n, person in people)
