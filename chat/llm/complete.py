"""One short answer as a whole, read by whoever asked: for questions that the desk puts to a model itself."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import TypeVar

import structlog

from chat.llm.base import Provider, Request, Text
from chat.llm.errors import MalformedStream, ProviderError, ProviderRefused, TimedOut, Unavailable
from chat.llm.registry import breaker_of, providers

logger = structlog.get_logger(__name__)

_T = TypeVar("_T")
MOST_CHARACTERS = 8_000


def has_writer() -> bool:
    """Tell whether the chain has a model that writes, and not only quotations."""
    return bool(_writers())


async def complete(request: Request, read: Callable[[str], _T], *, seconds: float, tries: int = 2) -> _T:
    """Ask for one answer and return what ``read`` makes of it.

    The first provider that may be asked is asked; after a failure or an answer that cannot be read the next
    one, or the only one again. One that will not have the request is asked without schema and temperature.

    Args:
        request: the call.
        read: makes something of the whole text; raises ValueError when it is not what was asked for.
        seconds: patience with one try.
        tries: calls at most.

    Raises:
        ProviderError: the last try's failure; ``Unavailable`` when nobody may be asked.
    """
    failure: ProviderError = Unavailable("no model may be asked")
    open_to_calls = [writer for writer in _writers() if await breaker_of(writer).lets_through()]
    for provider in _in_turn(open_to_calls, tries):
        try:
            return await _ask(provider, request, read, seconds)
        except ProviderError as error:
            failure = error
            logger.warning("completion_failed", provider=provider.name, code=error.code, reason=str(error))
            await breaker_of(provider).failed(error)
            if isinstance(error, ProviderRefused):
                request = replace(request, schema=None, temperature=None)
    raise failure


def _writers() -> list[Provider]:
    return [provider for provider in providers() if provider.name != "extractive"]


def _in_turn(several: Sequence[Provider], tries: int) -> list[Provider]:
    return [several[number % len(several)] for number in range(tries)] if several else []


async def _ask(provider: Provider, request: Request, read: Callable[[str], _T], seconds: float) -> _T:
    try:
        async with asyncio.timeout(seconds):
            text = await _whole(provider, request)
    except TimeoutError:
        raise TimedOut("whole answer") from None
    await breaker_of(provider).succeeded()
    try:
        return read(text)
    except ValueError as error:
        raise MalformedStream(f"an answer of another form: {type(error).__name__}") from None


async def _whole(provider: Provider, request: Request) -> str:
    text = ""
    async with aclosing(provider.stream(request)) as stream:
        async for piece in stream:
            if isinstance(piece, Text):
                text += piece.text
            if len(text) > MOST_CHARACTERS:
                raise MalformedStream("an answer without end")
    return text
