"""Everything the company knows, as tables."""

from knowledge.models.documents import Audience, Document, Passage, Version
from knowledge.models.imports import Import, ImportedFile
from knowledge.models.loaded_sets import LoadedSet
from knowledge.models.postings import Library, Posting, Shelf, Term
from knowledge.models.records import Airport, Booking, Flight, Passenger, Segment
from knowledge.models.resemblances import Resemblance
from knowledge.models.vectors import Vector

__all__ = [
    "Airport",
    "Audience",
    "Booking",
    "Document",
    "Flight",
    "Import",
    "ImportedFile",
    "Library",
    "LoadedSet",
    "Passage",
    "Passenger",
    "Posting",
    "Resemblance",
    "Segment",
    "Shelf",
    "Term",
    "Vector",
    "Version",
]
