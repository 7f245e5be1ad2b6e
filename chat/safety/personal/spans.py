"""What a detector reports: where a personal value stands, and of which kind it is."""

from dataclasses import dataclass
from typing import Final

EMAIL: Final = "EMAIL_ADDRESS"
PHONE: Final = "PHONE_NUMBER"
CARD: Final = "CREDIT_CARD"
IBAN: Final = "IBAN_CODE"
IP: Final = "IP_ADDRESS"
MAC: Final = "MAC_ADDRESS"
CRYPTO: Final = "CRYPTO"
SSN: Final = "US_SSN"
LICENCE: Final = "US_DRIVER_LICENSE"
PASSPORT: Final = "PASSPORT"
IDENTITY: Final = "ES_ID"
BOOKING: Final = "BOOKING_REF"
FLYER: Final = "FREQUENT_FLYER"
TICKET: Final = "TICKET_NUMBER"
BIRTH: Final = "DATE_OF_BIRTH"
ADDRESS: Final = "ADDRESS"
PERSON: Final = "PERSON"
LITERAL: Final = "LITERAL"  # text of the person's own that looks like a placeholder

# Of spans of one length in the same place, the first here gives its name.
RANKS: Final = {
    kind: rank
    for rank, kind in enumerate(
        (LITERAL, EMAIL, IBAN, TICKET, PASSPORT, IDENTITY, FLYER, SSN, LICENCE, CARD, BIRTH, BOOKING, PHONE,
         IP, MAC, CRYPTO, ADDRESS, PERSON)
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Span:
    """A personal value: ``text[start:end]``; ``known`` when it is one of the signed-in person's own."""

    start: int
    end: int
    kind: str
    known: bool = False


def joined(found: list[Span]) -> list[Span]:
    """Return the spans in order, those that overlap as one over all of them, named after the longest."""
    whole: list[Span] = []
    for span in sorted(found, key=lambda span: (span.start, -span.end)):
        if whole and span.start < whole[-1].end:
            whole[-1] = _one(whole[-1], span)
        else:
            whole.append(span)
    return whole


def _one(first: Span, second: Span) -> Span:
    named = min(first, second, key=lambda span: (span.start - span.end, RANKS[span.kind]))
    return Span(first.start, max(first.end, second.end), named.kind, first.known or second.known)
