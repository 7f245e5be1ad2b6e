"""Find personal values in a text: what is known of the person first, then patterns and their cues."""

from typing import Final

from chat.safety.personal.bookings import find_bookings
from chat.safety.personal.contacts import find_contacts
from chat.safety.personal.documents import find_documents
from chat.safety.personal.known import NOTHING_KNOWN, Known, find_known
from chat.safety.personal.money import find_money
from chat.safety.personal.network import find_network
from chat.safety.personal.people import find_people
from chat.safety.personal.plain import PlainText
from chat.safety.personal.spans import Span, joined

# A long text is read in pieces, so that its time grows with its length whatever stands in it.
WINDOW: Final = 2_000
OVERLAP: Final = 200

_BY_PATTERN: Final = (find_contacts, find_money, find_documents, find_bookings, find_network, find_people)


def detect(text: str, known: Known = NOTHING_KNOWN) -> list[Span]:
    """Return the personal values in a text, in order and without overlaps.

    Args:
        text: as a person wrote it, in any language; cues are known in English and Spanish.
        known: values of the signed-in person, found however they are spaced or cased.
    """
    whole = PlainText.of(text)
    found: list[Span] = []
    for place, plain in whole.windows(WINDOW, OVERLAP):
        if known is not NOTHING_KNOWN:
            found += [
                _span(whole, place + a, place + b, kind, True) for a, b, kind in find_known(plain, known)
            ]
        for find in _BY_PATTERN:
            found += [_span(whole, place + a, place + b, kind, False) for a, b, kind in find(plain)]
    return joined(found) if found else found


def _span(whole: PlainText, start: int, end: int, kind: str, known: bool) -> Span:
    start, end = whole.original(start, end)
    return Span(start, end, kind, known)
