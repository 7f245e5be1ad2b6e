"""Examples for the description of the staff's part."""

from typing import Any, Final

from drf_spectacular.utils import OpenApiExample

_CODES: Final = ["200", "201", "202"]


def answer(name: str, value: dict[str, Any]) -> OpenApiExample:
    """Return an example of what the API gives."""
    return OpenApiExample(name, value=value, response_only=True, status_codes=_CODES)


def asked(name: str, value: dict[str, Any]) -> OpenApiExample:
    """Return an example of what the API takes."""
    return OpenApiExample(name, value=value, request_only=True)


_TEXT: Final = "# Travelling with pets\n\nSmall dogs may travel in the cabin for EUR 55 for each flight.\n"
_DOCUMENT: Final[dict[str, Any]] = {
    "id": "8b1f6a3e-0c3d-4f54-9a77-6f2d1b0f2a10",
    "slug": "pets",
    "title": "Travelling with pets",
    "category": "special",
    "audience": "public",
    "language": "en",
    "created_at": "2026-10-01T08:30:00Z",
    "url": "/knowledge/documents/pets/",
    "state": "published",
    "version_in_force": 1,
    "latest_version": 1,
    "draft": None,
    "passages_in_search": 1,
    "last_published": "2026-10-01T08:30:00Z",
}
_VERSION: Final[dict[str, Any]] = {
    "number": 1,
    "status": "published",
    "in_force": True,
    "effective_from": None,
    "effective_until": None,
    "author": "carol",
    "note": "First text",
    "file_name": "",
    "created_at": "2026-10-01T08:30:00Z",
    "published_at": "2026-10-01T08:30:00Z",
    "passages": 1,
}
_PASSAGE: Final[dict[str, Any]] = {
    "id": 31,
    "position": 1,
    "heading": "Travelling with pets",
    "text": "Small dogs may travel in the cabin for EUR 55 for each flight.",
    "start": 24,
    "end": 86,
    "page": None,
    "url": "/knowledge/passages/31/",
}
_IMPORT: Final[dict[str, Any]] = {
    "id": "4c7e2d18-93b5-4b5e-8a65-0c6f8d1e7b42",
    "status": "running",
    "counts": {"file": 3, "published": 1, "draft": 0, "unchanged": 0, "refused": 1, "waiting": 1},
    "author": "carol",
    "note": "Winter schedule",
    "publish": True,
    "category": "",
    "audience": "",
    "language": "",
    "created_at": "2026-11-21T09:00:00Z",
    "finished_at": None,
}
_FILE: Final[dict[str, Any]] = {
    "name": "policies/pets.md",
    "size": 1840,
    "outcome": "published",
    "document": "pets",
    "passages": 4,
    "code": "",
    "reason": "",
}
_FOUND: Final[dict[str, Any]] = {
    "verdict": "sure",
    "confidence": 6.4,
    "marks": {"refuse_below": 3.0, "sure_above": 4.0},
    "corrections": {"cabbin": "cabin"},
    "revision": 214,
    "hits": [
        {
            "passage": 31,
            "document": {
                "id": _DOCUMENT["id"],
                "slug": "pets",
                "title": "Travelling with pets",
                "category": "special",
                "language": "en",
            },
            "version": 1,
            "heading": "Travelling with pets",
            "text": _PASSAGE["text"],
            "page": None,
            "effective_from": None,
            "score": 6.4,
            "url": "/knowledge/passages/31/",
        }
    ],
}

DOCUMENT: Final = [answer("A document in force", _DOCUMENT)]
DETAILS: Final = [asked("Another title, for staff only", {"title": "Pets on board", "audience": "staff"})]
NEW_DOCUMENT: Final = [
    asked(
        "A policy, published at once",
        {
            "title": "Travelling with pets",
            "category": "special",
            "language": "en",
            "text": _TEXT,
            "note": "First text",
            "publish": True,
        },
    )
]
CREATED: Final = [answer("A new document", {"document": _DOCUMENT, "version": _VERSION})]
NEW_VERSION: Final = [
    asked(
        "A text for the summer, kept as a draft",
        {
            "text": "Small dogs may travel in the cabin for EUR 65 for each flight.\n",
            "note": "Summer price",
            "effective_from": "2027-06-01",
            "effective_until": "2027-08-31",
        },
    )
]
VERSION: Final = [answer("The text in force", _VERSION)]
VERSION_TEXT: Final = [answer("The text in force", {**_VERSION, "text": _TEXT})]
PASSAGE: Final = [answer("A passage", _PASSAGE)]
IMPORT: Final = [answer("An import that runs", _IMPORT)]
IMPORTED_FILE: Final = [answer("A file that was published", _FILE)]
QUESTION: Final = [
    asked(
        "A follow-up question",
        {"q": "And in the hold?", "history": ["May my dog travel in the cabin?"], "language": "en"},
    )
]
FOUND: Final = [answer("A question that is answered", _FOUND)]
