"""Asking a provider in a test, and what came of it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Protocol

from chat.llm.answer_stream import Patience
from chat.llm.base import Finish, PromptMessage, Provider, Request, Text
from chat.llm.errors import ProviderError

# Short enough for a test to see a limit pass; used by tests of that very limit alone.
SHORT = Patience(connect=30, first_token=0.5, between_tokens=0.5, coalesce=0.01)
LONG = Patience(connect=30, first_token=30, between_tokens=30, coalesce=0.01)


@dataclass
class Outcome:
    """What a provider did with one request."""

    pieces: list[str] = field(default_factory=list)
    finish: Finish | None = None
    error: ProviderError | None = None

    @property
    def text(self) -> str:
        """The answer as far as it came."""
        return "".join(self.pieces)


class MakeProvider(Protocol):
    """The ``make_provider`` fixture."""

    def __call__(self, kind: str, patience: Patience = LONG, *, model: str = "test-model") -> Provider:
        """Return a provider that talks to the fake and is closed after the test."""
        ...


def request(question: str = "What may I carry? #q1", **changes: object) -> Request:
    """Return a request whose answer carries the question's ``#mark``."""
    return Request("Only from the sources.", (PromptMessage("user", question),), question, **changes)


async def ask(provider: Provider, asked: Request | None = None) -> Outcome:
    """Read an answer to its end or its failure."""
    outcome = Outcome()
    try:
        await _read(provider.stream(asked or request()), outcome)
    except ProviderError as error:
        outcome.error = error
    return outcome


async def _read(stream: AsyncIterator[Text | Finish], outcome: Outcome) -> None:
    async for item in stream:
        assert outcome.finish is None, "nothing may follow the finish"
        if isinstance(item, Finish):
            outcome.finish = item
        else:
            assert item.text, "an empty piece is no piece"
            outcome.pieces.append(item.text)
