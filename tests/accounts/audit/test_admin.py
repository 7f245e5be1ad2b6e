"""The trail in the admin, and staff reading conversations: no look without an entry."""

import csv

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import Permission
from django.db import OperationalError

from accounts.audit import Act, trail
from accounts.models import AuditEntry
from chat import conversations
from chat.models import Turn

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/admin/accounts/auditentry/"
WORDS = "How heavy may a checked bag be?"
READS = [
    ("conversation/", Act.CONVERSATIONS_LISTED),
    ("conversation/?q=heavy", Act.CONVERSATIONS_SEARCHED),
    ("conversation/{conversation}/change/", Act.CONVERSATION_READ),
    ("conversation/{conversation}/history/", Act.CONVERSATION_READ),
    ("turn/", Act.CONVERSATIONS_LISTED),
    ("turn/{turn}/change/", Act.CONVERSATION_READ),
    ("weakquestion/", Act.CONVERSATIONS_LISTED),
    ("trial/?turn={turn}", Act.CONVERSATION_READ),
]


@pytest.fixture
def turn(alice, library, settings):
    settings.REDIS_URL, settings.EVENT_LOG = "", "memory"
    thread = conversations.open_conversation(alice)
    submitted = async_to_sync(conversations.submit)(alice, thread.pk, WORDS)
    Turn.objects.filter(pk=submitted.turn.pk).update(grounding="refused")
    return Turn.objects.get(pk=submitted.turn.pk)


def reads():
    return AuditEntry.objects.filter(act__startswith="conversation")


@pytest.mark.parametrize(("page", "act"), READS)
def test_each_look_is_one_entry(client, carol, turn, page, act):
    client.force_login(carol)
    answer = client.get("/admin/chat/" + page.format(conversation=turn.conversation_id, turn=turn.pk))
    assert answer.status_code == 200
    entry = reads().get()
    assert (entry.act, entry.actor_id) == (act, carol.pk)
    if act == Act.CONVERSATION_READ:
        assert entry.object_id in (str(turn.pk), str(turn.conversation_id))
    assert "heavy" not in str(AuditEntry.objects.values().get(pk=entry.pk))


@pytest.mark.parametrize(("page", "act"), READS)
def test_no_look_without_an_entry(client, carol, turn, page, act, monkeypatch):
    client.force_login(carol)
    client.raise_request_exception = False

    def unable(*_args, **_values):
        raise OperationalError("no space left")

    monkeypatch.setattr(AuditEntry, "save", unable)
    answer = client.get("/admin/chat/" + page.format(conversation=turn.conversation_id, turn=turn.pk))
    assert answer.status_code == 503
    assert WORDS not in answer.content.decode()


def test_those_without_permission_read_nothing_and_leave_no_entry(client, turn, bob):
    bob.is_staff = True
    bob.save()
    client.force_login(bob)
    for page, _ in READS:
        answer = client.get("/admin/chat/" + page.format(conversation=turn.conversation_id, turn=turn.pk))
        assert answer.status_code == 403
    assert not reads().exists()


def test_trail_is_shown_filtered_and_searched(client, carol, alice):
    client.force_login(alice)
    client.force_login(carol)
    page = client.get(PAGE)
    assert "Signed in" in page.content.decode()
    assert [e.actor_id for e in client.get(PAGE, {"act": "sign-in"}).context["cl"].result_list] == [
        carol.pk,
        alice.pk,
    ]
    found = client.get(PAGE, {"q": str(alice.pk), "act": "sign-in"}).context["cl"].result_list
    assert {entry.actor_id for entry in found} == {alice.pk}
    assert client.get(PAGE, {"q": "carol"}).context["cl"].result_count > 0
    assert client.get(f"{PAGE}{found[0].pk}/change/").status_code == 200


@pytest.mark.parametrize("page", ["add/", "{entry}/delete/"])
def test_trail_is_not_written_by_hand(client, carol, page):
    client.force_login(carol)
    assert client.get(PAGE + page.format(entry=AuditEntry.objects.first().pk)).status_code == 403


def test_export_holds_the_filtered_entries_and_is_one_itself(client, carol, alice):
    alice.username = "=cmd()"
    alice.is_staff = True
    alice.save()
    client.force_login(alice)
    client.force_login(carol)
    answer = client.post(f"{PAGE}export/?act=sign-in")
    rows = list(csv.DictReader(answer.content.decode().splitlines()))
    assert [row["actor_label"] for row in rows] == ["'=cmd()", "carol"]
    entry = AuditEntry.objects.get(act=Act.AUDIT_EXPORTED)
    assert (entry.actor_id, entry.details) == (carol.pk, {"entries": 2, "filters": ["act"]})


def test_trail_needs_its_permissions(client, bob, alice):
    bob.is_staff = True
    bob.save()
    client.force_login(bob)
    assert client.get(PAGE).status_code == 403
    bob.user_permissions.add(Permission.objects.get(codename="view_auditentry"))
    page = client.get(PAGE)
    assert (page.status_code, "Export as CSV" in page.content.decode()) == (200, False)
    assert client.post(f"{PAGE}export/").status_code == 403
    client.force_login(alice)
    assert client.get(PAGE).status_code == 302


def test_search_is_known_again_and_not_readable(client, carol, turn):
    client.force_login(carol)
    for words in ("Bob Jones", " bob  jones"):
        client.get("/admin/chat/conversation/", {"q": words})
    first, second = reads().filter(act=Act.CONVERSATIONS_SEARCHED)
    assert first.details["words"] == second.details["words"] == trail.digest("bob jones")
