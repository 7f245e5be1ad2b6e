"""What a conversation in the terminal needs of a desk, in this process or elsewhere."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from chat.errors import ChatError

Event = dict[str, Any]  # as docs/protocol.md has it

FINAL = frozenset({"turn.completed", "turn.failed", "turn.stopped"})
CONNECTION_LOST = "connection.lost"  # said by the terminal itself, never by a desk


class Unreachable(ChatError):
    """The desk does not answer, or what answers is no desk."""

    code = "unreachable"
    words = "The desk cannot be reached."
    retryable = True


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation, as far as a terminal shows it."""

    id: UUID
    title: str


class Desk(Protocol):
    """A desk and the person who talks to it. All calls raise ``ChatError``, ``Unreachable`` included."""

    site: str  # its address
    who: str  # tells persons of one site apart; holds no secret

    async def begin(self) -> Thread:
        """Open a conversation."""

    async def find(self, conversation_id: UUID) -> Thread:
        """Return a conversation of the person's; somebody else's is not found."""

    async def recent(self) -> list[Thread]:
        """Return the person's newest conversations, the newest first."""

    async def messages(self, conversation_id: UUID) -> list[dict[str, Any]]:
        """Return what was said; of each: ``role, text, turn, state, citations, error``."""

    def ask(self, conversation_id: UUID, text: str, client_id: UUID) -> AsyncIterator[Event]:
        """Send a question and yield the events of its turn, the final one last."""

    def follow(self, turn_id: UUID) -> AsyncIterator[Event]:
        """Yield the events of a turn, the final one last."""

    async def stop(self, turn_id: UUID) -> None:
        """End an answer; what was written is kept."""

    async def close(self) -> None:
        """Let go of everything."""
