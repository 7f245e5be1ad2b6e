"""Stage 7: the answer as a stream, from a ready reply or from the first provider in the chain that can."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from functools import partial
from typing import Protocol

import structlog
from django.utils import timezone
from django.utils.translation import gettext

from chat.errors import TurnFailed
from chat.llm.base import Finish, Provider, Text, ToolCall
from chat.llm.errors import ProviderError
from chat.llm.persistence import again
from chat.llm.registry import breaker_of, providers, quoting_provider
from chat.models import Turn
from chat.turn.context import TurnContext
from chat.turn.leak import PromptLeaked
from chat.turn.rounds import looking_up
from chat.turn.verdict import Insufficient, Verdict
from chat.turn.wording import sentence

logger = structlog.get_logger(__name__)

_REPLY_PIECE = re.compile(r"\S+\s*|\s+")
_WORDS_A_PIECE = 12


class Filter(Protocol):
    """Something the answer flows through: cuts may fall anywhere and change nothing."""

    def feed(self, piece: str) -> str:
        """Take a piece, return what may be shown now."""
        ...

    def finish(self) -> str:
        """Return what was held back to the end."""
        ...


FilterChain = Callable[[bool], list[Filter]]
Restart = Callable[[], Awaitable[None]]


async def generate(
    context: TurnContext, *, filters: FilterChain, emit: Callable[[str], None], restart: Restart
) -> None:
    """Write the answer, handing every piece that may be shown to ``emit``.

    Args:
        filters: makes the filters anew, since the answer begins anew when a provider fails in its middle;
            told whether what comes is quoted.
        emit: called with the pieces of the answer as it will stand.
        restart: awaited before the answer begins anew, so that watchers drop the partial text.

    Raises:
        TurnFailed: the deadline passed, or no provider could answer.
        Insufficient: the model found that the sources do not hold the answer; nothing was emitted.
    """
    async with within_the_deadline(context):
        await _write(context, filters, emit, restart)


@asynccontextmanager
async def within_the_deadline(context: TurnContext) -> AsyncIterator[None]:
    """End what is inside when the turn's time is over.

    Raises:
        TurnFailed: it is over.
    """
    left = (context.deadline_at - timezone.now()).total_seconds()
    try:
        async with asyncio.timeout(max(left, 0)):
            yield
    except TimeoutError as error:
        raise TurnFailed(gettext("The answer took too long. Please try again."), code="deadline") from error


async def _write(context: TurnContext, filters: FilterChain, emit: Callable[[str], None], restart: Restart):
    if context.reply is not None:
        reply = context.reply
        context.source, context.provider, context.model = reply.source, reply.provider, reply.model
        context.usage = reply.usage
        await _pour(context, _pieces(reply.text), [Verdict(), *filters(False)], emit)
        return
    for provider in await _who_may_be_asked(context):
        breaker = breaker_of(provider)
        if not await breaker.lets_through():
            continue
        try:
            async for attempt in again(partial(_begin_anew, context, restart)):
                with attempt:
                    await _ask(context, provider, filters, emit, restart)
        except ProviderError as error:
            logger.warning(
                "provider_failed", provider=provider.name, code=error.code, reason=str(error),
                after_characters=len(context.raw_text),
            )  # fmt: skip
            if isinstance(error, PromptLeaked):  # the provider works; whoever made it tell must not end it
                context.leaks += 1
                await breaker.succeeded()
            else:
                await breaker.failed(error)
            await _begin_anew(context, restart)
        except Insufficient:
            await breaker.succeeded()
            raise
        else:
            await breaker.succeeded()
            return
    raise TurnFailed(
        gettext("Our answering service is not reachable right now. Please try again in a moment."),
        code="model_unavailable",
    )


async def _who_may_be_asked(context: TurnContext) -> tuple[Provider, ...]:
    """Return the chain, as far as the person's plan has room for it; that is set aside by now."""
    if context.request is not None and context.request.stays_here:
        return (quoting_provider(),)
    return providers() if context.budget is None else await context.budget.affordable()


async def _begin_anew(context: TurnContext, restart: Restart) -> None:
    """Let whoever watches drop what was shown, if anything was."""
    if context.raw_text:
        await restart()
        context.drop_partial_text()


async def _ask(
    context: TurnContext,
    provider: Provider,
    filters: FilterChain,
    emit: Callable[[str], None],
    restart: Restart,
) -> None:
    """Have one provider write the answer, with the look-ups that its model asks for in between."""
    quoting = provider.name == "extractive"
    context.source = Turn.Source.QUOTED if quoting else Turn.Source.MODEL
    context.provider, context.model = provider.name, provider.model
    async with looking_up(context, provider) as rounds:
        while True:
            async with aclosing(provider.stream(await rounds.request())) as stream:
                chain = [*rounds.opening(), Verdict(), *filters(quoting)]
                calls = await _pour(context, stream, chain, emit)
            if not calls:
                break
            if context.text:
                await restart()
            await rounds.look_up(calls)
    if not context.text.strip():
        raise ProviderError("the answer was empty", retryable=True)


async def _pour(
    context: TurnContext,
    stream: AsyncIterator[Text | Finish],
    filters: list[Filter],
    emit: Callable[[str], None],
) -> tuple[ToolCall, ...]:
    """Show the text as it comes; return the calls that it ends in, where it is not the answer yet."""
    async for piece in stream:
        if isinstance(piece, Finish):
            context.usage, context.finish = context.spent + piece.usage, piece.reason
            if piece.calls:
                return piece.calls
            break
        if context.first_token_ms is None:
            context.first_token_ms = context.elapsed_ms
        context.raw_text += piece.text
        _show(context, _through(filters, piece.text), emit)
    if any(isinstance(each, Verdict) and each.is_insufficient for each in filters):
        raise Insufficient
    _show(context, drain(filters), emit)
    if context.finish != "stop":
        _show(context, "\n\n" + sentence(f"ended_{context.finish}", context.language), emit)
    return ()


def _through(filters: list[Filter], text: str) -> str:
    for each in filters:
        text = each.feed(text)
    return text


def drain(filters: list[Filter]) -> str:
    """Return what the filters held back, each one's rest having gone through those after it."""
    text = ""
    for each in filters:
        text = (each.feed(text) if text else "") + each.finish()
    return text


def _show(context: TurnContext, text: str, emit: Callable[[str], None]) -> None:
    if text:
        context.text += text
        emit(text)


async def _pieces(text: str) -> AsyncIterator[Text | Finish]:
    """Yield a ready text a few words at a time, so that it is read the same way as a written one."""
    words = _REPLY_PIECE.findall(text)
    for begin in range(0, len(words), _WORDS_A_PIECE):
        yield Text("".join(words[begin : begin + _WORDS_A_PIECE]))
