"""What the OpenAPI schema says of the staff's part: tags, parameters, problems, examples."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
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

NEW_DOCUMENT = OpenApiExample(
    "A policy, published at once",
    value={
        "title": "Travelling with pets",
        "category": "special",
        "language": "en",
        "text": "# Travelling with pets\n\nSmall dogs may travel in the cabin for EUR 55 for each flight.\n",
        "note": "First text",
        "publish": True,
    },
    request_only=True,
    media_type="application/json",
)
NEW_VERSION = OpenApiExample(
    "A text for the summer, kept as a draft",
    value={
        "text": "Small dogs may travel in the cabin for EUR 65 for each flight.\n",
        "note": "Summer price",
        "effective_from": "2027-06-01",
        "effective_until": "2027-08-31",
    },
    request_only=True,
    media_type="application/json",
)
QUESTION = OpenApiExample(
    "A follow-up question",
    value={"q": "And in the hold?", "history": ["May my dog travel in the cabin?"], "language": "en"},
    request_only=True,
    media_type="application/json",
)


class ProblemSerializer(serializers.Serializer):
    """An error as problem details (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField(help_text="Words for the person.")
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="Stable name for programs.")
    fields_ = serializers.DictField(required=False, help_text="What is wrong with which field.")

    def get_fields(self) -> dict[str, serializers.Field]:
        """Name the last one ``fields``, which as an attribute would hide the serializer's own."""
        declared = super().get_fields()
        return {name.rstrip("_"): field for name, field in declared.items()}


def problems(*codes: int) -> dict[tuple[int, str], OpenApiResponse]:
    """Return the responses for the statuses that something can go wrong with."""
    return {(code, PROBLEM): OpenApiResponse(ProblemSerializer, description=_REASONS[code]) for code in codes}
