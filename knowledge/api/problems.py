"""What staff are told when a step is refused: HTTP statuses for the library's own refusals.

The project's exception handler turns any APIException into a problem response; these carry the code.
"""

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from rest_framework import status
from rest_framework.exceptions import APIException

from knowledge.errors import KnowledgeError

# The state of the document does not allow the step; everything else is about what was sent.
_CONFLICTS = frozenset(
    {
        "already_published",
        "changed",
        "draft",
        "duplicate",
        "not_draft",
        "not_published",
        "superseded",
        "taken",
    }
)
_TOO_LARGE = frozenset({"files", "size", "upload_size"})
TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent)


class Refused(APIException):
    """A refusal with a code for programs and words for the person."""

    def __init__(self, code: str, words: str, status_code: int | None = None) -> None:
        super().__init__(words, code)
        self.default_code = code
        self.status_code = status_code or _status_of(code)


def refused(error: KnowledgeError) -> Refused:
    """Return the response of a step that the library has refused."""
    return Refused(error.code, error.words)


def too_large(most: int) -> Refused:
    """Return the refusal of a request larger than ``most`` bytes."""
    return Refused("size", f"It is larger than {most / 1_000_000:g} MB.")


def _status_of(code: str) -> int:
    if code in _CONFLICTS:
        return status.HTTP_409_CONFLICT
    if code in _TOO_LARGE:
        return status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    return status.HTTP_422_UNPROCESSABLE_ENTITY
