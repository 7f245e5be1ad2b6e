"""The events of a turn, as they are written to the log and read by every client (docs/protocol.md)."""

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder

from chat.events.ids import EventId

_encoder = DjangoJSONEncoder(ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in a turn."""

    type: ClassVar[str]
    final: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class MessageAccepted(Event):
    """The question is saved and the turn is queued."""

    type: ClassVar[str] = "message.accepted"
    message: dict[str, Any]


@dataclass(frozen=True, slots=True)
class TurnStarted(Event):
    """The first attempt began."""

    type: ClassVar[str] = "turn.started"


@dataclass(frozen=True, slots=True)
class TurnRestarted(Event):
    """A further attempt began: drop the partial text."""

    type: ClassVar[str] = "turn.restarted"


@dataclass(frozen=True, slots=True)
class TurnUnderstood(Event):
    """What the desk took the question for."""

    type: ClassVar[str] = "turn.understood"
    intent: str
    language: str
    slots: dict[str, Any]
    tone: str
    urgent: bool
    strategy: list[str]


@dataclass(frozen=True, slots=True)
class TurnTool(Event):
    """The model has looked something up by itself; ``arguments`` are masked."""

    type: ClassVar[str] = "turn.tool"
    name: str
    arguments: dict[str, str]
    outcome: str
    ms: int
    round: int


@dataclass(frozen=True, slots=True)
class TurnDelta(Event):
    """More of the answer, as a preview."""

    type: ClassVar[str] = "turn.delta"
    text: str


@dataclass(frozen=True, slots=True)
class TurnCompleted(Event):
    """The whole answer."""

    type: ClassVar[str] = "turn.completed"
    final: ClassVar[bool] = True
    message: dict[str, Any]
    citations: list[dict[str, Any]]
    notices: list[dict[str, str]]
    quick_replies: list[str]
    source: dict[str, str]
    usage: dict[str, Any]


@dataclass(frozen=True, slots=True)
class TurnFailed(Event):
    """No answer; ``words`` are for the person."""

    type: ClassVar[str] = "turn.failed"
    final: ClassVar[bool] = True
    code: str
    words: str
    retryable: bool


@dataclass(frozen=True, slots=True)
class TurnStopped(Event):
    """Stopped by the person; what was written is kept."""

    type: ClassVar[str] = "turn.stopped"
    final: ClassVar[bool] = True
    message: dict[str, Any] | None
    citations: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Frame:
    """One event as it travels: its id, its final JSON, and whether it ends the turn."""

    id: EventId
    json: str
    final: bool


def frame_of(event: Event, *, turn: UUID, conversation: UUID, event_id: EventId) -> Frame:
    """Return the event's frame; the JSON is made once and sent as it is to every client."""
    body = {
        "type": event.type,
        "turn": turn,
        "conversation": conversation,
        "id": str(event_id),
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
    }
    body.update((item.name, getattr(event, item.name)) for item in fields(event))
    return Frame(event_id, _encoder.encode(body), event.final)
