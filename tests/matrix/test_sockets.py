"""Nobody's socket opens further than the table says (``expected.toml``)."""

from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async

from accounts.models import User
from chat.routing import websocket_urlpatterns
from tests.chat.conftest import conversation, desk, worker  # noqa: F401  (fixtures)
from tests.chat.visitors import is_let_in, open_as, page_origin
from tests.matrix.test_matrix import TABLE
from tests.matrix.visitors import NAMES, Visitor, visitors

pytestmark = pytest.mark.anyio

SOCKETS: dict[str, list[str]] = {route: cells.split() for route, cells in TABLE["sockets"].items()}
CHANGING = (
    {"type": "message.send", "client_id": str(uuid4()), "text": "Hi"},
    {"type": "turn.stop", "turn": str(uuid4())},
)


@pytest.fixture
async def people(alice: User, bob: User, carol: User, conversation, settings) -> dict[str, Visitor]:  # noqa: F811
    return await sync_to_async(visitors)(alice, bob, carol, settings)


def shown_by(visitor: Visitor) -> list[dict[str, str]]:
    """Return the ways in which somebody may try the door: as a page, and as a program."""
    ways = [{"cookie": visitor.cookie, "origin": page_origin()}] if visitor.cookie else []
    return ways + ([{"bearer": visitor.bearer}] if visitor.bearer else []) or [{"origin": page_origin()}]


def test_every_socket_has_its_row():
    assert {str(route.pattern) for route in websocket_urlpatterns} == SOCKETS.keys()
    assert all(len(cells) == len(NAMES) for cells in SOCKETS.values())


async def test_sockets_open_to_whom_the_table_says(people, conversation, alice):  # noqa: F811
    (cells,) = SOCKETS.values()
    found = {}
    for name, visitor in people.items():
        await User.objects.filter(pk=alice.pk).aupdate(is_active=visitor.closes is None)
        ways = [await is_let_in(conversation.pk, **way) for way in shown_by(visitor)]
        assert len(set(ways)) == 1, f"{name}: {ways}"
        found[name] = "yes" if ways[0] else "no"
    assert found == dict(zip(NAMES, cells, strict=True))


async def test_somebody_elses_conversation_closes_like_an_unknown_one(people, conversation):  # noqa: F811
    for name in ("bob", "agent", "carol"):
        (way,) = shown_by(people[name])
        for known in (conversation.pk, uuid4()):
            assert not await is_let_in(known, **way), name


@pytest.mark.parametrize("frame", CHANGING, ids=lambda frame: frame["type"])
async def test_reader_changes_nothing(people, conversation, frame):  # noqa: F811
    async with open_as(conversation.pk, bearer=people["third"].bearer) as socket:
        await socket.send(**frame)
        assert (await socket.receive())["code"] == "insufficient_scope"
    assert await conversation.messages.acount() == 0
