"""Load an airline's exports: ``users.json``, ``flights.json`` and ``reservations.json`` of one folder.

Each file is one JSON object with a row a key. Flights are listed by number with their dates, and all times
are Eastern Standard Time without saying so. A row that cannot be taken is listed, and stops no other.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Lower

from knowledge.errors import RecordRefused
from knowledge.models import Booking, Flight, Passenger, Segment
from knowledge.records.airline_rows import ZONE_NAME, BookingRow, booking_of, flight_of, user_of
from knowledge.records.airports import ensure_airports

BATCH = 500
_KEY = ["number", "date"]
# What the files do not tell (gate, reason, …) stays as the staff entered it.
_FLIGHT_FIELDS = [
    *("origin", "destination", "scheduled_departure", "scheduled_arrival", "estimated_departure"),
    *("estimated_arrival", "actual_departure", "actual_arrival", "status", "seats", "prices"),
]
_BOOKING_FIELDS = [
    "owner",
    "customer_id",
    "contact_email",
    "cabin",
    "checked_bags",
    "insurance",
    "created_at",
]
_Built = TypeVar("_Built")


@dataclass(slots=True)
class Report:
    """How many rows of each kind were taken, and those that were not: file, key and reason."""

    taken: dict[str, int] = field(default_factory=dict)
    refused: list[tuple[str, str, str]] = field(default_factory=list)

    def refuse(self, file: str, key: str, reason: str) -> None:
        """List a row, or with an empty key the whole file."""
        self.refused.append((file, key, reason))

    def attempt(self, file: str, key: str, build: Callable[..., _Built], *values: object) -> _Built | None:
        """Return what ``build`` makes of ``values``, or list the row with the reason and return None."""
        try:
            return build(*values)
        except RecordRefused as refusal:
            reason = refusal.words
        except ValidationError as error:
            reason = "; ".join(f"{name}: {' '.join(texts)}" for name, texts in error.message_dict.items())
        except KeyError as error:
            reason = f"“{error.args[0]}” is missing or unknown."
        except (TypeError, ValueError, ArithmeticError, AttributeError) as error:
            reason = f"It has not the expected shape: {error}."
        self.refuse(file, key, reason)
        return None


def import_airline_files(folder: Path) -> Report:
    """Load customers, flights and reservations from ``folder``; running it again changes nothing twice.

    Customers become users without a usable password, named by their id. Raises NotADirectoryError.
    """
    if not folder.is_dir():
        raise NotADirectoryError(f"there is no folder {folder}")
    report = Report()
    report.taken["customers"] = _import_users(_rows(folder / "users.json", report), report)
    report.taken["flights"] = _import_flights(_rows(folder / "flights.json", report), report)
    report.taken["bookings"] = _import_bookings(_rows(folder / "reservations.json", report), report)
    return report


def _rows(path: Path, report: Report) -> dict[str, Any]:
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        report.refuse(path.name, "", "The file is missing.")
    except (OSError, ValueError) as error:
        report.refuse(path.name, "", f"It cannot be read: {error}.")
    else:
        if isinstance(rows, dict):
            return rows
        report.refuse(path.name, "", "It is no JSON object with one row a key.")
    return {}


def _batches(rows: Iterable[_Built]) -> Iterator[list[_Built]]:
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        yield batch


def _import_users(rows: dict[str, Any], report: Report) -> int:
    user_model, file, taken = get_user_model(), "users.json", 0
    for batch in _batches(rows.items()):
        known = set(user_model.objects.filter(username__in=dict(batch)).values_list("username", flat=True))
        built = [report.attempt(file, key, user_of, key, row) for key, row in batch if key not in known]
        users = [user for user in built if user]
        used = _used_addresses([user.email.lower() for user in users])
        new = []
        for user in users:
            if user.email.lower() in used:
                report.refuse(file, user.username, f"{user.email} is the address of another user.")
            else:
                used.add(user.email.lower())
                new.append(user)
        user_model.objects.bulk_create(new)
        taken += len(known) + len(new)
    return taken


def _used_addresses(addresses: Sequence[str]) -> set[str]:
    """Return those of ``addresses`` (in lower case) that users have, however they are written."""
    users = get_user_model().objects.annotate(address=Lower("email")).filter(address__in=addresses)
    return set(users.values_list("address", flat=True))


def _import_flights(rows: dict[str, Any], report: Report) -> int:
    taken = 0
    for batch in _batches(_flights(rows, report)):
        ensure_airports(
            (code for flight in batch for code in (flight.origin_id, flight.destination_id)),
            time_zone=ZONE_NAME,
        )
        Flight.objects.bulk_create(
            batch, update_conflicts=True, unique_fields=_KEY, update_fields=_FLIGHT_FIELDS
        )
        taken += len(batch)
    return taken


def _flights(rows: dict[str, Any], report: Report) -> Iterator[Flight]:
    file = "flights.json"
    for number, route in rows.items():
        days = report.attempt(file, number, lambda route: route["dates"].items(), route)
        for day, state in days or ():
            flight = report.attempt(file, f"{number} {day}", flight_of, number, route, day, state)
            if flight:
                yield flight


def _import_bookings(rows: dict[str, Any], report: Report) -> int:
    file, taken = "reservations.json", 0
    for batch in _batches(rows.items()):
        built = [report.attempt(file, key, booking_of, key, row) for key, row in batch]
        found = _without_foreign([row for row in built if row], report)
        _save_bookings(found)
        taken += len(found)
    return taken


def _without_foreign(rows: Sequence[BookingRow], report: Report) -> list[BookingRow]:
    """Drop the rows whose reference is another customer's booking, which they would take over."""
    references = [row.booking.reference for row in rows]
    known = dict(Booking.objects.filter(reference__in=references).values_list("reference", "customer_id"))
    own = [row for row in rows if known.get(row.booking.reference, row.customer_id) == row.customer_id]
    for row in rows:
        if row not in own:
            report.refuse("reservations.json", row.booking.reference, "Another customer has this reference.")
    return own


