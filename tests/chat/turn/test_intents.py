"""Intents, dates, cabins and languages, told without a model."""

from datetime import date

import pytest

from chat.turn import intents
from chat.turn.language import detect
from chat.turn.understand import intent_of

SATURDAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("text", "slots", "intent"),
    [
        ("Hello!", {}, "small_talk"),
        ("hola, buenos días", {}, "small_talk"),
        ("Buenos días", {}, "small_talk"),
        ("Thanks a lot!", {}, "small_talk"),
        ("ok thank you", {}, "small_talk"),
        ("bye", {}, "small_talk"),
        ("Thanks, but what about my bag?", {}, "policy"),
        ("What bookings do I have?", {}, "booking"),
        ("Where is my booking K7PQ2M?", {"booking": "K7PQ2M"}, "booking"),
        ("¿Cuándo sale mi vuelo?", {}, "booking"),
        ("Is LW214 on time?", {"flight": "LW214"}, "flight"),
        ("When do flights leave?", {"places": ["LIS", "MAD"]}, "flight"),
        ("What if a flight is delayed by three hours?", {}, "policy"),
        ("How much is an extra bag?", {}, "policy"),
        ("And which gate?", {}, "other"),
        ("Who won in 1972?", {}, "policy"),
        ("Do I get a hotel if my flight is delayed overnight?", {}, "policy"),
        ("Can I change the name on my ticket?", {}, "policy"),
        ("¿Puedo cambiar mi reserva?", {}, "policy"),
        ("Flights from Lisbon to Madrid today?", {"places": ["LIS", "MAD"]}, "flight"),
        ("Do I have any bookings?", {}, "booking"),
    ],
)
def test_cues_decide_the_intent(text, slots, intent):
    assert intent_of(text, slots) == intent


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", SATURDAY),
        ("Is it late tomorrow?", date(2026, 11, 22)),
        ("the day after tomorrow", date(2026, 11, 23)),
        ("mañana por la tarde", date(2026, 11, 22)),
        ("el lunes por la mañana", date(2026, 11, 23)),
        ("yesterday", date(2026, 11, 20)),
        ("on 2026-12-24", date(2026, 12, 24)),
        ("on 24 December", date(2026, 12, 24)),
        ("on December 24th, 2027", date(2027, 12, 24)),
        ("el 3 de enero", date(2027, 1, 3)),
        ("on 3 November", date(2026, 11, 3)),
        ("24/12", date(2026, 12, 24)),
        ("24.12.2026", date(2026, 12, 24)),
        ("31 February", None),
        ("on Monday", date(2026, 11, 23)),
        ("on saturday", SATURDAY),
        ("a bag of 23 kg", None),
        ("", None),
    ],
)
def test_days_are_read(text, day):
    assert intents.date_in(text, SATURDAY) == day


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("How many bags may I take with me?", "en"),
        ("¿Cuánto cuesta una maleta?", "es"),
        ("Puedo llevar mi perro en el vuelo", "es"),
        ("Quanto custa uma mala para o meu voo?", "pt"),
        ("Combien de bagages puis-je prendre avec moi ?", "fr"),
        ("Was kostet ein Koffer für meinen Flug?", "de"),
        ("Quanto costa il bagaglio per il mio volo?", "it"),
        ("LW214?", "xx"),
        ("", "xx"),
    ],
)
def test_language_is_told_by_small_words(text, language):
    assert detect(text, "xx") == language


def test_cabin_is_read():
    assert intents.cabin_in("in Business class") == "business"
    assert intents.cabin_in("en clase turista") == "economy"
    assert intents.cabin_in("somewhere") == ""
