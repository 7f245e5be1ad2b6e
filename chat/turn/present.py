"""Stage 10: what stands beside the answer: heads-up notices and quick replies."""

import re
from datetime import datetime
from typing import Any

from chat.models import Turn
from chat.turn.context import Evidence, TurnContext
from chat.turn.wording import instant, sentence

NOTICE_KINDS = (
    *("crisis", "support", "person", "economy", "unsure", "withheld", "corrected"),
    *("delay", "cancellation", "deadline", "fee"),
)
MOST_NOTICES = 3
MOST_QUICK_REPLIES = 3
_AMOUNT = re.compile(r"(?:EUR|€|USD|\$)\s?\d[\d,.]*\d|(?:EUR|€|USD|\$)\s?\d|\d[\d,.]*\s?(?:EUR|€|euros?)\b")
_LIMIT = re.compile(
    r"\b(?:within|at least|no later than|up to|until|before|en un plazo de|antes de|al menos)\s"
    r"(?:\w+\s){0,2}?\d+\s(?:minutes?|hours?|days?|weeks?|months?|minutos?|horas?|días?|semanas?|meses)\b"
    r"(?:\s(?:before|after|of|antes|después)\s[\w ]{3,40}?(?=[.,;:\n]|$))?",
    re.IGNORECASE,
)
_ASK_NEXT = {
    "flight": {
        "en": ("What am I entitled to if my flight is delayed?", "Can I change my booking?"),
        "es": ("¿Qué me corresponde si mi vuelo se retrasa?", "¿Puedo cambiar mi reserva?"),
    },
    "booking": {
        "en": ("How do I change this booking?", "What baggage is included?", "When does check-in open?"),
        "es": ("¿Cómo cambio esta reserva?", "¿Qué equipaje incluye?", "¿Cuándo abre la facturación?"),
    },
    "small_talk": {
        "en": ("What bookings do I have?", "How much checked baggage may I bring?"),
        "es": ("¿Qué reservas tengo?", "¿Cuánto equipaje puedo facturar?"),
    },
}
_TELL_ME = {"en": "What are the rules on {title}?", "es": "¿Cuáles son las condiciones de {title}?"}


async def present(context: TurnContext) -> None:
    """Set the notices and quick replies that go with the finished text."""
    if context.source == Turn.Source.FIXED and not context.footnotes:
        context.quick_replies = _next_questions(context)
        return
    cited = [note.evidence for note in context.footnotes]
    notices = _economy(context) + _doubt(context) + _withheld(context) + _corrections(context)
    notices += _record_notices(cited, context.language)
    if any(item.hit for item in cited):  # amounts and times of records are facts, not conditions
        notices += _text_notices(context)
    context.notices = notices[:MOST_NOTICES]
    context.quick_replies = _next_questions(context)


def _economy(context: TurnContext) -> list[dict[str, str]]:
    """Say that the person's plan had no room for the usual model, where another one has answered."""
    step = context.stepped_down
    is_quoted = context.source == Turn.Source.QUOTED
    if step is None or context.source == Turn.Source.FIXED or is_quoted != (step.to == "quotes"):
        return []
    until = instant(step.until, context.language)
    return [{"kind": "economy", "text": sentence(f"notice_{step.to}", context.language, until=until)}]


def _doubt(context: TurnContext) -> list[dict[str, str]]:
    """Mark an answer made from doubtful passages; a quoted one opens with these words already."""
    if context.sure or context.source == Turn.Source.QUOTED:
        return []
    return [{"kind": "unsure", "text": sentence("notice_unsure", context.language)}]


def _withheld(context: TurnContext) -> list[dict[str, str]]:
    """Say that something of the model's answer was left out."""
    if not context.support.withheld:
        return []
    return [{"kind": "withheld", "text": sentence("notice_withheld", context.language)}]


def _corrections(context: TurnContext) -> list[dict[str, str]]:
    """Say which words of the question were taken for mistyped ones."""
    if not context.corrected or not any(note.evidence.hit for note in context.footnotes):
        return []
    words = ", ".join(f"{typed} → {meant}" for typed, meant in sorted(context.corrected.items()))
    return [{"kind": "corrected", "text": sentence("notice_corrected", context.language, words=words)}]


def _record_notices(cited: list[Evidence], language: str) -> list[dict[str, str]]:
    notices = []
    for item in cited:
        if item.fact is not None:
            notices += [
                notice
                for leg in item.fact.data.get("flights", [item.fact.data])
                if (notice := _flight_notice(leg, language))
            ]
    return notices


def _flight_notice(flight: dict[str, Any], language: str) -> dict[str, str] | None:
    title = f"{flight.get('number', '')} · {flight.get('date', '')}"
    if flight.get("status") == "cancelled":
        return {"kind": "cancellation", "text": sentence("notice_cancelled", language, title=title)}
    if minutes := flight.get("delay_minutes"):
        departure = datetime.fromisoformat(flight["departure"]).strftime("%H:%M")
        text = sentence("notice_delayed", language, title=title, minutes=minutes, departure=departure)
        return {"kind": "delay", "text": text}
    return None


def _text_notices(context: TurnContext) -> list[dict[str, str]]:
    """Point out money and time limits that the answer itself names."""
    notices = []
    amounts = list(dict.fromkeys(found.strip() for found in _AMOUNT.findall(context.text)))
    if amounts:
        text = sentence("notice_fee", context.language, amounts=", ".join(amounts[:4]))
        notices.append({"kind": "fee", "text": text})
    if limit := _LIMIT.search(context.text):
        text = sentence("notice_deadline", context.language, limit=" ".join(limit[0].split()))
        notices.append({"kind": "deadline", "text": text})
    return notices


def _next_questions(context: TurnContext) -> list[str]:
    """Return questions the desk can answer: fixed ones for records, other documents for policies."""
    fixed = _ASK_NEXT.get(context.intent)
    if fixed is not None:
        return list(fixed.get(context.language, fixed["en"]))[:MOST_QUICK_REPLIES]
    used = {note.evidence.source.title for note in context.footnotes[:1]}
    wording = _TELL_ME.get(context.language, _TELL_ME["en"])
    titles = dict.fromkeys(
        item.source.title for item in context.evidence if item.hit and item.source.title not in used
    )
    return [wording.format(title=title.lower()) for title in titles][:MOST_QUICK_REPLIES]
