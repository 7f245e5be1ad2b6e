"""Nobody gets further than the table says: every route and method, by everybody (``expected.toml``)."""

import re
import tomllib
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from asgiref.sync import AsyncToSync
from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponse

from accounts.models import User
from chat import conversations, database
from chat.events import EventId, Frame
from chat.models import Turn
from knowledge.models import Version
from tests.matrix.admin_rows import admin_cells, is_standard
from tests.matrix.routes import Route, all_routes
from tests.matrix.things import Things, fill, furnish, unknown
from tests.matrix.visitors import NAMES, Visitor, visitors

TABLE = tomllib.loads(Path(__file__).with_name("expected.toml").read_text(encoding="utf-8"))
ROWS: dict[str, list[str]] = {route: cells.split() for route, cells in TABLE["routes"].items()}
OWNED = ("conversation_id", "batch_id", "locator", "turn_id", "client_id", "pk")
BODIES: dict[str, dict[str, Any]] = TABLE["bodies"]


_follow = conversations.follow
_TOKEN = re.compile(r'(?<=value=")[A-Za-z0-9]{64}(?=")|(?<=nonce=")[^"]+(?=")')


class _OnThisThread(Executor):
    """Runs database steps on the thread that asked, within the test's transaction."""

    def submit(self, call: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        return AsyncToSync.executors.current.submit(call, *args, **kwargs)


@pytest.fixture
def open_desk(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """Let nobody be stopped by limits, and no answer be written: it is only asked who may."""

    async def not_now(_turn: object) -> None: ...

    settings.RATELIMIT_ENABLE = False
    settings.ACCOUNT_RATE_LIMITS = False
    monkeypatch.setattr(database, "_threads", _OnThisThread())
    monkeypatch.setattr(database, "close_old_connections", lambda: None)
    monkeypatch.setattr(conversations, "dispatch", not_now)
    monkeypatch.setattr(conversations, "follow", _so_far)


async def _so_far(turn: Turn, after: EventId | None = None) -> AsyncIterator[Frame]:
    """Follow what has ended; of what nobody answers, tell nothing rather than wait for ever."""
    if turn.is_finished:
        async for frame in _follow(turn, after):
            yield frame


@pytest.fixture
def things(people: dict[str, Visitor], alice: User, library: dict[str, Version]) -> Things:
    return furnish(alice, library)


@pytest.fixture
def people(alice: User, bob: User, carol: User, settings: Any) -> dict[str, Visitor]:
    return visitors(alice, bob, carol, settings)


def test_every_route_has_its_row_and_every_row_its_route():
    there = {f"{method} {route.pattern}" for route in _listed() for method in route.methods}
    assert there - ROWS.keys() == set(), "routes without a row in expected.toml"
    assert ROWS.keys() - there == set(), "rows in expected.toml without a route"
    assert {row: len(cells) for row, cells in ROWS.items() if len(cells) != len(NAMES)} == {}


def test_everybody_gets_what_the_table_says(open_desk, things, people):
    wrong, cells = [], 0
    for row, name, expected in _expectations():
        method, pattern = row.split(" ", 1)
        path = fill(pattern, things.values(pattern))
        with _Undone():
            found = outcome(people[name].ask(method, path, BODIES.get(row)))
        cells += 1
        if found not in expected:
            wrong.append(f"{row} as {name}: {found}, not {' or '.join(sorted(expected))}")
    rows = len({row for row, _, _ in _expectations()})
    print(f"\nauthorisation matrix: {rows} routes and methods x {len(NAMES)} visitors = {cells} cells")
    assert not wrong, "\n" + "\n".join(wrong)


def test_others_things_are_answered_like_unknown_ones(open_desk, things, people):
    """Nobody learns from an answer whether an id of somebody else's exists."""
    asked, differing = 0, []
    for row in ROWS:
        method, pattern = row.split(" ", 1)
        if not any(f":{name}>" in pattern for name in OWNED) or pattern.startswith("admin/"):
            continue
        there = things.values(pattern)
        paths = fill(pattern, there), fill(pattern, unknown(there))
        for name in ("bob", "agent", "carol"):
            with _Undone():
                theirs, nobodys = (people[name].ask(method, path, BODIES.get(row)) for path in paths)
            asked += 1
            if _told(theirs, paths[0]) != _told(nobodys, paths[1]):
                differing.append(f"{row} as {name}: {theirs.status_code}, {nobodys.status_code}")
    assert asked > 50
    assert not differing, "\n" + "\n".join(differing)


def test_nothing_of_hers_is_gone_after_everybody_else_has_tried(open_desk, things, people):
    for row in ROWS:
        method, pattern = row.split(" ", 1)
        if method != "GET" and not pattern.startswith("admin/"):
            path = fill(pattern, things.values(pattern))
            for name in ("anonymous", "bob", "agent", "expired", "revoked", "third"):
                people[name].ask(method, path, BODIES.get(row))
    for thing in (things.conversation, things.turn, things.key, things.passkey):
        thing.refresh_from_db()
    assert things.key.revoked_at is None
    assert Turn.objects.filter(conversation=things.conversation).count() == 1
    assert User.objects.filter(username="alice", is_active=True).exists()


def outcome(response: HttpResponse) -> str:
    """Return how a cell is written: a status; ``login`` and ``confirm`` for the way to those pages."""
    where = response.get("Location", "") if 300 <= response.status_code < 400 else ""
    if where.startswith(("/accounts/sign-in/", "/admin/login/")):
        return "login"
    return "confirm" if where.startswith("/accounts/confirm/") else str(response.status_code)


def _told(response: HttpResponse, path: str) -> tuple[int, str]:
    """Return what an answer says, without what differs from one answer to the next: address and tokens."""
    said = unquote(response.get("Location", "")) if response.status_code != 404 else response.content.decode()
    return response.status_code, _TOKEN.sub("", said).replace(path, "")


def _expectations() -> Iterator[tuple[str, str, set[str]]]:
    for row, cells in ROWS.items():
        for name, cell in zip(NAMES, cells, strict=True):
            yield row, name, {cell}
    yield from admin_cells(all_routes(), TABLE["admin"])


def _listed() -> list[Route]:
    return [route for route in all_routes() if not is_standard(route)]


class _Undone:
    """A block whose changes are taken back, and what limits have counted in it."""

    def __enter__(self) -> None:
        self._block = transaction.atomic()
        self._block.__enter__()

    def __exit__(self, *problem: Any) -> None:
        transaction.set_rollback(True)
        self._block.__exit__(*problem)
        cache.clear()
