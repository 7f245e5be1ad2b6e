"""Everything the company knows, as tables."""

from knowledge.models.documents import Audience, Document, Passage, Version
from knowledge.models.loaded_sets import LoadedSet
from knowledge.models.postings import Library, Posting, Shelf, Term
from knowledge.models.records import Airport, Booking, Flight, Passenger, Segment

__all__ = [
    "Airport",
    "Audience",
    "Booking",
    "Document",
    "Flight",
    "Library",
    "LoadedSet",
    "Passage",
    "Passenger",
    "Posting",
    "Segment",
    "Shelf",
    "Term",
    "Version",
]
