"""The runner: claims a turn and takes one attempt at it through the stages."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils import timezone, translation
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_delay, wait_exponential_jitter

from chat import origin
from chat.database import in_database
from chat.errors import ChatError, TurnFailed
from chat.events.log import Appender, event_log
from chat.events.types import TurnDelta, TurnRestarted, TurnStarted
from chat.models import Turn
from chat.safety.personal import Restorer
from chat.spans import NOTHING, Span
from chat.turn import language, metrics, telling
from chat.turn.answer_cache import look_up
from chat.turn.charge import charge_deleted
from chat.turn.conceal import conceal
from chat.turn.context import Customer, Danger, TurnContext
from chat.turn.crisis import care_instead, is_decided, show_protocol, show_support, take_care, watch
from chat.turn.economy import economise
from chat.turn.flight import generate_once
from chat.turn.foreword import Foreword, foreword
from chat.turn.generate import Filter, drain
from chat.turn.ground import ground
from chat.turn.guard import guarded
from chat.turn.hand_over import offer
from chat.turn.present import present
from chat.turn.prompt import write
from chat.turn.recall import recall
from chat.turn.refusal import refuse
from chat.turn.screen import screen
from chat.turn.settle import Superseded, settle
from chat.turn.understand import understand
from chat.turn.verdict import Insufficient

logger = structlog.get_logger(__name__)

BEFORE_THE_ANSWER = (screen, recall, conceal, watch, understand, ground, look_up, write, economise)
SETTLE_FOR_SECONDS = 30

Holding = Callable[[TurnContext], AbstractContextManager[None]]


async def run_turn(turn_id: UUID, holding: Holding) -> UUID | None:
    """Take one attempt at a turn, if it can be claimed.

    Args:
        turn_id: the turn.
        holding: entered for as long as the attempt runs; keeps its lease and hears of stops.

    Returns:
        The conversation's next turn that waits, if there is one.
    """
    claimed = await in_database(_claim, turn_id)
    if claimed is None:
        return None
    context = _context_of(claimed)
    with (
        translation.override(_language_of_words(context)),
        origin.of(claimed.request_id),
        structlog.contextvars.bound_contextvars(turn=str(turn_id), attempt=context.attempt),
        telling.turn_span(context) as whole,
    ):
        with holding(context):
            await _attempt(context, whole)
        await _charge_if_deleted(context)
        return await in_database(_next_waiting, context.conversation_id)


async def _attempt(context: TurnContext, whole: Span = NOTHING) -> None:
    context.appender.append(TurnStarted() if context.attempt == 1 else TurnRestarted())
    telling.begun(context)
    metrics.begun(context)
    error: ChatError | None = None
    may_wait = False
    try:
        await _answer(context)
    except ChatError as failure:
        error = failure
        logger.info("turn_failed", code=failure.code)
    except Superseded:
        logger.warning("turn_superseded")
        metrics.superseded()
        return
    except (OperationalError, InterfaceError) as failure:
        logger.warning("database_away", reason=str(failure))
        error = TurnFailed(code="internal")
        may_wait = context.attempt < settings.TURN_MAX_ATTEMPTS
    except Exception:  # whatever a stage could not handle must end the turn honestly, not leave it running
        logger.exception("turn_broke")
        error = TurnFailed(code="internal")
    if error is not None and await care_instead(context, error):
        error = None
    elif may_wait:
        return  # the lease runs out, and the sweeper has the turn begun again
    await _end(context, error, whole)


async def _answer(context: TurnContext) -> None:
    for stage in BEFORE_THE_ANSWER:
        with context.timed(stage.__name__):
            await stage(context)
        if stage is understand:
            language.speak(context.language)
        if is_decided(context):
            break
    if await take_care(context):
        await show_protocol(context)
        return
    await write_answer(context)
    await show_support(context)


async def write_answer(context: TurnContext) -> None:
    """Write the answer, and what stands beside it, from what the stages before have put into the context.

    Raises:
        TurnFailed: the deadline passed, or no provider could answer.
    """
    with context.timed("generate"):
        try:
            await _generate(context)
        except Insufficient:
            _refuse_instead(context)
            await _generate(context)
    with context.timed("present"):
        await present(context)
        offer(context)


def _refuse_instead(context: TurnContext) -> None:
    """Let the refusal be the answer, with what the verdict has cost."""
    context.drop_partial_text()
    context.grounding = Turn.Grounding.INSUFFICIENT
    reply = refuse(context, [item.hit for item in context.evidence if item.hit])
    context.reply = replace(reply, usage=context.usage, provider=context.provider, model=context.model)


async def _generate(context: TurnContext) -> None:
    """Write the answer in a task of its own, which a stop can end without touching anything else."""
    filters: list[Filter] = []

    def fresh_filters(quoting: bool) -> list[Filter]:
        # Last, so that what the filters before it judge is the model's own text and not the person's values.
        restorer = Restorer(context.concealed.placeholders, context.language)
        # After everything: the desk's own words are no claim, and nothing has to judge them.
        opening = Foreword(foreword(context, quoting=quoting))
        filters[:] = [*guarded(context, quoting=quoting), restorer, opening]
        return filters

    def emit(text: str) -> None:
        context.chunks += 1
        context.appender.append(TurnDelta(text))
        if context.appender.is_superseded:
            raise Superseded

    async def restart() -> None:
        context.appender.append(TurnRestarted())

    if context.stop_requested:
        return
    work = generate_once(context, filters=fresh_filters, emit=emit, restart=restart)
    context.generation = asyncio.create_task(work)
    try:
        await context.generation
        context.whole = True
    except asyncio.CancelledError:
        if not context.stop_requested:
            context.generation.cancel()
            raise
        if context.superseded:
            raise Superseded from None
        context.text += drain(filters)
    finally:
        context.generation = None


async def _end(context: TurnContext, error: ChatError | None, whole: Span) -> None:
    try:
        with context.timed("settle"):
            async for attempt in AsyncRetrying(
                retry=retry_if_exception_type((OperationalError, InterfaceError)),
                stop=stop_after_delay(SETTLE_FOR_SECONDS),
                wait=wait_exponential_jitter(multiplier=0.2, max=2),
                reraise=True,
            ):
                with attempt:
                    final = await settle(context, error)
    except Superseded:
        logger.warning("turn_superseded")
        metrics.superseded()
        return
    except (OperationalError, InterfaceError):
        logger.exception("turn_not_settled")  # the lease runs out, and the sweeper has it done again
        return
    context.appender.append(final)
    metrics.ended(context, error)
    telling.ended(context, error, final, whole)


async def _charge_if_deleted(context: TurnContext) -> None:
    try:
        if await charge_deleted(context):
            metrics.spent(context)
    except (OperationalError, InterfaceError):
        logger.exception("turn_not_charged")  # what is set aside is given back by the hourly task


def _claim(turn_id: UUID) -> Turn | None:
    lease = timedelta(seconds=settings.TURN_LEASE_SECONDS)
    if not Turn.objects.claim(turn_id, lease, most_attempts=settings.TURN_MAX_ATTEMPTS):
        return None
    return Turn.objects.select_related("conversation__owner", "question").get(pk=turn_id)


def _next_waiting(conversation: UUID) -> UUID | None:
    waiting = Turn.objects.filter(conversation_id=conversation, status=Turn.Status.QUEUED)
    return waiting.order_by("position").values_list("pk", flat=True).first()


def _language_of_words(context: TurnContext) -> str:
    person, browser = context.customer.language, context.danger.accept_language
    return language.of_words(context.question, profile=person, accept_language=browser)


def _context_of(turn: Turn) -> TurnContext:
    owner = turn.conversation.owner
    return TurnContext(
        turn_id=turn.pk,
        conversation_id=turn.conversation_id,
        customer=Customer(owner.pk, owner.first_name, owner.language, owner.last_name, owner.email),
        appender=Appender(event_log(), turn=turn.pk, conversation=turn.conversation_id, attempt=turn.attempt),
        question=turn.question.text,
        revision=turn.conversation.revision,
        asked_at=turn.created_at,
        deadline_at=turn.deadline_at,
        today=timezone.localdate(),
        danger=Danger(accept_language=turn.conversation.accept_language),
        stop_requested=turn.stop_requested_at is not None,
    )
