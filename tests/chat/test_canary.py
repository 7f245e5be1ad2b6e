"""Canaries: values planted through every entrance turn up nowhere but in the person's own history.

Looked through afterwards: every line logged, everything in Redis or the cache, what tasks were given, every
request to the model, and every table but those that keep what people wrote.
"""

import asyncio
import io
import json
import logging
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings as project
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import AsyncClient, Client

from chat import tasks
from chat.database import in_database
from chat.models import Turn
from chatsite.logs import logging_settings
from tests.chat.conftest import FINAL, open_socket
from tests.leftovers import leftovers

pytestmark = pytest.mark.anyio

BAGS = "How heavy may a checked bag be on a Standard fare?"
CANARIES = (
    "4539 1488 0343 6467",
    "4539148803436467",
    "canary.alice@example.net",
    "canary dot spoken at example dot net",
    "+34 655 443 322",
    "ES91 2100 0418 4502 0005 1332",
    "ZAB987654",
    "73194862H",
    "K9XW3P",
    "203.0.113.77",
    "Canaria Example",
)
PLANTED = (
    f"{BAGS} My name is Canaria Example, card 4539 1488 0343 6467, mail canary.alice@example.net, call "
    f"+34 655 443 322.",
    f"{BAGS} passport ZAB987654, DNI 73194862H, IBAN ES91 2100 0418 4502 0005 1332, from 203.0.113.77",
    f"{BAGS} booking K9XW3P, tarjeta 4539148803436467, canary dot spoken at example dot net",
)
# What people wrote, and what was answered to them: their own history, which they can read, export and delete.
OWN_HISTORY = {"chat_message", "chat_conversation", "chat_turn"}
# The list of what staff brought in names their files.
OWN_FILES = {"knowledge_importedfile"}


@pytest.fixture
def log() -> Any:
    """Everything that this process logs, as the product writes it; from DEBUG on."""
    stream = io.StringIO()
    lines = logging_settings(level="DEBUG", style="json")["formatters"]["lines"]
    handler = logging.StreamHandler(stream)
    handler.setFormatter(lines["()"](**{name: value for name, value in lines.items() if name != "()"}))
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel("DEBUG")
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What tasks were given."""
    arguments: list[str] = []
    send = tasks.run_turn.apply_async

    def noted(*args: Any, **kwargs: Any) -> Any:
        arguments.append(repr((args, kwargs)))
        return send(*args, **kwargs)

    monkeypatch.setattr(tasks.run_turn, "apply_async", noted)
    return arguments


async def over_the_socket(user: Any, conversation: Any) -> None:
    async with open_socket(user, conversation.id) as socket:
        await socket.receive()
        for text in PLANTED:
            await socket.ask(text)
            await socket.until(*FINAL)
        await socket.send(type=f"nonsense {PLANTED[0]}", text=PLANTED[1])
        await socket.receive()
        await socket.send_raw("not json " + PLANTED[2])
        await socket.receive()


async def over_rest(user: Any, conversation: Any) -> None:
    client = AsyncClient()
    await client.aforce_login(user)
    path = f"/api/v1/conversations/{conversation.id}/messages/"
    for text in PLANTED:
        body = {"text": text, "client_id": str(uuid4())}
        await client.post(path, json.dumps(body), content_type="application/json")
    await client.post(path, "{broken " + PLANTED[0], content_type="application/json")
    await client.get(f"/api/v1/conversations/{CANARIES[2]}/?q={CANARIES[1]}", headers={"x-odd": CANARIES[1]})


async def as_trials(staff: Any) -> None:
    client = AsyncClient()
    await client.aforce_login(staff)
    for text in PLANTED:
        form = {"question": text, "audience": "public", "_answer": "1"}
        assert (await client.post("/admin/chat/trial/", form)).status_code == 200


def over_pages(user: Any, staff: Any) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    for text in PLANTED:
        client.post("/chat/ask/", {"text": text})
    client.get(f"/chat/{CANARIES[2]}/", {"card": CANARIES[0]}, headers={"user-agent": CANARIES[2]})
    client.post("/accounts/sign-in/", {"login": CANARIES[2], "password": CANARIES[1]})
    client.force_login(staff)
    file = SimpleUploadedFile(f"{CANARIES[2]} 4539148803436467.exe", b"not a document")
    form = {"publish": "yes", "audience": "public", "category": "", "language": "", "note": ""}
    assert client.post("/admin/knowledge/import/add/", form | {"files": [file]}).status_code == 302


def as_exceptions() -> None:
    for name in ("chat", "django.request", "asyncio", "knowledge"):
        try:
            raise ValueError(PLANTED[0])
        except ValueError as error:
            logging.getLogger(name).error("failed: %s", PLANTED[1], exc_info=True, extra={"text": PLANTED[2]})
            logging.getLogger(name).error(error)


def elsewhere() -> list[str]:
    """Return the places, other than the person's own history, where a canary stands."""
    places = leftovers(*CANARIES)
    return [place for place in places if place.partition(":")[0] not in OWN_HISTORY | OWN_FILES]


async def test_no_canary_gets_out(alice, carol, conversation, library, provider, log, given):
    provider.script(text="Dear [NAME_1], up to 23 kg [1]. Write to [EMAIL_1], not to [CARD_1].")
    await over_the_socket(alice, conversation)
    await over_rest(alice, conversation)
    await as_trials(carol)
    await sync_to_async(over_pages)(alice, carol)
    as_exceptions()
    async with asyncio.timeout(20):  # those over REST and pages are answered in the background
        while await in_database(Turn.objects.unfinished().exists):
            await asyncio.sleep(0.05)
    assert provider.calls >= 12  # three in each of four ways
    sent = json.dumps([request["body"] for request in provider.requests], ensure_ascii=False)
    headers = str([request["headers"] for request in provider.requests])
    for canary in CANARIES:
        assert canary not in sent + headers
        assert canary not in log.getvalue()
        assert canary not in "".join(given)
    assert await in_database(elsewhere) == []
    assert len(await in_database(leftovers, CANARIES[2])) > 0  # the scan finds what is there: her own words
    assert bool(given) == bool(project.REDIS_URL)
    assert "failed: " in log.getvalue()


def test_the_scan_would_find_one(log):
    """Nothing above is true for want of looking."""
    handler = next(one for one in logging.getLogger().handlers if getattr(one, "stream", None) is log)
    handler.setFormatter(logging.Formatter("%(message)s"))
    as_exceptions()
    assert CANARIES[0] in log.getvalue()
