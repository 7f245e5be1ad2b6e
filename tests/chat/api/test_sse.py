"""Server-sent events of a real server: curl, httpx-sse, EventSource of npm and of a browser, and nginx."""

import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from httpx_sse import connect_sse

from chat.api import sse
from chat.events import EventId, Frame
from tests.browser.conftest import find_browser
from tests.chat.conftest import FINAL
from tests.chat.terminal.conftest import QUESTION, Site, served, site  # noqa: F401  (fixtures)
from tests.serving import free_port

ROOT = Path(__file__).resolve().parents[3]
SLOW = {"delay": 0.3, "interval": 0.02}


@pytest.fixture
def alice(site: Site) -> Iterator[httpx.Client]:  # noqa: F811
    """Alice's program."""
    with client_of(site, "alice") as client:
        yield client


def client_of(site: Site, who: str, address: str = "") -> httpx.Client:  # noqa: F811
    return httpx.Client(
        base_url=address or site.address, headers={"Authorization": f"Bearer {site.keys[who]}"}, timeout=30
    )


def opened(client: httpx.Client) -> str:
    return client.post("/api/v1/conversations/").json()["id"]


def stream_of(conversation: str) -> str:
    return f"/api/v1/conversations/{conversation}/messages/stream"


def asked(client: httpx.Client) -> str:
    """Ask without following; return the turn."""
    url = f"/api/v1/conversations/{opened(client)}/messages/"
    return client.post(url, json={"text": QUESTION}).json()["turn"]


def state_of(client: httpx.Client, turn: str) -> str:
    """Return how a turn ended."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if (state := client.get(f"/api/v1/turns/{turn}/").json()["status"]) not in ("queued", "running"):
            return state
        time.sleep(0.05)
    raise AssertionError("the turn did not end")


def events_in(text: str) -> list[dict[str, Any]]:
    return [json.loads(line[6:]) for line in text.split("\n") if line.startswith("data: ")]


def test_ask_and_follow_with_curl(site, alice):  # noqa: F811
    site.provider.script(**SLOW)
    done = subprocess.run(
        ["curl", "-sSN", "-i", "-H", f"Authorization: Bearer {site.keys['alice']}", "--json",
         json.dumps({"text": QUESTION}), "-H", "Accept: text/event-stream",
         site.address + stream_of(opened(alice))],
        capture_output=True, text=True, timeout=30, check=True,
    )  # fmt: skip
    head, _, text = done.stdout.replace("\r\n", "\n").partition("\n\n")
    events = events_in(text)
    assert "content-type: text/event-stream; charset=utf-8" in head
    assert "cache-control: no-cache, no-transform" in head
    assert "x-accel-buffering: no" in head
    assert "content-encoding" not in head
    assert text.startswith(": following\nretry: ")
    assert (events[0]["type"], events[-1]["type"]) == ("message.accepted", "turn.completed")
    assert "turn.delta" in [event["type"] for event in events]
    assert events[-1]["citations"][0]["title"] == "Checked baggage"


def test_ask_and_follow_with_httpx_sse(site, alice):  # noqa: F811
    site.provider.script(**SLOW)
    with connect_sse(alice, "POST", stream_of(opened(alice)), json={"text": QUESTION}) as source:
        events = list(source.iter_sse())
    assert [event.event for event in events] == [event.json()["type"] for event in events]
    assert [event.id for event in events] == [event.json()["id"] for event in events]
    assert events[-1].event == "turn.completed"
    assert min(sse.RETRY_MS) <= events[0].retry <= max(sse.RETRY_MS)


def test_the_same_key_goes_on_after_the_cursor(site, alice):  # noqa: F811
    url, again = stream_of(opened(alice)), {"Idempotency-Key": str(uuid4())}
    with connect_sse(alice, "POST", url, json={"text": QUESTION}, headers=again) as source:
        whole = [event.id for event in source.iter_sse()]
    for cursor, left in (("0-1", whole[-1:]), (whole[-1], [])):
        headers = {**again, "Last-Event-ID": cursor}
        answer = alice.post(url, json={"text": QUESTION}, headers=headers)
        assert [event["id"] for event in events_in(answer.text)] == left
    assert answer.status_code == 204
    assert site.provider.calls >= 1
    other = alice.post(url, json={"text": "Something else?"}, headers=again)
    assert (other.status_code, other.json()["code"]) == (422, "client_id_reused")


def test_heartbeats_are_no_events():
    """Of the format alone: a comment in the middle of a stream, as a client reads it."""
    frame = Frame(EventId(1, 1), '{"type":"turn.started"}', final=False)
    text = ": following\nretry: 9\n: still here\n" + (sse.event_lines(frame) + ": still here\n") * 2
    transport = httpx.MockTransport(
        lambda _: httpx.Response(200, text=text, headers={"Content-Type": "text/event-stream"})
    )
    with httpx.Client(transport=transport) as client, connect_sse(client, "GET", "http://desk") as source:
        events = [(event.event, event.id) for event in source.iter_sse()]
    assert events == [("turn.started", "1-1")] * 2


def test_refusals_come_before_the_stream(site, alice):  # noqa: F811
    with client_of(site, "bob") as bob:
        hers, his = opened(alice), opened(bob)
        refused = [
            (bob.post(stream_of(hers), json={"text": QUESTION}), 404, "not_found"),
            (bob.post(stream_of(his), json={"text": "x" * 4001}), 422, "message_too_long"),
            (bob.post(stream_of(his), json={}), 400, "invalid"),
            (bob.post(stream_of(his), json={"text": "Hi"}, headers={"Last-Event-ID": "?"}), 400, "invalid"),
        ]
    for answer, status, code in refused:
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("way", ["stream", "wait"])
def test_a_client_that_goes_away_does_not_stop_the_answer(site, alice, way):  # noqa: F811
    site.provider.script(held=True)
    conversation = opened(alice)
    if way == "stream":
        with connect_sse(alice, "POST", stream_of(conversation), json={"text": QUESTION}) as source:
            turn = next(source.iter_sse()).json()["turn"]
    else:
        url = f"/api/v1/conversations/{conversation}/messages/"
        patience = httpx.Timeout(30, read=1)
        with pytest.raises(httpx.ReadTimeout):
            alice.post(f"{url}?wait=60", json={"text": QUESTION}, timeout=patience)
        end = time.monotonic() + 20
        while not (messages := alice.get(url).json()["results"]) and time.monotonic() < end:
            time.sleep(0.05)
        turn = messages[0]["turn"]
    site.provider.script(held=False)
    assert state_of(alice, turn) == "completed"


def test_npm_eventsource_stops_after_the_final_event(site, alice):  # noqa: F811
    site.provider.script(**SLOW)
    turn = asked(alice)
    followed = follow_with_npm(f"{site.address}/api/v1/turns/{turn}/events", site.keys["alice"])
    assert followed["types"][0] == "message.accepted"
    assert followed["types"].count("turn.completed") == 1
    assert (followed["connects"], followed["code"]) == (2, 204)


def follow_with_npm(url: str, key: str) -> dict[str, Any]:
    if shutil.which("node") is None or not (ROOT / "node_modules" / "eventsource").is_dir():
        pytest.skip("npm's eventsource is not installed")
    done = subprocess.run(
        ["node", str(Path(__file__).with_name("follow.mjs")), url, key],
        capture_output=True, text=True, timeout=40, check=True, cwd=ROOT,
    )  # fmt: skip
    return json.loads(done.stdout)


def test_fifty_that_wait_leave_room_for_others(site, alice):  # noqa: F811
    """Each waits in a thread of its own: while they do, another request is answered."""
    site.provider.script(held=True)
    conversations = [opened(alice) for _ in range(50)]
    codes: list[int] = []

    def wait(conversation: str) -> None:
        url = f"{site.address}/api/v1/conversations/{conversation}/messages/?wait=60"
        headers = {"Authorization": f"Bearer {site.keys['alice']}"}
        codes.append(httpx.post(url, json={"text": QUESTION}, headers=headers, timeout=60).status_code)

    threads = [threading.Thread(target=wait, args=(conversation,)) for conversation in conversations]
    for thread in threads:
        thread.start()
    while alice.get(f"/api/v1/conversations/{conversations[-1]}/messages/").json()["results"] == []:
        time.sleep(0.05)
    assert codes == []
    assert alice.get("/api/v1/conversations/", timeout=10).status_code == 200
    site.provider.script(held=False)
    for thread in threads:
        thread.join(60)
    assert codes == [201] * 50


NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off; client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{
    listen 127.0.0.1:{port};
    location / {{ proxy_pass {upstream}; proxy_http_version 1.1; proxy_set_header Host $http_host; }}
  }}
}}
"""


