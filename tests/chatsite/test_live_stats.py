"""Who may watch the figures, what they are told, and when a stream ends."""

import asyncio
import json
from datetime import timedelta

import httpx
import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError
from django.test import AsyncClient
from django.utils import timezone

from accounts.models import ApiKey
from chatsite import live_stats, stats
from chatsite.live_stats import LiveStats
from tests.chat.conftest import open_socket
from tests.chat.visitors import grant
from tests.serving import environment, free_port, manage, server

pytestmark = pytest.mark.anyio
PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Rounds follow each other at once, so that no test waits for one; a slow Redis is waited for."""
    monkeypatch.setattr(live_stats, "EVERY_SECONDS", 0.05)
    monkeypatch.setattr(stats, "PING_SECONDS", 10)


@pytest.fixture
async def staff(carol):
    client = AsyncClient()
    await client.aforce_login(carol)
    return client


async def next_event(stream) -> tuple[str, dict]:
    """Return the next event's name and data."""
    async with asyncio.timeout(10):
        async for raw in stream:
            lines = (raw if isinstance(raw, str) else raw.decode()).split("\n")
            if lines[0].startswith("event: "):
                return lines[0][7:], json.loads(lines[1][6:])
    raise AssertionError("the stream is over")


async def until(stream, name: str) -> dict:
    while True:
        found, data = await next_event(stream)
        if found == name:
            return data


async def stream_of(client: AsyncClient, **headers: str):
    answer = await client.get("/stats/stream", headers=headers)
    assert answer.status_code == 200
    return aiter(answer.streaming_content)


async def test_staff_sees_what_goes_on(desk, staff, alice, conversation):
    async with open_socket(alice, conversation.id) as socket:
        await socket.receive()
        told = (await staff.get("/stats")).json()
    assert told["sockets"] == 1
    assert told["conversations"][0]["conversation"] == str(conversation.id)
    assert told["turns"] == {"running": 0, "queued": 0}
    assert set(told["answer_cache"]) == {"hits", "misses"}
    assert "web" in {row["kind"] for row in told["processes"].values()}


async def test_others_see_no_statistics(desk, alice):
    client = AsyncClient()
    for path in ("/stats", "/stats/stream"):
        assert (await client.get(path)).status_code == 401
    await client.aforce_login(alice)
    for path in ("/stats", "/stats/stream"):
        assert (await client.get(path)).status_code == 404


async def test_browsers_get_a_page_that_says_it_all_without_scripts(desk, staff):
    page = await staff.get("/stats", headers=PAGE)
    text = page.content.decode()
    assert "text/html" in page["Content-Type"]
    assert "Live figures" in text
    assert live_stats.PROCESS in text
    assert (await staff.get("/admin/")).content.decode().count('href="/stats"') == 1


async def test_others_are_led_from_the_page_to_the_sign_in(desk, alice):
    client = AsyncClient()
    for _ in range(2):
        page = await client.get("/stats", headers=PAGE)
        assert page["Location"].startswith("/admin/login/?next=/stats")
        await client.aforce_login(alice)


async def test_stream_tells_staff_and_goes_on(desk, staff):
    stream = await stream_of(staff)
    name, first = await next_event(stream)
    assert name == "stats"
    assert first["shown"]["texts"]["turns.running"] == "0"
    assert first["everywhere"] is True
    assert (await next_event(stream))[0] == "stats"
    await stream.aclose()


async def test_stream_opens_to_keys_of_staff_alone(desk, alice, carol):
    issue = sync_to_async(ApiKey.objects.issue)
    _, hers = await issue(alice, "program")
    _, third = await sync_to_async(grant)(carol, "chat:read")
    for value, status in ((hers, 404), (third, 404), ("csk_" + "A" * 43, 401)):
        answer = await AsyncClient().get("/stats/stream", headers={"Authorization": f"Bearer {value}"})
        assert answer.status_code == status
    _, key = await issue(carol, "watcher")
    stream = await stream_of(AsyncClient(), Authorization=f"Bearer {key}")
    assert (await next_event(stream))[0] == "stats"
    await stream.aclose()


async def test_stream_ends_with_the_session(desk, staff):
    stream = await stream_of(staff)
    await next_event(stream)
    await staff.alogout()
    await until(stream, "ended")
    with pytest.raises(StopAsyncIteration):
        await anext(stream)


