"""One flight or booking as plain lines that an answer may quote and cite."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from knowledge.models import Airport, Booking, Flight, Segment
from knowledge.records.wording import Wording

Status = Flight.Status


@dataclass(frozen=True, slots=True)
class Fact:
    """What one record says, in the asked language.

    Args:
        key: names the record: ``flight:LW214:2026-11-21`` or ``booking:K7PQ2M``.
        text: plain lines; times are local, with the city.
        personal: True for what belongs to one person, which must never reach another or a shared cache.
        data: the same as JSON-able values, for notices.
    """

    key: str
    kind: Literal["flight", "booking"]
    title: str
    text: str
    personal: bool
    data: dict[str, Any] = field(default_factory=dict)


def flight_fact(flight: Flight, language: str) -> Fact:
    """Return what is known of a flight, loaded with its airports."""
    wording = Wording(language)
    title = _flight_title(flight, wording)
    lines = [title, wording.say("status", status=_status(flight, wording)), *_times(flight, wording)]
    named = {"terminal": flight.terminal, "gate": flight.gate, "aircraft": flight.aircraft}
    lines += [wording.say(name, value=value) for name, value in named.items() if value]
    lines += _offers(flight, wording)
    return Fact(
        _flight_key(flight), "flight", title, "\n".join(lines), personal=False, data=_flight_data(flight)
    )


def booking_fact(booking: Booking, language: str) -> Fact:
    """Return what is known of a booking, loaded with everything."""
    wording = Wording(language)
    title = wording.say("booking", reference=booking.reference)
    cancelled = booking.status == Booking.Status.CANCELLED
    status = wording.say("booking_cancelled" if cancelled else booking.status)
    lines = [title, wording.say("booking_status", status=status)]
    segments = list(booking.segments.all())
    for segment in segments:
        lines += _segment_lines(segment, wording)
    lines.append(wording.say("cabin", value=wording.name(booking.cabin)))
    if booking.fare:
        lines.append(wording.say("fare", value=booking.fare))
    lines.append(wording.say("passengers", value=", ".join(map(str, booking.passengers.all()))))
    lines.append(wording.say("checked_bags", value=booking.checked_bags))
    lines.append(wording.say("insurance", value=wording.say("yes" if booking.insurance else "no")))
    data = {
        "reference": booking.reference,
        "status": booking.status,
        "cabin": booking.cabin,
        "fare": booking.fare,
        "checked_bags": booking.checked_bags,
        "insurance": booking.insurance,
        "flights": [_segment_data(segment) for segment in segments],
    }
    return Fact(f"booking:{booking.reference}", "booking", title, "\n".join(lines), personal=True, data=data)


def _flight_key(flight: Flight) -> str:
    return f"flight:{flight.number}:{flight.date.isoformat()}"


def _place(airport: Airport, wording: Wording) -> str:
    return f"{airport.city_in(wording.language)} ({airport.code})"


def _flight_title(flight: Flight | Segment, wording: Wording) -> str:
    return wording.say(
        "flight",
        number=flight.number,
        origin=_place(flight.origin, wording),
        destination=_place(flight.destination, wording),
        date=wording.date(flight.date),
    )


def _status(flight: Flight, wording: Wording) -> str:
    key = "delayed_unknown" if flight.status == Status.DELAYED and not flight.delay_minutes else flight.status
    words = wording.say(key, minutes=flight.delay_minutes)
    if flight.status in (Status.DEPARTED, Status.LANDED) and flight.delay_minutes:
        words = wording.say("late", status=words, minutes=flight.delay_minutes)
    return f"{words} ({flight.delay_reason})" if flight.delay_reason else words


def _times(flight: Flight, wording: Wording) -> list[str]:
    """Return the planned times and, where they differ, the expected or real ones."""
    lines = [
        _time("departure", flight.scheduled_departure, flight.origin, flight, wording),
        _time("arrival", flight.scheduled_arrival, flight.destination, flight, wording),
    ]
    if flight.status == Status.CANCELLED:
        return lines
    if flight.actual_departure:
        lines.append(_time("departed_at", flight.actual_departure, flight.origin, flight, wording))
    elif flight.departure != flight.scheduled_departure:
        lines.append(_time("new_departure", flight.departure, flight.origin, flight, wording))
    if flight.actual_arrival:
        lines.append(_time("landed_at", flight.actual_arrival, flight.destination, flight, wording))
    elif flight.arrival != flight.scheduled_arrival:
        lines.append(_time("new_arrival", flight.arrival, flight.destination, flight, wording))
    return lines


def _time(key: str, moment: datetime, airport: Airport, flight: Flight, wording: Wording) -> str:
    return wording.say(
        key,
        time=wording.time(airport.local(moment), flight.date),
        city=airport.city_in(wording.language),
    )


def _offers(flight: Flight, wording: Wording) -> list[str]:
    """Return free seats and prices by cabin for a flight that can still be booked."""
    if flight.status not in (Status.SCHEDULED, Status.ON_TIME, Status.DELAYED):
        return []
    lines = []
    if flight.seats:
        lines.append(wording.say("seats", value=_by_cabin(flight.seats, "", wording)))
    if flight.prices:
        lines.append(wording.say("prices", value=_by_cabin(flight.prices, flight.currency, wording)))
    return lines


def _by_cabin(values: dict[str, int | float], unit: str, wording: Wording) -> str:
    return ", ".join(f"{wording.name(cabin)} {value} {unit}".strip() for cabin, value in values.items())


def _flight_data(flight: Flight) -> dict[str, Any]:
    departure, arrival = flight.origin.local(flight.departure), flight.destination.local(flight.arrival)
    return {
        "number": flight.number,
        "date": flight.date.isoformat(),
        "origin": flight.origin_id,
        "destination": flight.destination_id,
        "status": flight.status,
        "delay_minutes": flight.delay_minutes,
        "delay_reason": flight.delay_reason,
        "scheduled_departure": flight.origin.local(flight.scheduled_departure).isoformat(),
        "departure": departure.isoformat(),
        "arrival": arrival.isoformat(),
        "terminal": flight.terminal,
        "gate": flight.gate,
    }


def _segment_lines(segment: Segment, wording: Wording) -> list[str]:
    if segment.flight is None:
        return [_flight_title(segment, wording)]
    flight = segment.flight
    lines = [_flight_title(flight, wording), wording.say("status", status=_status(flight, wording))]
    return lines + _times(flight, wording)


def _segment_data(segment: Segment) -> dict[str, Any]:
    if segment.flight is not None:
        return {"key": _flight_key(segment.flight), **_flight_data(segment.flight)}
    return {
        "key": f"flight:{segment.number}:{segment.date.isoformat()}",
        "number": segment.number,
        "date": segment.date.isoformat(),
        "origin": segment.origin_id,
        "destination": segment.destination_id,
        "status": None,
    }
