"""What a client may send on the socket: parsed and checked before anything else sees it."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings

from chat.errors import ChatError
from chat.events import EventId


class BadFrame(ChatError):
    """The frame is not what the protocol allows."""

    code = "bad_frame"
    words = "That frame could not be read."

    def __init__(self, words: str | None = None, *, code: str | None = None, client_id: str | None = None):
        super().__init__(words, code=code)
        self.client_id = client_id


@dataclass(frozen=True, slots=True)
class SendMessage:
    """Ask a question; ``client_id`` is the client's own id of it."""

    client_id: UUID
    text: str


@dataclass(frozen=True, slots=True)
class Follow:
    """Deliver a turn's events after the cursor."""

    turn: UUID
    after: EventId | None


@dataclass(frozen=True, slots=True)
class StopTurn:
    """End a turn."""

    turn: UUID


@dataclass(frozen=True, slots=True)
class Ping:
    """Answer, to show that the connection lives."""


ClientFrame = SendMessage | Follow | StopTurn | Ping


def parse(text: str | None, binary: bytes | None) -> ClientFrame:
    """Read one frame.

    Raises:
        BadFrame: it is binary, too large, no JSON object, of unknown type, or its fields are wrong.
    """
    if text is None:
        raise BadFrame("Frames are text, not binary." if binary is not None else None)
    if len(text) > settings.FRAME_MAX_BYTES or len(text.encode()) > settings.FRAME_MAX_BYTES:
        raise BadFrame("That frame is too large.", code="frame_too_large")
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        raise BadFrame("Frames are JSON.") from None
    if not isinstance(body, dict):
        raise BadFrame("A frame is a JSON object.")
    kind = body.get("type")
    reader = _READERS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        raise BadFrame("There is no such type of frame.", code="unknown_type")
    return reader(body)


def _message(body: dict[str, Any]) -> SendMessage:
    client_id = _uuid(body, "client_id")
    text = body.get("text")
    if not isinstance(text, str):
        raise BadFrame('"text" must be a string.', client_id=str(client_id))
    try:
        text.encode()
    except UnicodeEncodeError:  # a lone surrogate, which JSON lets through and no database takes
        raise BadFrame('"text" is not valid Unicode.', client_id=str(client_id)) from None
    return SendMessage(client_id, text)


def _follow(body: dict[str, Any]) -> Follow:
    after = body.get("after")
    if after is None:
        return Follow(_uuid(body, "turn"), None)
    try:
        return Follow(_uuid(body, "turn"), EventId.parse(after))
    except (ValueError, AttributeError):
        raise BadFrame('"after" must be an event id such as "1-7".') from None


def _stop(body: dict[str, Any]) -> StopTurn:
    return StopTurn(_uuid(body, "turn"))


def _ping(body: dict[str, Any]) -> Ping:
    return Ping()


def _uuid(body: dict[str, Any], name: str) -> UUID:
    value = body.get(name)
    try:
        return UUID(value) if isinstance(value, str) else UUID("")
    except ValueError:
        raise BadFrame(f'"{name}" must be a UUID.') from None


_READERS = {"message.send": _message, "follow": _follow, "turn.stop": _stop, "ping": _ping}