async def test_stream_ends_when_its_person_is_no_member_of_staff_any_more(desk, staff, carol):
    stream = await stream_of(staff)
    await next_event(stream)
    carol.is_staff = False
    await carol.asave()
    await until(stream, "ended")


async def test_one_computation_serves_all_watchers(desk, staff, monkeypatch):
    made, plain = 0, live_stats.figures

    async def counted():
        nonlocal made
        made += 1
        return await plain()

    monkeypatch.setattr(live_stats, "figures", counted)
    monkeypatch.setattr(live_stats, "EVERY_SECONDS", 60)
    streams = [await stream_of(staff) for _ in range(3)]
    for stream in streams:
        assert (await next_event(stream))[0] == "stats"
    assert made == 1
    for stream in streams:
        await stream.aclose()


async def test_nothing_is_computed_while_nobody_watches(desk, staff):
    stream = await stream_of(staff)
    await next_event(stream)
    rounds = live_stats.live_stats()._rounds
    await stream.aclose()
    async with asyncio.timeout(10):
        await rounds
    assert len(live_stats.live_stats()) == 0


async def test_database_that_is_away_is_told_and_comes_back(desk, staff, monkeypatch):
    def away(*_args, **_more):
        raise OperationalError("gone")

    stream = await stream_of(staff)
    await next_event(stream)
    plain = stats.gather
    monkeypatch.setattr(stats, "gather", away)
    await until(stream, "away")
    monkeypatch.setattr(stats, "gather", plain)
    assert (await until(stream, "stats"))["everywhere"]
    await stream.aclose()


async def test_heartbeats_come_while_there_is_nothing_to_tell(desk, staff, monkeypatch):
    monkeypatch.setattr(live_stats, "EVERY_SECONDS", 60)
    monkeypatch.setattr(live_stats, "HEARTBEAT_SECONDS", 0.05)
    stream = await stream_of(staff)
    await next_event(stream)
    assert await anext(stream) == b": still here\n"
    await stream.aclose()


async def test_slow_watcher_gets_the_newest_only(desk):
    watcher = live_stats.Watcher(None)
    for number in range(5):
        watcher.tell(f"event: stats\ndata: {number}\n\n")
    stream = watcher.events()
    await anext(stream)
    assert await anext(stream) == "event: stats\ndata: 4\n\n"


async def test_too_many_watchers_are_refused(desk, staff, monkeypatch):
    monkeypatch.setattr(live_stats, "MOST_WATCHERS", 0)
    answer = await staff.get("/stats/stream")
    assert (answer.status_code, answer.json()["code"]) == (503, "too_many_watchers")


async def test_streams_end_when_the_server_is_told_to(desk, carol, monkeypatch):
    monkeypatch.setattr(live_stats, "EVERY_SECONDS", 60)
    live = LiveStats()
    stream = live.watch(None)
    await anext(stream)
    live.close()
    assert await anext(stream) == live_stats._ENDED


async def test_without_redis_the_figures_are_this_process_s_own_and_say_so(desk, staff, monkeypatch):
    monkeypatch.setattr(stats, "ping_cache", lambda: False)
    told = (await staff.get("/stats")).json()
    page = (await staff.get("/stats", headers=PAGE)).content.decode()
    assert told["everywhere"] is False
    assert list(told["processes"]) == [live_stats.PROCESS]
    assert told["answer_cache"] is told["safety"] is None
    assert told["recent"]["answers"] == 0
    assert "Redis is away" in page
    assert "data-alone hidden" not in page


def test_server_ends_at_once_while_somebody_watches(tmp_path):
    """A real server: it would wait for the stream, as for every answer, for half a minute."""
    env = environment(tmp_path, free_port())
    add = "from accounts.models import User; User.objects.create_superuser('carol', 'c@example.com', 'x')"
    for arguments in (("migrate", "-v0"), ("shell", "-v0", "-c", add)):
        assert manage(*arguments, env=env).returncode == 0
    key = manage("api_key", "carol", env=env).stdout.strip()
    seen = []
    with httpx.Client(headers={"Authorization": f"Bearer {key}"}, timeout=10) as client:
        with server(env) as address:
            stream = client.stream("GET", f"{address}/stats/stream")
            lines = stream.__enter__().iter_lines()
            seen += [next(lines) for _ in range(3)]
            begun = timezone.now()
        seen += list(lines)
        stream.__exit__(None, None, None)
    assert timezone.now() - begun < timedelta(seconds=15)
    assert "event: ended" in seen
