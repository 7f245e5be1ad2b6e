"""``/mcp``: the three look-ups for other programs of a person, and nobody else's records."""

import json
from datetime import date
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from mcp.shared.exceptions import MCPError

from accounts.models import ApiKey
from tests.chat.mcp.conftest import key_of, raw, speaking
from tests.chat.visitors import grant

pytestmark = pytest.mark.anyio

JSON = {"content-type": "application/json", "accept": "application/json, text/event-stream"}
LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}


def text_of(result: Any) -> str:
    return result.content[0].text


async def test_client_lists_the_tools(travelling):
    async with speaking(await key_of(travelling)) as client:
        listed = (await client.list_tools()).tools
    assert [tool.name for tool in listed] == ["search_policies", "get_flight", "get_my_booking"]
    assert all(tool.annotations.read_only_hint for tool in listed)
    assert {name for tool in listed for name in tool.input_schema["properties"]} == {
        *("query", "number", "date", "locator"),
    }, "no argument says whose records"


async def test_client_calls_each(travelling):
    async with speaking(await key_of(travelling)) as client:
        policy = await client.call_tool("search_policies", {"query": "pets in the cabin"})
        flight = await client.call_tool("get_flight", {"number": "lw 214", "date": date.today().isoformat()})
        booking = await client.call_tool("get_my_booking", {})
    assert "EUR 55" in text_of(policy)
    assert policy.structured_content["sources"][0]["url"].startswith("http")
    assert "Lisbon" in text_of(flight)
    assert flight.structured_content["sources"][0]["data"]["number"] == "LW214"
    assert "QWX7TR" in text_of(booking)
    assert "Carola Prueba" in text_of(booking)
    assert not any(result.is_error for result in (policy, flight, booking))


async def test_bob_sees_no_booking_of_alices(travelling, bob):
    async with speaking(await key_of(bob)) as client:
        every = await client.call_tool("get_my_booking", {})
        hers = await client.call_tool("get_my_booking", {"locator": "QWX7TR"})
        none = await client.call_tool("get_my_booking", {"locator": "ZZZ9ZZ"})
    assert text_of(every) == "The customer has no bookings."
    assert text_of(hers) == text_of(none)
    assert every.structured_content == hers.structured_content == {"sources": []}


async def test_wrong_arguments_are_told(travelling):
    async with speaking(await key_of(travelling)) as client:
        forged = await client.call_tool("get_my_booking", {"user_id": 1})
        missing = await client.call_tool("get_flight", {})
        with pytest.raises(MCPError, match="no such tool"):
            await client.call_tool("delete_booking", {})
    assert forged.is_error
    assert "Unknown argument: user_id" in text_of(forged)
    assert missing.is_error


async def test_who_shows_no_good_key_is_asked_for_one(travelling):
    for value in (None, "", "csk_no-such-key", "a.b.c", "x" * 9_000):
        async with raw(value) as http:
            answer = await http.post("/mcp", json=LIST, headers=JSON)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.headers["content-type"] == "application/problem+json"


async def test_revoked_key_ends_at_once(travelling):
    value = await key_of(travelling)
    async with raw(value) as http:
        assert (await http.post("/mcp", json=LIST, headers=JSON)).status_code == 200
        await sync_to_async(ApiKey.objects.all().delete)()
        assert (await http.post("/mcp", json=LIST, headers=JSON)).status_code == 401


async def test_cookie_opens_nothing(travelling, client):
    await sync_to_async(client.force_login)(travelling)
    async with raw(None, cookie=f"sessionid={client.cookies['sessionid'].value}") as http:
        assert (await http.post("/mcp", json=LIST, headers=JSON)).status_code == 401


async def test_only_post_is_served(travelling):
    async with raw(await key_of(travelling)) as http:
        for method in ("GET", "DELETE", "PUT", "PATCH", "OPTIONS", "HEAD"):
            answer = await http.request(method, "/mcp")
            assert answer.status_code == 405
            assert answer.headers["allow"] == "POST"


async def test_pages_of_others_and_other_hosts_are_refused(travelling):
    async with raw(await key_of(travelling)) as http:
        foreign = await http.post("/mcp", json=LIST, headers={**JSON, "origin": "https://evil.example"})
        own = await http.post("/mcp", json=LIST, headers={**JSON, "origin": "http://localhost:8000"})
        rebound = await http.post("/mcp", json=LIST, headers={**JSON, "host": "evil.example"})
    assert (foreign.status_code, own.status_code, rebound.status_code) == (403, 200, 400)


