"""Recognise flight numbers, booking references and places in what a person wrote.

Shapes only suggest; the database decides. Six capitals are a booking reference or a shouted word, and
``HAT001`` is both a flight and a possible reference, so it is reported as both and looked up as both.
"""

import re

from knowledge.models import Airport, Booking, Flight
from knowledge.search.terms import fold

_AIRLINE = r"(?:[A-Z]{2,3}|[A-Z]\d|\d[A-Z])"
_TOGETHER = re.compile(rf"(?<![A-Z0-9]){_AIRLINE}\d{{1,4}}(?![A-Z0-9])", re.IGNORECASE | re.ASCII)
# Apart only in capitals: "in 24 hours" names no flight.
_APART = re.compile(rf"(?<![A-Za-z0-9]){_AIRLINE}[ -]\d{{1,4}}(?![A-Za-z0-9])", re.ASCII)
_SIX = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9]{6}(?![A-Za-z0-9])")
_CODE = re.compile(r"(?<![A-Za-z0-9])[A-Z]{3}(?![A-Za-z0-9])")


def normal_flight_number(number: str) -> str:
    """Return a flight number as the database writes it: ``lw 214`` becomes ``LW214``."""
    return re.sub(r"[\s-]", "", number).upper()


def flight_numbers_in(text: str) -> list[str]:
    """Return the flight numbers that ``text`` names, in order, as ``LW214``.

    What has the shape counts when the airline (the letters in front) has flights here; so ``LW9999``, which
    does not exist, is reported as asked for, and ``EUR 200`` is not.
    """
    found = sorted((*_TOGETHER.finditer(text), *_APART.finditer(text)), key=lambda match: match.start())
    numbers = dict.fromkeys(normal_flight_number(match.group()) for match in found)
    return [number for number in numbers if _airline_flies(number)]


def booking_references_in(text: str, user_id: int | None = None) -> list[str]:
    """Return the booking references that ``text`` may name, in order, in capitals.

    Six letters and digits mixed count, and six capitals unless the whole text is in capitals. Any other
    six letters count only when they are a reference of the person ``user_id``, so that the answer tells
    nothing of other people's bookings.
    """
    tokens = [match.group() for match in _SIX.finditer(text)]
    shouted = text.isupper() and len(tokens) < len(text.split())
    plain = {token for token in tokens if _is_reference(token, shouted=shouted)}
    doubtful = {token.upper() for token in tokens if token.isalpha() and token not in plain}
    own = _own_references(user_id, doubtful)
    return list(dict.fromkeys(token.upper() for token in tokens if token in plain or token.upper() in own))


def places_in(text: str) -> list[str]:
    """Return the places that ``text`` names, in order: airport codes, or cities as the database spells them.

    Codes count in capitals only, as ``mad`` and ``las`` are words. ``flights_between`` takes each place.
    """
    airports = list(Airport.objects.all())
    codes = {airport.code for airport in airports}
    found = {match.start(): match.group() for match in _CODE.finditer(text) if match.group() in codes}
    folded = fold(text)
    for name, city in sorted(_names(airports).items(), key=lambda pair: -len(pair[0])):
        for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", folded):
            found.setdefault(match.start(), city)
    return list(dict.fromkeys(found[start] for start in sorted(found)))


def _airline_flies(number: str) -> bool:
    """Say whether there is any flight with the letters in front of ``number``."""
    airline = re.match(_AIRLINE, number).group()
    return Flight.objects.filter(number__gte=f"{airline}0", number__lte=f"{airline}9999").exists()


def _is_reference(token: str, *, shouted: bool) -> bool:
    if token.isalpha():
        return token.isupper() and not shouted
    return not token.isdigit()


def _own_references(user_id: int | None, candidates: set[str]) -> set[str]:
    if user_id is None or not candidates:
        return set()
    own = Booking.objects.for_user(user_id).filter(reference__in=candidates)
    return set(own.values_list("reference", flat=True))


def _names(airports: list[Airport]) -> dict[str, str]:
    """Return the folded names that people use, each with the city it stands for."""
    return {
        fold(name): airport.city
        for airport in airports
        for name in (airport.city, airport.city_es, airport.name.removesuffix(" Airport"))
        if name
    }
