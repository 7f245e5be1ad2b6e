"""What the tools are called, what they do, and what they take, in words for a model."""

from typing import Any, Final

from chat.llm.base import Tool


def _schema(**properties: dict[str, Any]) -> dict[str, Any]:
    """Return a strict schema: every argument is named in it and required, and nothing else is allowed."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


SEARCH: Final = Tool(
    "search_policies",
    "Search the company's published policies (baggage, fares, changes, refunds, pets, check-in and so on). "
    "Use it when the sources at hand do not hold the answer or a part of it, before you say that they do "
    "not. Returns passages, numbered to be cited.",
    _schema(
        query={
            "type": "string",
            "description": "A short question or a few key words, without names, references or other "
            "personal data.",
        }
    ),
)
FLIGHT: Final = Tool(
    "get_flight",
    "Look up one flight: status, times, terminal, gate, free seats and prices.",
    _schema(
        number={"type": "string", "description": "The flight number, like LW214."},
        date={
            "type": ["string", "null"],
            "description": "The day of departure as YYYY-MM-DD; null for the next flights of that number.",
        },
    ),
)
BOOKING: Final = Tool(
    "get_my_booking",
    "Look up bookings of the signed-in customer: flights, cabin, fare, travellers, bags, insurance. It "
    "cannot reach anybody else's.",
    _schema(
        locator={
            "type": ["string", "null"],
            "description": "The booking reference (six letters and digits), or null for all of the "
            "customer's.",
        }
    ),
)
TOOLS: Final = (SEARCH, FLIGHT, BOOKING)
