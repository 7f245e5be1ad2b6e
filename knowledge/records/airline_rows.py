"""One row of an airline's export to unsaved records. A row that is wrong raises while it is read.

Every function raises RecordRefused, ValidationError, KeyError, TypeError, ValueError or AttributeError for a
row that does not have the shape; ``airline_files`` turns all of them into a line of its report.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import AbstractBaseUser

from knowledge.errors import RecordRefused
from knowledge.models import Booking, Flight, Passenger, Segment

Row = Mapping[str, Any]

ZONE_NAME = "Etc/GMT+5"  # five hours behind UTC all year, as the files mean it
_ZONE = ZoneInfo(ZONE_NAME)
_CODE = re.compile(r"[A-Z]{3,4}")
_CLOCK = re.compile(r"(\d\d:\d\d:\d\d)(?:\+(\d))?")
_STATUSES = {
    "available": Flight.Status.SCHEDULED,
    "on time": Flight.Status.ON_TIME,
    "delayed": Flight.Status.DELAYED,
    "cancelled": Flight.Status.CANCELLED,
    "flying": Flight.Status.DEPARTED,
    "landed": Flight.Status.LANDED,
}
_MOMENTS = ("estimated_departure", "estimated_arrival", "actual_departure", "actual_arrival")


@dataclass(frozen=True, slots=True)
class BookingRow:
    """A reservation: the booking and what belongs to it, unsaved, and the customer's id."""

    booking: Booking
    customer_id: str
    segments: list[Segment]
    passengers: list[Passenger]


def airport_code(row: Row, key: str) -> str:
    """Return the airport code under ``key``."""
    code = row[key]
    if not _CODE.fullmatch(code):
        raise RecordRefused("airport", f"“{key}: {code}” is no airport code.")
    return code


def flight_of(number: str, route: Row, day: str, state: Row) -> Flight:
    """Return the flight ``number`` on ``day`` from its route and that day's state."""
    if state["status"] not in _STATUSES:
        raise RecordRefused("status", f"The status “{state['status']}” is unknown.")
    on = date.fromisoformat(day)
    flight = Flight(
        number=number,
        date=on,
        origin_id=airport_code(route, "origin"),
        destination_id=airport_code(route, "destination"),
        scheduled_departure=_at(on, route["scheduled_departure_time_est"]),
        scheduled_arrival=_at(on, route["scheduled_arrival_time_est"]),
        status=_STATUSES[state["status"]],
        seats=dict(state.get("available_seats") or {}),
        prices=dict(state.get("prices") or {}),
        **{name: _moment(state.get(f"{name}_time_est")) for name in _MOMENTS},
    )
    if flight.scheduled_arrival <= flight.scheduled_departure:
        raise RecordRefused("times", "It would arrive before it departs.")
    flight.clean_fields(exclude=["origin", "destination"])
    return flight


def user_of(username: str, row: Row) -> AbstractBaseUser:
    """Return the customer ``username``, who cannot sign in by password."""
    user = get_user_model()(
        username=username,
        email=row["email"].strip(),
        first_name=row["name"]["first_name"],
        last_name=row["name"]["last_name"],
        password=make_password(None),
    )
    if not user.email:
        raise RecordRefused("email", "There is no e-mail address.")
    user.clean_fields()
    return user


def booking_of(reference: str, row: Row) -> BookingRow:
    """Return a reservation with its flights and travellers. What paid for it is not read."""
    booking = Booking(
        reference=reference,
        customer_id=row["user_id"],
        cabin=row["cabin"],
        checked_bags=row["total_baggages"],
        insurance={"yes": True, "no": False}[row["insurance"]],
        created_at=_moment(row["created_at"]),
    )
    booking.clean_fields(exclude=["owner"])
    if not row["flights"] or not row["passengers"]:
        raise RecordRefused("empty", "It has no flight or no passenger.")
    return BookingRow(
        booking,
        row["user_id"],
        [_segment(position, segment) for position, segment in enumerate(row["flights"], start=1)],
        [_passenger(position, person) for position, person in enumerate(row["passengers"], start=1)],
    )


def _segment(position: int, row: Row) -> Segment:
    segment = Segment(
        position=position,
        number=row["flight_number"],
        date=date.fromisoformat(row["date"]),
        origin_id=airport_code(row, "origin"),
        destination_id=airport_code(row, "destination"),
        price=Decimal(str(row["price"])),
    )
    segment.clean_fields(exclude=["booking", "flight", "origin", "destination"])
    return segment


def _passenger(position: int, row: Row) -> Passenger:
    passenger = Passenger(
        position=position,
        first_name=row["first_name"],
        last_name=row["last_name"],
        date_of_birth=date.fromisoformat(row["dob"]),
    )
    passenger.clean_fields(exclude=["booking"])
    return passenger


def _at(on: date, clock: str) -> datetime:
    """Return the moment of ``06:00:00`` or, a day later, ``01:30:00+1``."""
    match = _CLOCK.fullmatch(clock)
    if not match:
        raise RecordRefused("time", f"“{clock}” is no time such as 06:00:00 or 01:30:00+1.")
    later = timedelta(days=int(match.group(2) or 0))
    return datetime.combine(on, time.fromisoformat(match.group(1)), _ZONE) + later


def _moment(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value).replace(tzinfo=_ZONE) if value else None
