"""Staff read conversations and turns in the admin; nobody writes them there."""

import pytest
from asgiref.sync import async_to_sync

from chat import conversations
from chat.models import Turn

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def turn(alice, library, settings):
    settings.REDIS_URL, settings.EVENT_LOG = "", "memory"
    thread = conversations.open_conversation(alice)
    submitted = async_to_sync(conversations.submit)(alice, thread.pk, "How heavy may a checked bag be?")
    return Turn.objects.get(pk=submitted.turn.pk)


PAGES = ["conversation/", "conversation/{conversation}/change/", "turn/", "turn/{turn}/change/"]


@pytest.mark.parametrize("page", PAGES)
def test_staff_reads(client, carol, turn, page):
    client.force_login(carol)
    answer = client.get("/admin/chat/" + page.format(conversation=turn.conversation_id, turn=turn.pk))
    assert answer.status_code == 200
    assert "How heavy may a checked bag be?" in answer.content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_customers_do_not(client, bob, turn, page):
    client.force_login(bob)
    answer = client.get("/admin/chat/" + page.format(conversation=turn.conversation_id, turn=turn.pk))
    assert answer.status_code == 302
    assert "/admin/login/" in answer["Location"]


def test_turn_page_tells_how_the_answer_came_about(client, carol, turn):
    client.force_login(carol)
    page = client.get(f"/admin/chat/turn/{turn.pk}/change/").content.decode()
    for expected in ("policy", "extractive", "Checked baggage", "23 kg", "stage ms"):
        assert expected.lower() in page.lower()


@pytest.mark.parametrize("path", ["add/", "{turn}/delete/"])
def test_nothing_is_written_by_hand(client, carol, turn, path):
    client.force_login(carol)
    assert client.get("/admin/chat/turn/" + path.format(turn=turn.pk)).status_code == 403
