"""What is known of the signed-in person, looked for first: the only way to names that needs no model."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from chat.safety.personal.cues import words
from chat.safety.personal.plain import PlainText
from chat.safety.personal.spans import BIRTH, BOOKING, EMAIL, PERSON

MOST_PEOPLE: Final = 60
# First or last names that are also words or places: alone they are masked only beside the other name.
_ALSO_WORDS: Final = words(
    "will mark may june april august grace rose hope faith joy bill rich art frank grant drew pat sue "
    "rob chase hunter summer autumn dawn eve gene jack jean christian page miles miller carter baker "
    "cook king young long short brown black white green gray grey west north price rice day love best "
    "small gold silver field fields woods wood stone rivers lake hill hall bush ford case bond lane "
    "park parks street church bishop pope major sergeant english french german spain holland london "
    "paris madrid lima santiago victoria sofia florence vienna sydney austin dallas jordan chad "
    "israel georgia virginia carolina asia india china kent lincoln washington jackson houston sol "
    "luz mar rosa blanca pilar dolores mercedes soledad consuelo paz cruz angel leon reyes rey campos "
    "flores iglesias marin rios luna bueno blanco rojo calle casas castillo montes prado vega vera "
    "torres puente domingo abril mayo julio marina perla gloria alma cielo victoria libre delgado "
    "moreno rubio cortes bravo leal amor guerra pascual salvador sierra valle cordoba toledo sevilla "
    "granada leon merida avila segura alegre seguro viajes the and can has bag fee gate seat flight "
    "van de del la los las do hand son more less said wise noble sharp swift strong early late cash "
    "sale lord guest visa air my no me test customer guest user admin"
)
_MONTHS: Final = (
    ("january", "enero"), ("february", "febrero"), ("march", "marzo"), ("april", "abril"), ("may", "mayo"),
    ("june", "junio"), ("july", "julio"), ("august", "agosto"), ("september", "septiembre"),
    ("october", "octubre"), ("november", "noviembre"), ("december", "diciembre"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """One person by name."""

    first_name: str
    last_name: str = ""
    born: date | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """Values that belong to the signed-in person.

    Attributes:
        people: the person first, then those who travel with them.
        emails: addresses, in any case.
        references: of bookings.
        others: more values, each with its kind.
    """

    people: tuple[Person, ...] = ()
    emails: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    others: tuple[tuple[str, str], ...] = ()
    _needles: list[tuple[str, str, bool]] = field(default_factory=list, compare=False, repr=False)

    def needles(self) -> list[tuple[str, str, bool]]:
        """Return what to look for: letters and digits alone, the kind, whether it must begin in a capital."""
        if not self._needles:
            found = {needle[0]: needle for needle in self._all_needles() if len(needle[0]) >= 3}
            self._needles.extend(sorted(found.values(), key=lambda needle: -len(needle[0])))
        return self._needles

    def _all_needles(self) -> Iterator[tuple[str, str, bool]]:
        for person in self.people[:MOST_PEOPLE]:
            yield from _of_person(person)
        yield from ((_compact(value), EMAIL, False) for value in self.emails)
        yield from ((_compact(value), BOOKING, False) for value in self.references)
        yield from ((_compact(value), kind, False) for value, kind in self.others)


NOTHING_KNOWN: Final = Known()


def find_known(plain: PlainText, known: Known) -> Iterator[tuple[int, int, str]]:
    """Yield where known values stand, whatever spaces, dashes, dots or case they are written with."""
    needles = known.needles()
    if not needles:
        return
    places = [place for place, letter in enumerate(plain.lower) if letter.isalnum()]
    compact = "".join([plain.lower[place] for place in places])
    taken: list[tuple[int, int]] = []  # the longest first, so that two names beside each other stay two
    for needle, kind, needs_capital in needles:
        at = compact.find(needle)
        while at >= 0:
            start, end = places[at], places[at + len(needle) - 1] + 1
            is_free = all(end <= a or start >= b for a, b in taken)
            is_name = not (needs_capital and plain.text[start].islower())
            if is_free and is_name and _stands_alone(plain.text, start, end):
                taken.append((start, end))
                yield start, end, kind
            at = compact.find(needle, at + 1)


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Tell whether a value is no part of a word, nor put together from the ends of sentences."""
    if (start and text[start - 1].isalnum()) or (end < len(text) and text[end].isalnum()):
        return False
    return end - start <= 2 * 80 and not re.search(r"[.!?]\s|\n\n", text[start:end])


def _of_person(person: Person) -> Iterable[tuple[str, str, bool]]:
    first, last = _compact(person.first_name), _compact(person.last_name)
    if first and last:
        yield first + last, PERSON, False
        yield last + first, PERSON, False
    for name in dict.fromkeys(
        (first, last, *map(_compact, f"{person.first_name} {person.last_name}".split()))
    ):
        if len(name) >= 3 and name not in _ALSO_WORDS:
            yield name, PERSON, True
    if person.born is not None:
        yield from ((form, BIRTH, False) for form in _forms(person.born))


def _forms(born: date) -> Iterator[str]:
    """Return a date of birth as people write it, letters and digits alone."""
    day, month, year = born.day, born.month, born.year
    for d, m in {(str(day), str(month)), (f"{day:02}", f"{month:02}")}:
        yield from (f"{d}{m}{year}", f"{m}{d}{year}", f"{year}{m}{d}")
    for name in _MONTHS[month - 1]:
        for word in (name, name[:3]):
            yield from (
                f"{day}{word}{year}",
                f"{word}{day}{year}",
                f"{day}de{word}de{year}",
                f"{day:02}{word}{year % 100:02}",
            )
    yield from (f"{day}th{_MONTHS[month - 1][0]}{year}", f"{day}de{_MONTHS[month - 1][1]}del{year}")


def _compact(value: str) -> str:
    return "".join(letter for letter in PlainText.of(value).lower if letter.isalnum())
