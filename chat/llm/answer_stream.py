"""Reading one streamed answer from a raw HTTP body: pace, time limits, and what counts as an ending."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from chat.llm.base import Finish, Usage
from chat.llm.errors import ContentFiltered, MalformedStream, ProviderError, StreamCut, TimedOut
from chat.llm.sse import EventParser
from chat.llm.tool_calls import CallParts

Reason = Literal["stop", "length", "filtered"]

CHARACTERS_PER_TOKEN = 4
# A read this large is probably not all that was waiting, so the next one follows at once.
LARGE_READ_BYTES = 8_192
# How long a whole answer waits for its usage, and then for the end of the body, which frees the connection.
USAGE_SECONDS = 1.0
END_SECONDS = 0.1
_HALF = re.compile("[\ud800-\udfff]")
_FIRST_HALF = re.compile("[\ud800-\udbff]")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds.

    Attributes:
        connect: for the connection.
        first_token: from the call to the first text.
        between_tokens: from one text to the next.
        coalesce: least time between two reads once text has begun; what arrives meanwhile is one piece.
    """

    connect: float
    first_token: float
    between_tokens: float
    coalesce: float


@dataclass(slots=True)
class Ending:
    """What a stream has said about its end so far; token counts are ``None`` until it tells them.

    Attributes:
        calls: the tools that it asks for; None while it asks for none.
        model: which model the provider says is answering.
    """

    reason: Reason | None = None
    complete: bool = False
    prompt_tokens: int | None = None
    cached_tokens: int = 0
    completion_tokens: int | None = None
    calls: CallParts | None = None
    model: str = ""

    @property
    def asked(self) -> CallParts:
        """The calls, to be added to."""
        if self.calls is None:
            self.calls = CallParts()
        return self.calls

    @property
    def whole(self) -> bool:
        """Whether the text is all there."""
        return self.complete or self.reason is not None


class Dialect(Protocol):
    """What one vendor's events mean."""

    def read(self, event: dict[str, Any], ending: Ending) -> str:
        """Return the text of an event; note in ``ending`` what it says about the end.

        Raises:
            ProviderError: the event is an error.
            TypeError, KeyError, AttributeError, IndexError: it has the wrong shape.
        """
        ...


