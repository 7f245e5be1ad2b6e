"""Flights and bookings: what a person may be told of them, as facts, and how a text names them.

Bookings are looked up for one person, whose id comes from the server; nothing here takes it from a text.
"""

from knowledge.records.belongings import Belongings, belongings_of
from knowledge.records.departures import Departure, departures_of
from knowledge.records.facts import Fact
from knowledge.records.lookups import find_bookings, find_flights, flights_between
from knowledge.records.mentions import booking_references_in, flight_numbers_in, places_in

__all__ = [
    "Belongings",
    "Departure",
    "Fact",
    "belongings_of",
    "booking_references_in",
    "departures_of",
    "find_bookings",
    "find_flights",
    "flight_numbers_in",
    "flights_between",
    "places_in",
]