@contextmanager
def nginx(upstream: str, folder: Path) -> Iterator[str]:
    """A real nginx with its own defaults, buffering among them, before a server."""
    command = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if command is None:
        pytest.skip("nginx is not installed")
    port = free_port()
    written = folder / "nginx.conf"
    written.write_text(NGINX.format(folder=folder, port=port, upstream=upstream), encoding="utf-8")
    process = subprocess.Popen([command, "-p", str(folder), "-c", str(written)])
    try:
        end = time.monotonic() + 10
        while time.monotonic() < end:
            try:
                httpx.get(f"http://127.0.0.1:{port}/health")
                break
            except httpx.TransportError:
                time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def test_events_pass_nginx_at_once(site, tmp_path):  # noqa: F811
    """While the model is held, the first events are here: nginx has kept none of them back."""
    site.provider.script(held=True)
    os.chmod(tmp_path, 0o755)
    with nginx(site.address, tmp_path) as address, client_of(site, "alice", address) as alice:
        with connect_sse(alice, "POST", stream_of(opened(alice)), json={"text": QUESTION}) as source:
            types = []
            for event in source.iter_sse():
                types.append(event.event)
                if event.event == "turn.understood":
                    site.provider.script(held=False, **SLOW)
        assert types[0] == "message.accepted"
        assert types[-1] in FINAL
        assert "turn.understood" in types


def test_a_browser_stops_after_the_final_event(site, alice):  # noqa: F811
    """The browser's own EventSource, on the site itself: it connects, comes back once, and stops at 204."""
    from playwright.sync_api import sync_playwright

    turn = asked(alice)
    assert state_of(alice, turn) == "completed"
    bearer = {"Authorization": f"Bearer {site.keys['alice']}"}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser())
        try:
            page = browser.new_context(extra_http_headers=bearer).new_page()
            page.goto(f"{site.address}/health")
            statuses: list[int] = []
            page.on(
                "response", lambda answer: statuses.append(answer.status) if "/events" in answer.url else None
            )
            types = page.evaluate(FOLLOW, f"/api/v1/turns/{turn}/events")
            while len(statuses) < 2:  # told of beside what the page itself tells
                page.wait_for_event("response")
        finally:
            browser.close()
    assert types == ["message.accepted", "turn.completed"]
    assert statuses == [200, 204]


FOLLOW = """(url) => new Promise((done) => {
  const types = [], source = new EventSource(url);
  for (const type of ["message.accepted", "turn.completed"]) {
    source.addEventListener(type, () => types.push(type));
  }
  source.onerror = () => source.readyState === EventSource.CLOSED && done(types);
})"""
