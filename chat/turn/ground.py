"""Stage 4: the passages and records that the answer may be made from."""

from datetime import date

from django.conf import settings

from chat.database import in_database
from chat.models import Turn
from chat.safety.injection import disarmed_passage
from chat.spans import span
from chat.turn import intents
from chat.turn.context import Reply, TurnContext
from chat.turn.hand_over import confirmation
from chat.turn.refusal import fixed, numbered, refuse
from chat.turn.wording import sentence
from knowledge.records import Fact, find_bookings, find_flights, flights_between
from knowledge.search import Hit, Query, Results, prepare, search

Grounding = Turn.Grounding

MOST_RECORDS = 4


async def ground(context: TurnContext) -> None:
    """Find what the answer may say; where there is nothing, set the plain reply that says so."""
    if context.intent in ("small_talk", "hand_off"):
        context.reply = fixed(_talk(context))
        return
    # The network first, so that no database thread waits for it.
    query = _query(context)
    with span("search") as searching:
        if not context.concealed.has_failed:  # an endpoint elsewhere may be asked
            query = await prepare(query)
        facts, results = await in_database(_look_up, context, query)
        searching.set({"chatsite.search.passages": len(results.hits), "chatsite.search.records": len(facts)})
    context.confidence, context.corrected = results.score, results.corrected
    hits = _worth_showing(context, results, facts)
    context.evidence = numbered(facts, hits, context.language)
    context.cut_from_sources = sum(disarmed_passage(hit.text).cut for hit in hits)
    if not context.evidence:
        context.grounding = Grounding.REFUSED
        context.reply = _refusal(context, results)
    elif facts or results.score >= settings.SEARCH_SURE_ABOVE:
        context.grounding = Grounding.SURE
    else:
        context.grounding = Grounding.UNSURE


def _look_up(context: TurnContext, query: Query) -> tuple[list[Fact], Results]:
    """One visit to the database: records bound to the signed-in person, then passages."""
    return _records(context), search(query)


def _query(context: TurnContext) -> Query:
    return Query(
        text=context.concealed.search_text or context.question,
        history=tuple(exchange.question for exchange in context.state.exchanges),
        language=context.language,
        on=_day(context),
        limit=settings.SEARCH_PASSAGES,
    )


def _records(context: TurnContext) -> list[Fact]:
    slots, day = context.slots, _day(context)
    facts: list[Fact] = []
    if context.intent == "booking":
        facts += find_bookings(context.customer.id, slots.get("booking"), context.language)
    if "flight" in slots:
        facts += find_flights(slots["flight"], day, context.language)
    elif context.intent == "flight" and len(slots.get("places", ())) == 2:
        origin, destination = slots["places"]
        facts += flights_between(origin, destination, day or context.today, context.language)
    return facts[:MOST_RECORDS]


def _day(context: TurnContext) -> date | None:
    return date.fromisoformat(context.slots["date"]) if "date" in context.slots else None


def _worth_showing(context: TurnContext, results: Results, facts: list[Fact]) -> tuple[Hit, ...]:
    """Return the passages to answer from.

    Below the low mark there is nothing to answer from, nor for a booking that is not there. Beside records,
    passages are taken only when they are a sure match or the question asks for a rule: "which gate" needs no
    policy.
    """
    if results.score < settings.SEARCH_REFUSE_BELOW or _asks_for_no_booking(context, facts):
        return ()
    if facts and not intents.is_about_rules(context.question):
        return ()
    best = results.hits[0].score if results.hits else 0.0
    return tuple(hit for hit in results.hits if hit.score >= best * 0.4)


def _asks_for_no_booking(context: TurnContext, facts: list[Fact]) -> bool:
    """Tell whether a booking is asked for that the person does not have: a rule about bookings in general,
    however well it fits, would only look like an answer.
    """
    question = context.question
    is_meant = context.intent == "booking" and intents.names_a_booking(question)
    return is_meant and not facts and not intents.is_about_rules(question)


def _talk(context: TurnContext) -> str:
    if context.intent == "hand_off":
        return confirmation(context.language)
    kind = intents.small_talk_kind(context.question)
    return sentence(kind, context.language, company=settings.COMPANY_NAME)


def _refusal(context: TurnContext, results: Results) -> Reply:
    """Say plainly what is missing, and offer the closest passages there are."""
    language, slots = context.language, context.slots
    if "flight" in slots:
        return fixed(sentence("flight_not_found", language, flight=slots["flight"]))
    if context.intent == "booking":
        return fixed(sentence("booking_not_found" if "booking" in slots else "no_bookings", language))
    if not results.revision:
        return fixed(sentence("library_empty", language))
    return refuse(context, results.hits)
