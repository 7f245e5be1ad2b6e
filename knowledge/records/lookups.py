"""Find flights and bookings and return them as facts. All functions are synchronous."""

from datetime import date, timedelta

from django.db.models import Max
from django.utils import timezone

from knowledge.models import Airport, Booking, Flight
from knowledge.models.records import FlightQuerySet
from knowledge.records.facts import Fact, booking_fact, flight_fact
from knowledge.records.mentions import normal_flight_number
from knowledge.search.terms import fold

WITHOUT_DATE = 2  # flights of one number shown when no date is asked
MOST_FLIGHTS = 6  # flights of one route shown
MOST_BOOKINGS = 6  # bookings shown when none is named
# A flight is still "the" flight of its number until well after it should have landed.
STILL_TALKED_ABOUT = timedelta(hours=8)


def find_flights(number: str, on: date | None = None, language: str = "en") -> list[Fact]:
    """Return the flight with ``number`` on the day ``on`` of its departure.

    Without a day, the next flights of that number, today's included until it is long over, at most two; when
    all of them are past, the last. An unknown number gives an empty list.
    """
    flights = Flight.objects.numbered(normal_flight_number(number)).with_airports()
    found = flights.filter(date=on) if on else _nearest(flights)
    return [flight_fact(flight, language) for flight in found]


def flights_between(
    origin: str, destination: str, on: date | None = None, language: str = "en"
) -> list[Fact]:
    """Return the flights from ``origin`` to ``destination`` (airport codes or city names) on the day ``on``.

    Without a day, the next ones, today's included. An unknown place gives an empty list.
    """
    flights = (
        Flight.objects.between(airport_codes(origin), airport_codes(destination))
        .with_airports()
        .order_by("scheduled_departure", "number")
    )
    if on:
        found = flights.filter(date=on)
    else:
        found = flights.filter(scheduled_departure__gte=timezone.now() - STILL_TALKED_ABOUT)
    return [flight_fact(flight, language) for flight in found[:MOST_FLIGHTS]]


def find_bookings(user_id: int, reference: str | None = None, language: str = "en") -> list[Fact]:
    """Return the bookings of one person: the one with ``reference``, or those with the latest journeys.

    Somebody else's reference gives the same empty list as one that does not exist.
    """
    bookings = Booking.objects.for_user(user_id).with_everything()
    if reference is not None:
        bookings = bookings.filter(reference=reference.strip().upper())
    else:
        bookings = bookings.annotate(travels=Max("segments__date")).order_by("-travels", "reference")
    return [booking_fact(booking, language) for booking in bookings[:MOST_BOOKINGS]]


def _nearest(flights: FlightQuerySet) -> list[Flight]:
    coming = flights.filter(scheduled_departure__gte=timezone.now() - STILL_TALKED_ABOUT)
    found = list(coming.order_by("scheduled_departure")[:WITHOUT_DATE])
    return found or list(flights.order_by("-scheduled_departure")[:1])


def airport_codes(place: str) -> list[str]:
    """Return the codes of the airports that a code, a city or an airport's name stands for."""
    wanted = fold(place.strip())
    return [
        airport.code
        for airport in Airport.objects.all()
        if wanted in map(fold, (airport.code, airport.city, airport.city_es, airport.name))
    ]
