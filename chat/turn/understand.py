"""Stage 3: language, intent and slots, without a model."""

from datetime import date
from typing import Any

from django.utils import timezone

from chat.database import in_database
from chat.events.types import TurnUnderstood
from chat.turn import intents, language
from chat.turn.attune import attune, listen, may_travel_soon, next_departures
from chat.turn.context import Intent, TurnContext
from knowledge.records import Departure, booking_references_in, flight_numbers_in, places_in


async def understand(context: TurnContext) -> None:
    """Tell what the question is about and say so to whoever watches."""
    text = context.question
    context.language = language.of_turn(
        text,
        profile=context.customer.language,
        before=context.state.language,
        accept_language=context.danger.accept_language,
    )
    reading = await listen(context)
    travels = may_travel_soon(context, reading)
    context.slots, departures = await in_database(
        _looked_up, text, context.customer.id, context.today, travels=travels
    )
    context.intent = intent_of(text, context.slots, wants_person=reading.wants_person)
    _carry_over(context)
    await attune(context, reading, departures)
    context.appender.append(
        TurnUnderstood(
            intent=context.intent,
            language=context.language,
            slots=context.slots,
            tone=context.tone,
            urgent=bool(context.mood and context.mood.is_urgent),
            strategy=context.strategy.steps,
        )
    )


def _looked_up(
    text: str, user_id: int, today: date, *, travels: bool
) -> tuple[dict[str, Any], list[Departure]]:
    """One visit to the database: what the message names, and when the person travels."""
    slots = slots_in(text, user_id, today)
    is_asked = travels and "date" not in slots  # a day in the question decides
    return slots, next_departures(user_id, timezone.now()) if is_asked else []


def slots_in(text: str, user_id: int, today: date) -> dict[str, Any]:
    """Return what the message names: flight, booking, cabin, places (airport codes) and date."""
    named: dict[str, Any] = {
        "flight": next(iter(flight_numbers_in(text)), ""),
        "booking": next(iter(booking_references_in(text, user_id)), ""),
        "cabin": intents.cabin_in(text),
        "places": list(places_in(text))[:2],
    }
    day = intents.date_in(text, today)
    if day is not None:
        named["date"] = day.isoformat()
    return {name: value for name, value in named.items() if value}


def intent_of(text: str, slots: dict[str, Any], *, wants_person: bool = False) -> Intent:
    """Return the intent that the cues speak for; ``policy`` and ``other`` are both looked up in the
    documents.

    Args:
        text: the message.
        slots: what it names.
        wants_person: whether it asks for somebody of the staff.
    """
    if intents.small_talk_kind(text):
        return "small_talk"
    if wants_person:
        return "hand_off"
    about_rules, about_state = intents.is_about_rules(text), intents.is_about_flight_state(text)
    if "booking" in slots or (intents.is_about_own_booking(text) and not about_rules):
        return "booking"
    names_route = len(slots.get("places", ())) == 2 and (about_state or intents.names_a_flight(text))
    if "flight" in slots or (names_route and not about_rules):
        return "flight"
    return "policy" if about_rules or not about_state else "other"


def _carry_over(context: TurnContext) -> None:
    """Take the flight or booking of the turn before for a follow-up such as "and which gate?"."""
    names_nothing = not ({"flight", "booking", "places"} & context.slots.keys())
    if context.intent != "other" or not names_nothing or not context.state.record_keys:
        return
    before = context.state.slots
    for name in ("flight", "booking", "date"):
        if name in before and name not in context.slots:
            context.slots[name] = before[name]
    if "flight" in context.slots:
        context.intent = "flight"
    elif "booking" in context.slots or any(k.startswith("booking:") for k in context.state.record_keys):
        context.intent = "booking"
