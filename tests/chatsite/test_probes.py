"""The two probes: answered before Django, whatever the host and however often."""

import asyncio

import pytest
from django.db import OperationalError
from django.test import AsyncClient

from accounts import limits
from chatsite import probes
from chatsite.asgi import application
from chatsite.services import web_services

pytestmark = pytest.mark.anyio


async def ask(
    path: str, *, method: str = "GET", host: str = "testserver"
) -> tuple[int, dict[str, str], bytes]:
    """Send one request to the whole application; return status, headers and body."""
    scope = {
        "type": "http", "http_version": "1.1", "method": method, "path": path, "raw_path": path.encode(),
        "query_string": b"", "scheme": "http", "client": ["127.0.0.1", 1], "server": ["127.0.0.1", 80],
        "headers": [(b"host", host.encode())],
    }  # fmt: skip
    sent: list[dict] = []

    coming = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> dict:
        return coming.pop() if coming else await asyncio.Event().wait()

    async def send(message: dict) -> None:
        sent.append(message)

    await application(scope, receive, send)
    start, *parts = sent
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    return start["status"], headers, b"".join(part.get("body", b"") for part in parts)


@pytest.fixture
def no_database(monkeypatch):
    def away():
        raise OperationalError("gone")

    monkeypatch.setattr(probes, "_ask_database", away)


@pytest.mark.parametrize(("path", "state"), [(probes.LIVE, "live"), (probes.READY, "ready")])
async def test_probe_says_so(desk, path, state):
    status, headers, body = await ask(path)
    assert (status, body) == (200, b'{"status": "%s"}' % state.encode())
    assert headers["content-type"] == "application/json"
    assert headers["cache-control"] == "no-store"


async def test_process_that_ends_is_alive_and_not_ready(desk, monkeypatch):
    monkeypatch.setattr(web_services(), "is_ending", True)
    assert (await ask(probes.READY))[::2] == (503, b'{"status": "ending"}')
    assert (await ask(probes.LIVE))[0] == 200


async def test_database_away_is_alive_and_not_ready(desk, no_database):
    assert (await ask(probes.READY))[::2] == (503, b'{"status": "no_database"}')
    assert (await ask(probes.LIVE))[0] == 200


async def test_database_that_is_silent_is_not_waited_for(desk, monkeypatch):
    async def silent(_step):
        await asyncio.sleep(60)

    monkeypatch.setattr(probes, "in_database", silent)
    monkeypatch.setattr(probes, "DATABASE_SECONDS", 0.05)
    assert (await ask(probes.READY))[0] == 503


async def test_probes_come_by_address_which_pages_refuse(desk, settings):
    settings.ALLOWED_HOSTS = ["testserver"]
    assert (await ask("/accounts/sign-in/", host="10.1.2.3:8000"))[0] == 400
    for path in (probes.LIVE, probes.READY):
        assert (await ask(path, host="10.1.2.3:8000"))[0] == 200


@pytest.mark.parametrize("path", [probes.LIVE, probes.READY])
async def test_head_has_the_status_and_the_length(desk, path):
    status, headers, _ = await ask(path, method="HEAD")
    assert status == 200
    assert int(headers["content-length"]) > 0


async def test_other_methods_and_addresses_are_no_probes(desk):
    assert (await ask(probes.LIVE, method="POST"))[0] in (403, 404, 405)
    assert (await ask(probes.LIVE + "/"))[0] == 404


async def test_limits_do_not_count_probes(desk, settings):
    settings.RATELIMIT_ENABLE = True
    settings.LIMITS = {**settings.LIMITS, "anonymous_requests": (1, 60)}
    limits.forget_here()
    counted = [(await AsyncClient().get("/accounts/sign-in/")).status_code for _ in range(3)]
    assert counted[-1] == 429
    for path in (probes.LIVE, probes.READY) * 5:
        assert (await ask(path))[0] == 200
