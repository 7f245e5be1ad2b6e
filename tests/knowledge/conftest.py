"""What the tests of the library share."""

from collections.abc import Callable
from datetime import date

import pytest

from knowledge.documents.publish import publish_version, save_draft
from knowledge.models import Airport, Booking, Document, Flight, Passenger, Segment, Version
from knowledge.records.airports import ensure_airports
from tests.knowledge.flights import a_flight

Publish = Callable[..., Version]


@pytest.fixture
def publish(db: None) -> Publish:
    """Publish a text as the next version of the document with that slug; details of the document by name."""

    def _publish(
        slug: str,
        text: str,
        *,
        effective_from: date | None = None,
        effective_until: date | None = None,
        **details: str,
    ) -> Version:
        details = {"title": slug.replace("-", " ").capitalize()} | details
        document, _ = Document.objects.get_or_create(slug=slug, defaults=details)
        draft = save_draft(document, text, effective_from=effective_from, effective_until=effective_until)
        return publish_version(draft)

    return _publish


@pytest.fixture
def airports(db: None) -> dict[str, Airport]:
    """Lisbon, Madrid and Boston."""
    ensure_airports(["LIS", "MAD", "BOS"], time_zone="UTC")
    return Airport.objects.in_bulk()


@pytest.fixture
def flight(airports: dict[str, Airport]) -> Flight:
    """LW214 from Lisbon to Madrid on 21 November 2026, an hour late."""
    return a_flight(delay_minutes=60)


@pytest.fixture
def booking(flight: Flight, alice: object) -> Booking:
    """Alice's booking K7PQ2M on that flight."""
    booking = Booking.objects.create(
        reference="K7PQ2M", owner=alice, cabin="economy", fare="Flex", checked_bags=1
    )
    Segment.objects.create(
        booking=booking,
        position=1,
        flight=flight,
        number=flight.number,
        date=flight.date,
        origin=flight.origin,
        destination=flight.destination,
    )
    Passenger.objects.create(booking=booking, position=1, first_name="Alice", last_name="Moreno")
    return booking