@transaction.atomic
def _save_bookings(rows: Sequence[BookingRow]) -> None:
    """Save bookings with their owners; flights and travellers are replaced as a whole."""
    owners = get_user_model().objects.filter(username__in={row.customer_id for row in rows})
    owners = {owner.get_username(): owner for owner in owners}
    for row in rows:
        row.booking.owner = owners.get(row.customer_id)
        row.booking.contact_email = row.booking.owner.email if row.booking.owner else ""
    Booking.objects.bulk_create(
        [row.booking for row in rows],
        update_conflicts=True,
        unique_fields=["reference"],
        update_fields=_BOOKING_FIELDS,
    )
    saved = Booking.objects.in_bulk([row.booking.reference for row in rows], field_name="reference")
    Segment.objects.filter(booking__in=saved.values()).delete()
    Passenger.objects.filter(booking__in=saved.values()).delete()
    segments = [segment for row in rows for segment in row.segments]
    flights = _flights_of(segments)
    ensure_airports(
        (code for segment in segments for code in (segment.origin_id, segment.destination_id)),
        time_zone=ZONE_NAME,
    )
    for row in rows:
        for part in (*row.segments, *row.passengers):
            part.booking = saved[row.booking.reference]
        for segment in row.segments:
            segment.flight = flights.get((segment.number, segment.date))
    Segment.objects.bulk_create(segments)
    Passenger.objects.bulk_create([person for row in rows for person in row.passengers])


def _flights_of(segments: Sequence[Segment]) -> dict[tuple[str, object], Flight]:
    numbers, dates = {segment.number for segment in segments}, {segment.date for segment in segments}
    flights = Flight.objects.filter(number__in=numbers, date__in=dates).only("pk", "number", "date")
    return {(flight.number, flight.date): flight for flight in flights}
