"""How a page knows that what it showed is still so: two of the staff never overwrite each other unseen."""

import hashlib
import json

from django.core.serializers.json import DjangoJSONEncoder

from knowledge.models import Document

_DETAILS = ("slug", "title", "category", "audience", "language")


def mark_of(document: Document) -> str:
    """Return what stands for the state of a document; another state has another mark.

    Its details count, how every version stands, and text and note of the newest. Published texts stay.
    """
    rows = document.versions.order_by("number").values_list(
        "number", "status", "effective_from", "effective_until"
    )
    latest = document.latest_version()
    state = (
        [getattr(document, name) for name in _DETAILS],
        list(rows),
        [latest.text, latest.note] if latest else None,
    )
    return hashlib.sha256(json.dumps(state, cls=DjangoJSONEncoder).encode()).hexdigest()