class AnswerStream:
    """One answer being read.

    Args:
        body: decoded bytes of the response.
        dialect: the vendor's meaning of events.
        patience: time limits.
        first_deadline: loop time by which the first text must be there.
        most_characters: longer answers are ended here, as too long.
        failures: exceptions by which the transport tells that the body broke off.
    """

    def __init__(
        self,
        body: AsyncIterator[bytes],
        dialect: Dialect,
        patience: Patience,
        *,
        first_deadline: float,
        most_characters: int,
        failures: tuple[type[Exception], ...],
    ):
        self._body, self._dialect, self._patience, self._failures = body, dialect, patience, failures
        self._most_characters = most_characters
        self._loop = asyncio.get_running_loop()
        self._parser = EventParser()
        self._ending = Ending()
        self._deadline, self._waiting_for = first_deadline, "first token"
        self._limit: float | None = None
        self._read_again_at = 0.0
        self._characters = 0
        self._call_characters = 0
        self._only_space = True
        self._half_character = ""
        self.ended = False

    @property
    def model(self) -> str:
        """Return which model the provider says is answering; empty where it does not tell."""
        return self._ending.model

    async def read(self) -> str:
        """Return the text that came with the next read of the body; empty if it held none. May set ``ended``.

        Raises:
            ProviderError: the answer cannot go on.
        """
        ending = self._ending
        was_whole, was_complete = ending.whole, ending.complete
        try:
            text = self._text_of(await self._next_chunk())
        except ProviderError:
            # After the finish reason comes only bookkeeping: no failure there can harm a whole answer.
            if not was_whole:
                raise
            self.ended, text = True, ""
        if ending.complete and not was_complete:
            self._limit = END_SECONDS
        elif ending.whole and not was_whole:
            self._limit = USAGE_SECONDS
        elif text or self._has_more_of_calls():
            self._limit, self._waiting_for = self._patience.between_tokens, "next token"
        return self._count(self._mend(text))

    def finish(self, sent_characters: int) -> Finish:
        """Return the finish of an answer that has ended.

        Args:
            sent_characters: length of the whole prompt, for tokens that the provider did not count.

        Raises:
            ContentFiltered: nothing was answered, because of the provider's filter.
            MalformedStream: nothing was answered at all.
        """
        ending = self._ending
        # What the provider's filter has cut short is not to be acted on.
        calls = ending.calls.whole() if ending.calls is not None and ending.reason != "filtered" else ()
        if self._only_space and not calls:
            # Nobody can be shown an empty answer, and asking again or elsewhere may well give a real one.
            raise ContentFiltered("no text") if ending.reason == "filtered" else MalformedStream("no text")
        prompt, completion = ending.prompt_tokens, ending.completion_tokens
        usage = Usage(
            estimated_tokens(sent_characters) if prompt is None else prompt,
            estimated_tokens(self._characters) if completion is None else completion,
            estimated=prompt is None or completion is None,
            cached_tokens=ending.cached_tokens,
        )
        return Finish(ending.reason or "stop", usage, calls)

    async def _next_chunk(self) -> bytes:
        if self._characters and not self._ending.whole:
            await self._pause()
        if self._limit is not None:
            self._deadline, self._limit = self._loop.time() + self._limit, None
        try:
            async with asyncio.timeout_at(self._deadline):
                chunk = await anext(self._body, b"")
        except TimeoutError:
            raise TimedOut(self._waiting_for) from None
        except self._failures as error:
            raise StreamCut(f"the body broke off: {type(error).__name__}") from None
        wait = self._patience.coalesce if len(chunk) < LARGE_READ_BYTES else 0.0
        self._read_again_at = self._loop.time() + wait
        return chunk

    def _has_more_of_calls(self) -> bool:
        """Count what came of calls since the last read; tell whether anything did."""
        if self._ending.calls is None:
            return False
        more = self._ending.calls.characters - self._call_characters
        self._call_characters += more
        self._characters += more
        return more > 0

    async def _pause(self) -> None:
        wait = self._read_again_at - self._loop.time()
        if wait > 0:
            await asyncio.sleep(wait)

    def _text_of(self, chunk: bytes) -> str:
        if chunk:
            return "".join([self._understand(data) for data in self._parser.feed(chunk)])
        self.ended = True
        try:
            text = "".join([self._understand(data) for data in self._parser.close()])
        except MalformedStream:
            text = ""  # the last event is a fragment: what matters is whether the answer had ended before it
        if not self._ending.whole:
            raise StreamCut("the body ended before the answer")
        return text

    def _understand(self, data: bytes) -> str:
        if data == b"[DONE]":
            self._ending.complete = True
            return ""
        try:
            return self._dialect.read(json.loads(data.decode()), self._ending)
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
            raise MalformedStream(f"an event that cannot be read: {type(error).__name__}") from None

    def _mend(self, text: str) -> str:
        """Join halves of a character (an emoji escaped as two, in two events); replace a lone half."""
        text = self._half_character + text
        if text.isascii():
            return text
        self._half_character = ""
        if _FIRST_HALF.match(text[-1]) and not self.ended:
            text, self._half_character = text[:-1], text[-1]
        if _HALF.search(text):
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return text

    def _count(self, text: str) -> str:
        self._characters += len(text)
        self._only_space = self._only_space and (not text or text.isspace())
        if self._characters > self._most_characters:
            self._ending.reason, self.ended = "length", True
        return text


def estimated_tokens(characters: int) -> int:
    """Return about how many tokens a text of that length is, rounded up."""
    return -(-characters // CHARACTERS_PER_TOKEN)
