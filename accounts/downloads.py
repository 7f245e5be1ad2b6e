"""Downloads made in a file: small ones at once, large ones in pieces, so that no process holds them whole."""

from collections.abc import AsyncIterator
from typing import IO

from asgiref.sync import sync_to_async
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

IN_MEMORY = 5_000_000  # bytes
PIECE = 65_536


def download(file: IO[bytes], *, name: str, content_type: str) -> HttpResponseBase:
    """Return a file as an attachment that nobody caches; it is closed when it is sent."""
    size = file.seek(0, 2)
    file.seek(0)
    if size <= IN_MEMORY:
        with file:
            response: HttpResponseBase = HttpResponse(file.read(), content_type=content_type)
    else:
        response = StreamingHttpResponse(_pieces(file), content_type=content_type)
    response["Content-Length"] = str(size)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


async def _pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    try:
        while piece := await sync_to_async(file.read, thread_sensitive=False)(PIECE):
            yield piece
    finally:
        file.close()
