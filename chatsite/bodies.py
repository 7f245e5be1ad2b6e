"""How large the body of a request may be, before anything reads it.

Django writes a body of any size into a temporary file before a view is asked. Here a body that says it is too
large is refused at once, and one that does not say is refused where it becomes too large.
"""

import json
from collections.abc import Awaitable, Callable
from typing import Any, Final

from chat.openai_api.errors import error_body
from chatsite.programs import FOR_PROGRAMS, OPENAI

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

# Where files are brought in; their own limits (``knowledge.uploads``) are told in words on the page.
UPLOADS: Final = ("/admin/", "/api/v1/documents/", "/api/v1/imports/")
BESIDE_FILES: Final = 2_000_000  # bytes of fields and part headers
WORDS: Final = "That is too much at once."


class TooLarge(Exception):
    """The body has become too large while it was read."""


class BodyLimit:
    """ASGI middleware: refuses bodies that are too large (413)."""

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]], *, most: int, upload: int):
        """``most`` is the most bytes of a body; ``upload`` where files may come."""
        self._app, self._most, self._upload = app, most, upload + BESIDE_FILES

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = self._upload if scope["path"].startswith(UPLOADS) else self._most
        if _length(scope) > most:
            await _refuse(scope, send)
            return
        try:
            await self._app(scope, _counted(receive, most), send)
        except TooLarge:  # Django reads the whole body before it answers, so nothing has been sent
            await _refuse(scope, send)


def _length(scope: Scope) -> int:
    said = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(said) if said.isdigit() else 0


def _counted(receive: Receive, most: int) -> Receive:
    came = 0

    async def counted() -> dict[str, Any]:
        nonlocal came
        message = await receive()
        came += len(message.get("body", b""))
        if came > most:
            raise TooLarge
        return message

    return counted


async def _refuse(scope: Scope, send: Send) -> None:
    body, kind = _refusal(scope["path"])
    headers = [
        (b"content-type", kind),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _refusal(path: str) -> tuple[bytes, bytes]:
    """Return what is told and its type."""
    status, code = 413, "too_large"
    if path.startswith(OPENAI):
        return json.dumps(error_body(WORDS, status=status, code=code)).encode(), b"application/json"
    if path.startswith(FOR_PROGRAMS):
        problem = {"type": f"urn:chatsite:problem:{code}", "title": WORDS, "status": status, "code": code}
        return json.dumps(problem).encode(), b"application/problem+json"
    return WORDS.encode(), b"text/plain; charset=utf-8"
