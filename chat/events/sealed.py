"""Events as they lie in Redis: sealed, since they carry people's questions and answers word for word."""

import structlog

from chat.events.ids import EventId
from chat.events.types import Frame
from chat.sealing import Seal, Unreadable

logger = structlog.get_logger(__name__)

_SEAL = Seal("event-log")


def sealed(frame: Frame, key: str) -> bytes:
    """Return the frame's JSON sealed for the stream ``key``."""
    return _SEAL.close(frame.json.encode(), key)


def opened(event_id: bytes, kind: bytes, data: bytes, key: str) -> Frame | None:
    """Return the frame that was sealed for the stream ``key``.

    None where it cannot be read, because the key has changed: whoever follows learns the outcome from the
    database.
    """
    try:
        json = _SEAL.open(data, key).decode()
    except Unreadable:
        logger.warning("event_unreadable", stream=key)
        return None
    return Frame(EventId.parse(event_id.decode()), json, kind == b"f")
