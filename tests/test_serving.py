"""Whole server processes: with neither service, with Redis away, with the database away, under Daphne."""

import json
from pathlib import Path

import httpx
import pytest

from tests.serving import environment, free_port, manage, server

ADD_ALICE = (
    "from accounts.models import User; from knowledge.models import Document; "
    "from knowledge.documents.publish import publish_version, save_draft; "
    "from tests.conftest import POLICIES; "
    "User.objects.create_user('alice', 'alice@example.com', 'correct-horse-42'); "
    "[publish_version(save_draft(Document.objects.create(slug=s, title=t), text)) for s, t, text in POLICIES]"
)
SOME_KEY = {"Authorization": f"Bearer csk_{'A' * 43}"}


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """An embedded server's environment, its database made and filled."""
    env = environment(tmp_path, free_port())
    for arguments in (("migrate", "-v0"), ("shell", "-v0", "-c", ADD_ALICE)):
        done = manage(*arguments, env=env)
        assert done.returncode == 0, done.stderr
    return env


@pytest.fixture
def alice(env: dict[str, str]) -> dict[str, str]:
    """The header that tells Alice."""
    return {"Authorization": f"Bearer {manage('api_key', 'alice', env=env).stdout.strip()}"}


def ask(address: str, alice: dict[str, str]) -> list[dict]:
    """Ask over REST and read the answer as server-sent events."""
    with httpx.Client(base_url=address, headers=alice, timeout=30) as client:
        conversation = client.post("/api/v1/conversations/").json()["id"]
        question = {"text": "How heavy may a checked bag be?"}
        accepted = client.post(f"/api/v1/conversations/{conversation}/messages/", json=question)
        assert accepted.status_code == 202, accepted.text
        with client.stream("GET", accepted.json()["events"]) as events:
            return [json.loads(line[6:]) for line in events.iter_lines() if line.startswith("data: ")]


@pytest.mark.parametrize("runner", ["uvicorn", "daphne"])
def test_answer_streams_from_a_real_server(env, alice, runner):
    with server(env, runner=runner) as address:
        events = ask(address, alice)
    assert "23 kg" in events[-1]["message"]["text"]


def test_without_redis_the_web_process_answers(env, alice):
    """Redis is configured and not there: start, health and an answer all work, and say so."""
    with server({**env, "REDIS_URL": f"redis://127.0.0.1:{free_port()}/0"}) as address:
        health = httpx.get(f"{address}/health", timeout=10)
        events = ask(address, alice)
    assert (health.status_code, health.json()["status"]) == (200, "degraded")
    assert set(health.json()) == {"status"}  # which part it is, staff are told
    assert events[-1]["type"] == "turn.completed"
    assert "23 kg" in events[-1]["message"]["text"]


def test_without_database_the_desk_says_so(tmp_path):
    nothing = f"postgres://nobody@127.0.0.1:{free_port()}/nothing"
    with server(environment(tmp_path, free_port(), DATABASE_URL=nothing)) as address:
        health = httpx.get(f"{address}/health", timeout=30)
        page = httpx.get(f"{address}/accounts/sign-in/", cookies={"sessionid": "x" * 32}, timeout=30)
        call = httpx.get(f"{address}/api/v1/conversations/", headers=SOME_KEY, timeout=30)
    assert (health.status_code, health.json()["status"]) == (503, "down")
    assert call.status_code == 503
    assert call.headers["Retry-After"] == "5"
    assert page.status_code in (200, 503)


def test_unfinished_turn_is_answered_after_a_restart(env, alice):
    left = (
        "from accounts.models import User; from chat import conversations; "
        "from django.db import transaction; "
        "alice = User.objects.get(); c = conversations.open_conversation(alice); "
        "insert = transaction.atomic(conversations._insert); "
        "t, m = insert(alice, c.id, 'How heavy may a checked bag be?', None); "
        "t.created_at = t.created_at.replace(year=2025); t.save(); print(t.pk)"
    )
    done = manage("shell", "-v0", "-c", left, env=env)
    turn = done.stdout.strip().splitlines()[-1]
    with (
        server(env) as address,
        httpx.Client(base_url=address, headers=alice, timeout=30) as client,
        client.stream("GET", f"/api/v1/turns/{turn}/events") as events,
    ):
        last = [json.loads(line[6:]) for line in events.iter_lines() if line.startswith("data: ")][-1]
    assert last["type"] == "turn.completed"
