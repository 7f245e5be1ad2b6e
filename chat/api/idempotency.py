"""``Idempotency-Key``: the same request sent again does nothing again and gets the same answer."""

from typing import Final
from uuid import UUID, uuid5

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from chat.errors import MessageRefused

HEADER: Final = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="Any text of the client's, 255 characters at most. Sent again with it, the request does "
    "nothing again and is answered as before.",
)
LONGEST_KEY = 255
_NAMESPACE: Final = UUID("5f0c34a6-6f0b-4dc5-9d3c-0a3c3c8b7a51")


def id_of(request: Request, *scope: object) -> UUID | None:
    """Return the id that the request's key stands for; None without a key.

    Args:
        request: whose header is read.
        scope: what the key is unique in; the signed-in person always counts.

    Raises:
        MessageRefused: the key is too long.
    """
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > LONGEST_KEY:
        words = f"The Idempotency-Key is longer than {LONGEST_KEY} characters."
        raise MessageRefused(words, code="idempotency_key_too_long")
    names = [str(request.user.pk), *map(str, scope), key]
    return uuid5(_NAMESPACE, "\n".join(names)) if key else None
