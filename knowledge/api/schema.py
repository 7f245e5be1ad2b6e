"""What the OpenAPI schema says of the staff's part: tags, parameters, problems."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema_field
from rest_framework import serializers

DOCUMENTS, SEARCH, IMPORTS = "documents", "search", "imports"
JSON, PROBLEM = "application/json", "application/problem+json"  # keys of one kind, so that they can be sorted

DOCUMENT = OpenApiParameter(
    "document", OpenApiTypes.STR, OpenApiParameter.PATH, description="Id or slug of the document."
)
NUMBER = OpenApiParameter(
    "number", OpenApiTypes.INT, OpenApiParameter.PATH, description="Number of the version."
)
IF_MATCH = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="ETag of the document as you have seen it; another state is answered by 412.",
)
ETAG = OpenApiParameter(
    "ETag",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    response=[200, 201],
    description="Stands for the document with all its versions.",
)
_REASONS = {
    400: "Something that was sent is not valid; `fields` says what.",
    401: "Not signed in.",
    403: "Not signed in, or not allowed.",
    404: "There is no such thing.",
    409: "The state of the document does not allow it.",
    412: "The document was changed meanwhile.",
    413: "It is too large.",
    422: "The file or text cannot be taken; `title` says why.",
}


_WORDS: dict[str, Any] = {"type": "array", "items": {"type": "string"}}


@extend_schema_field(
    {
        "type": "object",
        # Of a list: the words by the place of what is wrong in it.
        "additionalProperties": {"oneOf": [_WORDS, {"type": "object", "additionalProperties": _WORDS}]},
    }
)
class FieldErrors(serializers.DictField):
    """Words by field."""


class ProblemSerializer(serializers.Serializer):
    """An error as problem details (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField(help_text="Words for the person.")
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="Stable name for programs.")
    retryable = serializers.BooleanField(required=False, help_text="Whether the same may be taken later.")
    retry_after = serializers.IntegerField(required=False, help_text="Seconds, of `rate_limited`.")
    fields_ = FieldErrors(required=False, help_text="What is wrong with which field.")

    def get_fields(self) -> dict[str, serializers.Field]:
        """Name the last one ``fields``, which as an attribute would hide the serializer's own."""
        declared = super().get_fields()
        return {name.rstrip("_"): field for name, field in declared.items()}


def problems(*codes: int) -> dict[tuple[int, str], OpenApiResponse]:
    """Return the responses for the statuses that something can go wrong with."""
    return {(code, PROBLEM): OpenApiResponse(ProblemSerializer, description=_REASONS[code]) for code in codes}
