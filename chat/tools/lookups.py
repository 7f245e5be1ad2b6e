"""The look-ups behind the tools: for one person, whose id comes from the server and never from a call."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.conf import settings
from django.db import Error as DatabaseFailure

from chat.database import in_database
from chat.tools import arguments
from chat.tools.arguments import BadArguments, checked
from chat.tools.definitions import BOOKING, FLIGHT, SEARCH, TOOLS
from knowledge.records import Fact, find_bookings, find_flights
from knowledge.search import Hit, Query, prepare, search

_SHARE_OF_BEST: Final = 0.4  # of the best passage's score; what fits less is not shown
_BY_NAME: Final = {tool.name: tool for tool in TOOLS}


class ToolFailed(Exception):
    """A look-up could not be done just now."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Whom a call works for.

    Attributes:
        user_id: whose bookings may be read; 0 for nobody's.
        language: that facts are written in.
        on: the day whose policies hold; None: today.
    """

    user_id: int
    language: str = "en"
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What a look-up found.

    Attributes:
        facts: records.
        hits: passages of policies.
        is_sure: whether it is what was asked for, as far as search can tell.
        nothing: in words for a model, where nothing was found.
    """

    facts: tuple[Fact, ...] = ()
    hits: tuple[Hit, ...] = ()
    is_sure: bool = False
    nothing: str = ""


async def call(name: str, given: object, asker: Asker) -> Found:
    """Call a tool.

    Args:
        name: of the tool.
        given: its arguments, as they came.
        asker: whom it works for.

    Raises:
        BadArguments: there is no such tool, or it does not take these.
        ToolFailed: the database is away.
    """
    tool = _BY_NAME.get(name)
    if tool is None:
        raise BadArguments(f"There is no such tool. There are: {', '.join(_BY_NAME)}.")
    values = checked(tool.parameters, given)
    try:
        return await _LOOK_UPS[name](values, asker)
    except DatabaseFailure as error:
        raise ToolFailed("The records cannot be read just now.") from error


async def _search(values: dict[str, str | None], asker: Asker) -> Found:
    query = Query(
        text=values["query"] or "", language=asker.language, on=asker.on, limit=settings.SEARCH_PASSAGES
    )
    results = await in_database(search, await prepare(query))
    if not results.hits or results.score < settings.SEARCH_REFUSE_BELOW:
        return Found(nothing="No policy was found for these words.")
    least = results.hits[0].score * _SHARE_OF_BEST
    hits = tuple(hit for hit in results.hits if hit.score >= least)
    return Found(hits=hits, is_sure=results.score >= settings.SEARCH_SURE_ABOVE)


async def _flight(values: dict[str, str | None], asker: Asker) -> Found:
    number = arguments.flight_number(values["number"] or "")
    on = arguments.day(values["date"]) if values["date"] else None
    facts = tuple(await in_database(find_flights, number, on, asker.language))
    return Found(facts=facts, is_sure=bool(facts), nothing="There is no such flight in the records.")


async def _booking(values: dict[str, str | None], asker: Asker) -> Found:
    reference = arguments.locator(values["locator"]) if values["locator"] else None
    facts = tuple(await in_database(find_bookings, asker.user_id, reference, asker.language))
    # The same words for another's reference and for one that does not exist.
    words = (
        "The customer has no booking with this reference." if reference else "The customer has no bookings."
    )
    return Found(facts=facts, is_sure=bool(facts), nothing=words)


_LookUp = Callable[[dict[str, str | None], Asker], Awaitable[Found]]
_LOOK_UPS: Final[dict[str, _LookUp]] = {
    SEARCH.name: _search,
    FLIGHT.name: _flight,
    BOOKING.name: _booking,
}
