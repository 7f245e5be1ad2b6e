"""Stage 4: the passages and records that the answer may be made from."""

from datetime import date

from django.conf import settings

from chat.database import in_database
from chat.llm.base import Source
from chat.models import Turn
from chat.turn import intents
from chat.turn.context import Evidence, Reply, TurnContext
from chat.turn.wording import sentence
from knowledge.records import Fact, find_bookings, find_flights, flights_between
from knowledge.search import Hit, Query, Results, search

MOST_RECORDS = 4


async def ground(context: TurnContext) -> None:
    """Find what the answer may say; where there is nothing, set the plain reply that says so."""
    if context.intent in ("small_talk", "hand_off"):
        context.reply = _fixed(context, _talk(context))
        return
    facts, results = await in_database(_look_up, context)
    context.confidence = results.score
    hits = _worth_showing(context, results, facts)
    context.evidence = _numbered(facts, hits, context.language)
    context.sure = bool(facts) or results.score >= settings.SEARCH_SURE_ABOVE
    if not context.evidence:
        context.reply = _refusal(context, results)


def _look_up(context: TurnContext) -> tuple[list[Fact], Results]:
    """One visit to the database: records bound to the signed-in person, then passages."""
    facts = _records(context)
    query = Query(
        text=context.question,
        history=tuple(exchange.question for exchange in context.state.exchanges),
        language=context.language,
        on=_day(context),
        limit=settings.SEARCH_PASSAGES,
    )
    return facts, search(query)


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

    Below the low mark there is nothing to answer from. Beside records, passages are taken only when they are
    a sure match or the question asks for a rule: "which gate" needs no policy.
    """
    if results.score < settings.SEARCH_REFUSE_BELOW:
        return ()
    if facts and not intents.is_about_rules(context.question):
        return ()
    best = results.hits[0].score if results.hits else 0.0
    return tuple(hit for hit in results.hits if hit.score >= best * 0.4)


def _numbered(facts: list[Fact], hits: tuple[Hit, ...], language: str) -> list[Evidence]:
    records = [(fact.title, "", fact.text, None, fact) for fact in facts]
    passages = [(hit.title, _section(hit), hit.text, hit, None) for hit in hits]
    return [
        Evidence(
            Source(
                number=number,
                kind="record" if fact else "passage",
                title=title,
                section=section,
                text=text,
                language=hit.language if hit else language,
            ),
            hit,
            fact,
        )
        for number, (title, section, text, hit, fact) in enumerate(records + passages, start=1)
    ]


def _section(hit: Hit) -> str:
    """Return the title path inside the document, without the document's own title in front."""
    return hit.heading.removeprefix(hit.title).removeprefix(" › ")


def _name(hit: Hit) -> str:
    return " › ".join(filter(None, (hit.title, _section(hit))))


def _talk(context: TurnContext) -> str:
    if context.intent == "hand_off":
        return sentence("hand_off", context.language)
    kind = intents.small_talk_kind(context.question)
    return sentence(kind, context.language, company=settings.COMPANY_NAME)


def _refusal(context: TurnContext, results: Results) -> Reply:
    """Say plainly what is missing, and offer the closest passages there are."""
    language, slots = context.language, context.slots
    if "flight" in slots:
        return _fixed(context, sentence("flight_not_found", language, flight=slots["flight"]))
    if context.intent == "booking":
        key = "booking_not_found" if "booking" in slots else "no_bookings"
        return _fixed(context, sentence(key, language))
    if not results.revision:
        return _fixed(context, sentence("library_empty", language))
    lines = [sentence("not_found", language)]
    closest = results.hits[:3]
    if closest:
        context.evidence = _numbered([], closest, language)
        lines += ["", sentence("closest", language)]
        lines += [f"- {_name(hit)} [{number}]" for number, hit in enumerate(closest, start=1)]
    return _fixed(context, "\n".join(lines))


def _fixed(context: TurnContext, text: str) -> Reply:
    return Reply(text=text, source=Turn.Source.FIXED)
