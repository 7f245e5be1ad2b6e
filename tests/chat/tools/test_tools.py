"""The look-ups as functions: whose records, which arguments, what is found."""

from datetime import date
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError

from chat import tools
from tests.chat.test_personal_data import travel_of

pytestmark = pytest.mark.anyio


@pytest.fixture
async def travelling(transactional_db: None, alice: Any, library: Any) -> Any:
    """Alice, who has a booking."""
    await sync_to_async(travel_of)(alice)
    return alice


async def test_search_finds_the_passages_that_fit(travelling):
    found = await tools.call("search_policies", {"query": "pets in the cabin"}, tools.Asker(travelling.pk))
    assert found.hits[0].title == "Travelling with pets"
    assert found.is_sure


async def test_search_for_what_is_nowhere_says_so(travelling):
    found = await tools.call("search_policies", {"query": "quantum entanglement"}, tools.Asker(travelling.pk))
    assert (found.hits, found.nothing) == ((), "No policy was found for these words.")


async def test_flight_is_found_with_and_without_a_day(travelling):
    for given in ({"number": "lw-214", "date": None}, {"number": "LW 214", "date": date.today().isoformat()}):
        found = await tools.call("get_flight", given, tools.Asker(0))
        assert [fact.data["number"] for fact in found.facts] == ["LW214"]
    found = await tools.call("get_flight", {"number": "LW214", "date": "2001-01-01"}, tools.Asker(0))
    assert found.nothing == "There is no such flight in the records."


async def test_bookings_are_the_askers_alone(travelling, bob):
    for locator in (None, "qwx7tr"):
        own = await tools.call("get_my_booking", {"locator": locator}, tools.Asker(travelling.pk))
        assert [fact.key for fact in own.facts] == ["booking:QWX7TR"]
        for other in (bob.pk, 0):
            found = await tools.call("get_my_booking", {"locator": locator}, tools.Asker(other))
            assert found.facts == ()


async def test_language_is_the_askers(travelling):
    found = await tools.call("get_my_booking", {}, tools.Asker(travelling.pk, "es"))
    assert found.facts[0].title.startswith("Reserva")


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("drop_tables", {}, "no such tool"),
        ("search_policies", None, "must be a JSON object"),
        ("search_policies", {}, '"query" is missing'),
        ("search_policies", {"query": ""}, "plain text"),
        ("search_policies", {"query": "  "}, "plain text"),
        ("search_policies", {"query": "a\x00b"}, "plain text"),
        ("search_policies", {"query": "x" * 401}, "too long"),
        ("search_policies", {"query": ["x"]}, "must be a string"),
        ("search_policies", {"query": "x", "audience": "staff"}, "Unknown argument: audience"),
        ("get_my_booking", {"locator": None, "user": 1, "owner": 2}, "Unknown argument: user, owner"),
        ("get_my_booking", {"locator": "' OR 1=1"}, "booking reference"),
        ("get_my_booking", {"locator": 7}, "must be a string"),
        ("get_flight", {"number": "LW214%"}, "flight number"),
        ("get_flight", {"number": "LW214", "date": "21/11/2026"}, "a day like"),
        ("get_flight", {"number": "LW214", "date": "2026-02-31"}, "a day like"),
        ("get_flight", {"number": "LW214", "date": 20261121}, "must be a string"),
    ],
)
async def test_wrong_arguments_are_refused_in_words(name: str, given: Any, words: str) -> None:
    with pytest.raises(tools.BadArguments, match=words):
        await tools.call(name, given, tools.Asker(1))


async def test_database_that_is_away_is_told_without_its_words(transactional_db, monkeypatch):
    def away(*_: Any) -> None:
        raise OperationalError("host db-7 refused")

    monkeypatch.setattr("chat.tools.lookups.find_flights", away)
    with pytest.raises(tools.ToolFailed, match="cannot be read just now"):
        await tools.call("get_flight", {"number": "LW214"}, tools.Asker(1))


def test_no_tool_takes_an_identity() -> None:
    for tool in tools.TOOLS:
        schema = tool.parameters
        assert schema["additionalProperties"] is False
        assert schema["required"] == list(schema["properties"])
        assert set(schema["properties"]) <= {"query", "number", "date", "locator"}
