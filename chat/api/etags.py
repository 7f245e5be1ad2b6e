"""ETags: a client says which state it has seen, and need not be sent it again, nor change another one.

A tag is a digest of what is shown, so it changes whenever anything of that does, and with nothing else.
"""

import hashlib
from typing import Any, Final

from django.utils.http import parse_etags
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import status
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from chat.errors import Changed

_CACHED: Final = "private, no-cache"  # may be kept by the person's own program, and asked about each time
_CHARACTERS: Final = 32

IF_NONE_MATCH: Final = OpenApiParameter(
    "If-None-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="ETag of what you have; if it is still the same, the answer is 304 and empty.",
)
IF_MATCH: Final = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="ETag of what you have seen; any other state is answered by 412 `changed`.",
)
ETAG: Final = OpenApiParameter(
    "ETag",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    response=[200, 201, 304],
    description="Changes whenever anything that is shown here does.",
)
NOT_MODIFIED: Final = {304: OpenApiResponse(description="You have the present state.")}


def etag_of(data: object) -> str:
    """Return the tag of what serializers made."""
    return f'"{hashlib.sha256(JSONRenderer().render(data)).hexdigest()[:_CHARACTERS]}"'


def tagged(request: Request, data: Any, status_code: int = status.HTTP_200_OK, **headers: str) -> Response:
    """Return an answer with its ETag; to a GET, one without a body where the client has the same already."""
    tag = etag_of(data)
    headers |= {"ETag": tag, "Cache-Control": _CACHED}
    seen = parse_etags(request.headers.get("If-None-Match", ""))
    if request.method in ("GET", "HEAD") and ("*" in seen or tag in (one.removeprefix("W/") for one in seen)):
        return Response(status=status.HTTP_304_NOT_MODIFIED, headers=headers)
    return Response(data, status_code, headers=headers)


def check_match(request: Request, data: object) -> None:
    """Do nothing if the client has seen this state, or has not said which.

    Raises:
        Changed: it has seen another one.
    """
    said = request.headers.get("If-Match", "").strip()
    wanted = parse_etags(said)  # of what is no tag, nothing: then it has seen no state that there is
    if said and "*" not in wanted and etag_of(data) not in wanted:
        raise Changed