GARBAGE = [
    b"", b"{", b"null", b"7", b"[]", b"[{}]", b"\xff\xfe", b'"x"', b"[" * 5_000, b'{"a":' * 5_000, b"{}",
    b'{"jsonrpc": "1.0", "id": 1, "method": "tools/list"}',
    b'{"jsonrpc": "2.0", "id": {}, "method": "tools/list"}',
    b'{"jsonrpc": "2.0", "id": 1, "method": 7}',
    b'{"jsonrpc": "2.0", "id": 1, "method": "no/such"}',
    b'{"jsonrpc": "2.0", "id": 1, "method": "tools/call"}',
    b'{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": 7}}',
    b'{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "get_flight", '
    b'"arguments": []}}',
    b'{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "get_flight", "arguments": '
    b'{"number": "\\u0000"}}}',
    b'{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "search_policies", '
    b'"arguments": {"query": "\\ud800"}}}',
    b'{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": 7}}',
    b'{"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}}',
    b'{"jsonrpc": "2.0", "id": 1, "result": {}}',
    b'{"jsonrpc": "2.0", "id": 1e400, "method": "tools/list"}',
]  # fmt: skip


@pytest.mark.parametrize("version", [None, "2025-06-18", "2026-07-28", "1999-01-01", "\x7f"])
async def test_garbage_is_an_error_of_the_protocol(travelling, version, settings):
    settings.RATELIMIT_ENABLE = False
    headers = JSON | ({"mcp-protocol-version": version} if version else {})
    async with raw(await key_of(travelling)) as http:
        for body in GARBAGE:
            answer = await http.post("/mcp", content=body, headers=headers)
            assert answer.status_code < 500, (body, answer.text)
            if answer.content:
                said = answer.json()
                assert "error" in said or said["result"]["isError"], (body, said)


async def test_too_much_is_refused(travelling):
    async with raw(await key_of(travelling)) as http:
        answer = await http.post("/mcp", content=b" " * 70_000, headers=JSON)
        assert answer.status_code == 413
        chunks = (b" " * 10_000 for _ in range(8))
        answer = await http.post("/mcp", content=_later(chunks), headers=JSON)
        assert answer.status_code == 413


async def _later(chunks: Any) -> Any:
    for chunk in chunks:
        yield chunk


async def test_limits_are_those_of_rest(travelling, settings):
    settings.LIMITS = {**settings.LIMITS, "user_requests": (2, 60)}
    async with raw(await key_of(travelling)) as http:
        answers = [await http.post("/mcp", json=LIST, headers=JSON) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[0].headers["ratelimit-remaining"] == "1"
    assert int(answers[2].headers["retry-after"]) >= 1
    assert answers[2].json()["code"] == "rate_limited"


async def test_guessing_keys_is_limited(travelling, settings):
    settings.LIMITS = {**settings.LIMITS, "anonymous_requests": (2, 60)}
    async with raw("csk_wrong") as http:
        codes = [(await http.post("/mcp", json=LIST, headers=JSON)).status_code for _ in range(3)]
    assert codes == [401, 401, 429]


async def test_tool_that_breaks_tells_nothing(travelling, monkeypatch):
    def broken(*_: Any) -> None:
        raise RuntimeError("secret QWX7TR")

    monkeypatch.setattr("chat.tools.lookups.find_bookings", broken)
    async with raw(await key_of(travelling)) as http:
        call = {**LIST, "method": "tools/call", "params": {"name": "get_my_booking", "arguments": {}}}
        answer = await http.post("/mcp", json=call, headers=JSON)
    assert answer.status_code == 200
    assert answer.json()["result"]["isError"]
    assert "secret" not in json.dumps(answer.json())


@pytest.mark.parametrize(("scope", "status"), [("chat:read", 200), ("chat:write", 403)])
async def test_application_needs_the_scope_for_reading(travelling, scope, status):
    _, value = await sync_to_async(grant)(travelling, scope)
    async with raw(value) as http:
        answer = await http.post("/mcp", json=LIST, headers=JSON)
    assert answer.status_code == status
    assert ('scope="chat:read"' in answer.headers.get("www-authenticate", "")) == (status == 403)
