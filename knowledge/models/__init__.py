"""Everything the company knows, as tables."""

from knowledge.models.documents import Audience, Document, Passage, RemovedText, Version
from knowledge.models.imports import Import, ImportedFile
from knowledge.models.index_state import IndexState
from knowledge.models.loaded_sets import LoadedSet
from knowledge.models.postings import Block, Library, PassageTerms, Posting, Shelf, Word
from knowledge.models.records import Airport, Booking, Flight, Passenger, Segment
from knowledge.models.resemblances import Compared, Dismissal, Resemblance, Sketch
from knowledge.models.vectors import Vector, VectorSet

__all__ = [
    "Airport",
    "Audience",
    "Block",
    "Booking",
    "Compared",
    "Dismissal",
    "Document",
    "Flight",
    "Import",
    "ImportedFile",
    "IndexState",
    "Library",
    "LoadedSet",
    "Passage",
    "PassageTerms",
    "Passenger",
    "Posting",
    "RemovedText",
    "Resemblance",
    "Segment",
    "Shelf",
    "Sketch",
    "Vector",
    "VectorSet",
    "Version",
    "Word",
]
