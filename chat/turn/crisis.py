"""Stage: people in danger. The cues are looked for on every message; a model is asked only where they speak.

``watch`` looks for cues and has the model asked beside the stages that follow, so that nobody waits for it.
``take_care`` decides once the answer would be written. ``show_protocol`` puts the fixed text in the answer's
place: it does not go through generation, so no model, cache, flight, limit or filter has a part in it.
"""

import asyncio

import structlog
from django.conf import settings
from django.db import Error as DatabaseFailure

from chat.database import in_database
from chat.errors import ChatError
from chat.events.types import TurnDelta, TurnRestarted
from chat.llm.base import PromptMessage, Request, Usage
from chat.llm.complete import complete, has_writer
from chat.llm.errors import ProviderError
from chat.models import CareText, HelpLine, Turn
from chat.safety.crisis import Level, Sighting, assess, care, classifier
from chat.safety.crisis.classifier import Judgement
from chat.safety.crisis.decision import NOTHING, Decision, decide
from chat.turn import language
from chat.turn.context import TurnContext

logger = structlog.get_logger(__name__)

EARLIER = 2  # messages read together with the newest one


async def watch(context: TurnContext) -> None:
    """Look for cues in the person's last three messages; where there are some, begin to ask a model."""
    danger = context.danger
    danger.sighting = _seen(context)
    if danger.sighting and _may_ask(context):
        danger.judging = asyncio.create_task(_judge(context), name=f"crisis-{context.turn_id}")
    elif danger.sighting.level is Level.STRONG:
        await take_care(context)


def is_decided(context: TurnContext) -> bool:
    """Tell whether the protocol is to be shown already, so that nothing else need be done."""
    decision = context.danger.decision
    return decision is not None and decision.kind == "protocol"


async def take_care(context: TurnContext) -> bool:
    """Decide what the person is shown; tell whether it is the protocol. Deciding again changes nothing."""
    danger = context.danger
    if danger.decision is None:
        sighting = danger.sighting or _seen(context)
        asked = danger.judging is not None or _could_not_ask(context)
        judgement = await danger.judging if danger.judging is not None else None
        is_steering = bool(sighting) and classifier.is_steering(context.question)
        danger.decision = decide(sighting, judgement, is_asked=asked, is_steering=is_steering)
        if danger.decision.kind != "nothing":
            _log(danger.decision)
    return is_decided(context)


async def show_protocol(context: TurnContext) -> None:
    """Let the fixed text be the whole answer."""
    shown = await _care(context, "protocol")
    context.language = shown.notice["language"]
    if context.raw_text:
        context.appender.append(TurnRestarted())
    context.drop_partial_text()
    _be_fixed(context, shown.text, [shown.notice])
    context.quick_replies, context.evidence, context.slots = [], [], {}
    context.confidence, context.grounding, context.intent = 0.0, "", "other"


async def show_support(context: TurnContext) -> None:
    """Put the help lines beside the answer, before every other notice."""
    if context.danger.decision is not None and context.danger.decision.kind == "support":
        shown = await _care(context, "support")
        context.notices = [shown.notice, *context.notices]


async def care_instead(context: TurnContext, error: ChatError) -> bool:
    """Take care of a person whose answer failed: with the protocol, or the help lines beside the failure's
    words. Tell whether there was need.
    """
    try:
        is_protocol = await take_care(context)
    except Exception:  # noqa: BLE001 - no fault of the detector's own may stand in the way of an honest failure
        logger.error("crisis_not_assessed", turn=str(context.turn_id))
        return False
    decision = context.danger.decision or NOTHING
    if is_protocol:
        await show_protocol(context)
    elif decision.kind == "support" and decision.is_flagged:
        shown = await _care(context, "support")
        context.drop_partial_text()
        _be_fixed(context, error.words, [shown.notice])
    else:
        return False
    return True


# --- cues and the model -------------------------------------------------------------------------------------


def _seen(context: TurnContext) -> Sighting:
    earlier = [exchange.question for exchange in context.state.exchanges[-EARLIER:]]
    try:
        return assess([*earlier, context.question])
    except Exception:  # noqa: BLE001 - whatever odd input does to the detector, a person may be behind it
        logger.error("crisis_cues_failed", turn=str(context.turn_id))
        return Sighting(Level.WEAK)


def _may_ask(context: TurnContext) -> bool:
    return settings.CRISIS_ASKS_MODEL and has_writer() and not context.concealed.has_failed


def _could_not_ask(context: TurnContext) -> bool:
    """Tell whether a model was to be asked and could not be: not the same as there being none."""
    return settings.CRISIS_ASKS_MODEL and has_writer()


async def _judge(context: TurnContext) -> Judgement | None:
    """Return the model's judgement; None where there is none to be had."""
    earlier = [exchange.question for exchange in context.state.exchanges[-EARLIER:]]
    request = Request(
        system=classifier.RULES,
        messages=(PromptMessage("user", classifier.marked([*earlier, context.concealed.question])),),
        question="",
        max_tokens=classifier.MAX_TOKENS,
        temperature=0.0,
        schema=classifier.SCHEMA,
    )
    try:
        return await complete(request, classifier.judgement_of, seconds=settings.CRISIS_MODEL_SECONDS)
    except ProviderError as error:
        logger.warning("crisis_not_judged", code=error.code)
    except Exception as error:  # noqa: BLE001 - whatever a provider does, the cues decide instead
        logger.error("crisis_not_judged", code=type(error).__name__)
    return None


def _log(decision: Decision) -> None:
    """Say in the log what was decided, without a word of what was said."""
    logger.warning("crisis", kind=decision.kind, cause=decision.cause, flagged=decision.is_flagged)


# --- what is shown ------------------------------------------------------------------------------------------


def _be_fixed(context: TurnContext, text: str, notices: list[dict[str, object]]) -> None:
    context.source, context.provider, context.model = Turn.Source.FIXED, "", ""
    context.usage, context.finish, context.cache_key = Usage(), "stop", ""
    context.raw_text = context.text = text
    context.notices = notices
    if context.first_token_ms is None:
        context.first_token_ms = context.elapsed_ms
    context.whole = True
    context.appender.append(TurnDelta(text))


async def _care(context: TurnContext, kind: str) -> care.Care:
    spoken = _language(context)
    words, lines = care.first_words(), care.first_lines()
    try:
        words, lines = await in_database(_tables, words, lines)
    except DatabaseFailure as error:
        logger.warning("crisis_tables_away", reason=type(error).__name__)
    chosen = words.get(spoken) or words[care.FALLBACK_LANGUAGE]
    country = care.country_of(context.danger.accept_language, spoken, settings.CRISIS_COUNTRY)
    return care.care_for(kind, words=chosen, lines=lines, country=country)


def _language(context: TurnContext) -> str:
    """Return the language the person writes in now; that of their profile where it cannot be told."""
    known = context.customer.language or context.state.language or care.FALLBACK_LANGUAGE
    found = language.detect(context.question, known)
    return found.split("-")[0]


def _tables(
    words: dict[str, care.Words], lines: tuple[care.Line, ...]
) -> tuple[dict[str, care.Words], tuple[care.Line, ...]]:
    """Return what staff have made of texts and lines; what they have none of stays as given."""
    fields = ("language", "heading", "protocol", "support")
    edited = {row[0]: care.Words(*row) for row in CareText.objects.values_list(*fields)}
    fields = ("country", "language", "name", "phone", "text", "url", "hours")
    active = HelpLine.objects.filter(is_active=True).values_list(*fields)
    return words | edited, tuple(care.Line(*row) for row in active) or lines
