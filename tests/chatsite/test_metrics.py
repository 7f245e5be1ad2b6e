"""`/metrics`: who may read it, what processes tell each other, what is there when parts are away."""

import asyncio
import fcntl
import socket
from ipaddress import ip_network
from types import SimpleNamespace

import httpx
import pytest
from django.db import OperationalError
from django.test import AsyncClient, Client
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from accounts import limits
from chatsite.metrics import common, exposition, worker
from chatsite.metrics.group import Group
from tests.chatsite.scraping import get, scrape, values
from tests.services import free_port
from webhooks import metrics as webhook_metrics

pytestmark = [pytest.mark.anyio, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def nothing_kept():
    common.forget()
    yield
    common.forget()


@pytest.mark.parametrize(
    ("peer", "headers", "may"),
    [
        ("127.0.0.1", {}, True),
        ("::ffff:127.0.0.1", {}, True),
        ("10.1.2.3", {}, True),
        ("10.2.2.3", {}, False),
        ("192.0.2.7", {}, False),
        ("192.0.2.7", {"x_forwarded_for": "127.0.0.1"}, False),
        ("127.0.0.1", {"x_forwarded_for": "192.0.2.7"}, False),
        ("127.0.0.1", {"forwarded": "for=127.0.0.1"}, False),
        ("192.0.2.7", {"authorization": "Bearer right"}, True),
        ("192.0.2.7", {"authorization": "Bearer right", "x_forwarded_for": "192.0.2.9"}, True),
        ("192.0.2.7", {"authorization": "Bearer wrong"}, False),
        ("192.0.2.7", {"authorization": "right"}, False),
        ("unknown", {}, False),
    ],
)
async def test_page_is_there_for_those_who_may_read_it(settings, peer, headers, may):
    settings.METRICS_TOKEN = "right"
    settings.METRICS_ALLOWED_NETWORKS = [ip_network("127.0.0.0/8"), ip_network("10.1.0.0/16")]
    status, text = await get(peer=peer, **headers)
    assert status == (200 if may else 404)
    assert ("chatsite_turns_running" in text) is may


async def test_nobody_has_an_empty_token(settings):
    settings.METRICS_TOKEN = ""
    status, _ = await get(peer="192.0.2.7", authorization="Bearer ")
    assert status == 404


async def test_staff_have_no_such_page_either(carol):
    client = AsyncClient()
    await client.aforce_login(carol)
    assert (await client.get("/metrics")).status_code == 404


async def test_database_that_is_away_is_told_and_breaks_nothing(monkeypatch):
    def away():
        raise OperationalError("no connection")

    monkeypatch.setattr(common, "_ask", away)
    found = await values()
    assert found[("chatsite_database_up",)] == 0
    assert ("chatsite_turns_queued",) not in found
    assert ("chatsite_turns_running",) in found


async def test_database_is_asked_once_in_some_seconds(monkeypatch):
    asked = []
    real = common._ask
    monkeypatch.setattr(common, "_ask", lambda: asked.append(1) or real())
    await scrape()
    await scrape()
    assert len(asked) == 1


async def test_desk_without_redis_says_nothing_of_it(settings):
    is_there = ("chatsite_redis_up",) in await values()
    assert is_there is bool(settings.REDIS_URL)


async def test_requests_are_counted_by_route_not_by_address():
    before = await values()
    client = AsyncClient()
    for path in (
        "/accounts/sign-in/",
        "/no/such/4711",
        "/api/v1/turns/1f0e0000-0000-4000-8000-000000000000/",
    ):
        await client.get(path)
    counted = {key for key in await values() - before if key[0] == "chatsite_http_requests_total"}
    routes = {key[2] for key in counted}
    assert "none" in routes and len(routes) == 3
    assert not any("4711" in part or "1f0e" in part for key in counted for part in key)


def test_requests_are_counted_without_an_event_loop():
    from chatsite.metrics.requests import REQUESTS

    def counted():
        return sum(sample.value for family in REQUESTS.collect() for sample in family.samples)

    before = counted()
    Client().get("/accounts/sign-in/")
    assert counted() == before + 1


async def test_decisions_of_the_limiter_are_counted(settings):
    once = limits.rule("user_keys").at(1, 60)
    before = await values()
    await limits.take(once, "metrics")
    await limits.take(once, "metrics")
    new = await values() - before
    where = "shared" if settings.REDIS_URL else "here"
    assert new[("chatsite_limit_decisions_total", where, "allowed", "user_keys")] == 1
    assert new[("chatsite_limit_decisions_total", where, "refused", "user_keys")] == 1


async def test_rule_with_a_name_of_its_own_is_not_a_label():
    before = await values()
    limits.take_here(limits.rule("user_keys").__class__("made-up-4711", 5, 60), "metrics")
    new = await values() - before
    assert new[("chatsite_limit_decisions_total", "here", "allowed", "other")] == 1


async def test_tries_of_webhooks_are_counted():
    before = await values()
    webhook_metrics.tried("", 120)
    webhook_metrics.tried("timeout", 15_000)
    new = await values() - before
    assert new[("chatsite_webhook_tries_total", "delivered")] == 1
    assert new[("chatsite_webhook_tries_total", "timeout")] == 1


# --- Several processes --------------------------------------------------------------------------------------


def counted(value):
    family = Metric("chatsite_turns", "Turns.", "counter")
    family.add_sample("chatsite_turns_total", {"outcome": "completed"}, value)
    return [family]


def test_processes_are_told_apart_and_families_stand_once():
    there = exposition.unpacked(exposition.packed(counted(5.0)))
    text = exposition.together({"web-0": counted(2.0), "web-1": there}).decode()
    assert text.count("# TYPE chatsite_turns_total counter") == 1
    (family,) = text_string_to_metric_families(text)
    assert {s.labels["process"]: s.value for s in family.samples} == {"web-0": 2.0, "web-1": 5.0}


async def joined(folder, role="web"):
    member = Group(folder)
    task = asyncio.create_task(member.serve(role))
    async with asyncio.timeout(5):
        while not list(folder.glob(f"{member.place or '-'}.sock")):
            await asyncio.sleep(0.005)
    return member, task


async def left(*tasks):
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.parametrize("depth", [1, 8])
async def test_processes_of_one_folder_find_each_other(tmp_path, depth):
    """Also where the folder's name is longer than a socket's may be."""
    folder = tmp_path.joinpath(*["a-long-name-of-a-folder"] * depth)
    first, one = await joined(folder)
    second, two = await joined(folder)
    third, three = await joined(folder, "worker")
    assert (first.place, second.place, third.place) == ("web-0", "web-1", "worker-0")
    others = await first.others()
    assert set(others) == {"web-1", "worker-0"}
    assert "chatsite_turns_running" in {family.name for family in others["worker-0"]}
    await left(one, two, three)
    assert not list(folder.glob("*.sock"))


async def test_next_process_takes_the_place_of_one_that_ended(tmp_path):
    _, one = await joined(tmp_path)
    await left(one)
    again, two = await joined(tmp_path)
    assert again.place == "web-0"
    await left(two)


async def test_what_a_killed_process_leaves_is_cleaned_up(tmp_path):
    killed = socket.socket(socket.AF_UNIX)
    killed.bind(str(tmp_path / "web-0.sock"))
    killed.close()
    assert (tmp_path / "web-0.sock").exists()
    assert await Group(tmp_path).others() == {}
    assert not (tmp_path / "web-0.sock").exists()


async def test_socket_of_a_process_that_lives_stays(tmp_path):
    bound = socket.socket(socket.AF_UNIX)
    bound.bind(str(tmp_path / "web-0.sock"))  # begun, and does not listen yet
    with (tmp_path / "web-0.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert await Group(tmp_path).others() == {}
        assert (tmp_path / "web-0.sock").exists()
    bound.close()


async def test_process_that_hangs_is_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr("chatsite.metrics.group.PATIENCE_SECONDS", 0.05)
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(str(tmp_path / "web-7.sock"))
        deaf.listen()
        assert await Group(tmp_path).others() == {}


async def test_folder_that_cannot_be_written_to_ends_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    await asyncio.wait_for(Group(tmp_path / "file" / "metrics").serve("web"), 5)


async def test_worker_serves_its_own_port(settings):
    settings.METRICS_PORT = free_port()
    await worker.begin()
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{settings.METRICS_PORT}") as client:
            answer = await _patiently(client)
            settings.METRICS_ALLOWED_NETWORKS = [ip_network("192.0.2.0/24")]
            refused = await client.get("/metrics")
            nothing = await client.get("/")
    finally:
        await worker.end()
    assert 'chatsite_turns_running{process="worker-0"} 0.0' in answer.text
    assert refused.status_code == nothing.status_code == 404


async def _patiently(client):
    async with asyncio.timeout(10):
        while True:
            try:
                return await client.get("/metrics")
            except httpx.ConnectError:
                await asyncio.sleep(0.02)


async def test_worker_whose_port_is_taken_goes_on(settings):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings.METRICS_PORT = taken.getsockname()[1]
        await worker.begin()
    await worker.end()


def test_state_of_a_paused_provider_is_told(settings):
    from chatsite.metrics import state

    settings.COMPATIBLE_MODEL = "known"
    paused = [
        SimpleNamespace(name="compatible:known", is_open=True),
        SimpleNamespace(name="compatible:typed by somebody", is_open=False),
    ]
    original, state.breakers = state.breakers, lambda: paused
    try:
        (family,) = [state._breakers()]
    finally:
        state.breakers = original
    assert {s.labels["model"]: s.value for s in family.samples} == {"known": 1, "other": 0}
