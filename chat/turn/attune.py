"""How the person sounds and how soon they travel, and what follows for the answer.

Called by the stage that understands the question. No fault in here may keep an answer away: whatever fails,
the answer is the plain one, and the failure is counted, without a word of what was said.
"""

from contextlib import suppress
from datetime import datetime

import structlog
from django.core.cache import cache
from django.db import Error as DatabaseFailure
from django.utils import timezone

from chat.database import in_database
from chat.models import ConversationFlag
from chat.turn.context import TurnContext
from chat.turn.strategy import PLAIN, choose
from chat.turn.tone import Mood, Reading, Sentiment, is_urgent, read
from chat.turn.tone.judge import Judgement, judge
from chat.turn.tone.urgency import SOON
from knowledge.records import Departure, departures_of

logger = structlog.get_logger(__name__)

FAILURES = "tone:failures"  # in the cache: how many messages' tone could not be told
_CONTEXT_MESSAGES = 2  # earlier messages shown to a model


async def listen(context: TurnContext) -> Reading:
    """Return what the question says of the person; of a calm one where that cannot be told."""
    try:
        return read(context.question, _asked_before(context))
    except Exception as error:  # noqa: BLE001 - whatever odd input does to the detector, the desk answers
        await _count(error)
        return Reading()


async def attune(context: TurnContext, reading: Reading, departures: list[Departure]) -> None:
    """Set the mood and the strategy of the answer.

    Args:
        context: with question, slots and intent.
        reading: what the question says of the person.
        departures: the person's own next ones.
    """
    try:
        judgement = await _judgement(context)
        _set(context, reading, judgement, departures)
        if context.strategy.offers_person and await in_database(_waits_already, context):
            _set(context, reading, judgement, departures, is_offered=False)
    except Exception as error:  # noqa: BLE001 - as above
        await _count(error)
        context.mood, context.strategy = Mood(), PLAIN


def may_travel_soon(context: TurnContext, reading: Reading) -> bool:
    """Tell whether the person's departures are worth a look: not of somebody known to have no booking, nor
    where the message itself says that it presses.
    """
    known = context.concealed
    return bool(
        context.customer.id and (known.known.references or known.has_failed) and not reading.is_pressing
    )


def next_departures(user_id: int, now: datetime) -> list[Departure]:
    """Return a person's own departures that make them be in a hurry; none where that cannot be told."""
    try:
        return departures_of(user_id, now, now + SOON)
    except DatabaseFailure:
        raise  # the stage's own look-ups fail with it: the turn says so
    except Exception as error:  # noqa: BLE001 - a record of another form must not keep the answer away
        logger.error("departures_not_known", reason=type(error).__name__)
        return []


def _set(
    context: TurnContext,
    reading: Reading,
    judgement: Judgement | None,
    departures: list[Departure],
    *,
    is_offered: bool = True,
) -> None:
    sentiment = judgement.sentiment if judgement else reading.sentiment
    urgent = is_urgent(reading, context.slots, departures, today=context.today, now=timezone.now())
    urgent = urgent or bool(judgement and judgement.is_urgent)
    if context.intent == "small_talk" and not sentiment.is_cross:
        sentiment, urgent = Sentiment.CALM, False
    context.mood = Mood(sentiment, is_urgent=urgent)
    context.strategy = choose(
        sentiment,
        Sentiment(context.state.sentiment),
        is_urgent=urgent,
        is_thankful=reading.is_thankful,
        wants_person=context.intent == "hand_off" or not is_offered,
    )


def _asked_before(context: TurnContext) -> list[str]:
    """Return the earlier questions, if this one may be one of them: they are kept masked, as it is not."""
    if context.concealed.is_personal:
        masked = context.concealed.question
        return [context.question for one in context.state.exchanges if one.question == masked]
    return [one.question for one in context.state.exchanges]


async def _judgement(context: TurnContext) -> Judgement | None:
    if context.concealed.has_failed:
        return None
    earlier = [one.question for one in context.state.exchanges[-_CONTEXT_MESSAGES:]]
    return await judge(context.concealed.question, earlier)


def _waits_already(context: TurnContext) -> bool:
    flags = ConversationFlag.objects.waiting().filter(conversation=context.conversation_id)
    return flags.filter(kind=ConversationFlag.Kind.PERSON).exists()


async def _count(error: Exception) -> None:
    # No traceback and no message: either may hold the text.
    logger.error("tone_not_told", reason=type(error).__name__)
    with suppress(Exception):  # a cache that is away counts nothing
        await in_database(_counted)


def _counted() -> None:
    if not cache.add(FAILURES, 1, None):
        cache.incr(FAILURES)
