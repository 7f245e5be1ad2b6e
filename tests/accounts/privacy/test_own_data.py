"""A person has everything that is theirs and nothing of others, and can have it all deleted."""

import io
import json
import logging
import time
import zipfile
from datetime import timedelta
from io import StringIO

import pytest
from asgiref.sync import async_to_sync
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts import audit, downloads, privacy
from accounts.audit import Act
from accounts.models import ApiKey, AuditEntry, User
from accounts.privacy.erasing import AccountKept, erase_account
from accounts.privacy.parts import _parts as all_parts
from accounts.privacy.retention import apply_retention
from chat import conversations
from chat.models import Conversation, Message
from knowledge.models import Booking
from tests.accounts.audit.test_trail import closed_window
from tests.conftest import PASSWORD
from tests.leftovers import leftovers

pytestmark = pytest.mark.django_db(transaction=True)
OLD = {"audit": 3, "sessions": 1, "conversations": 1}
CANARY = "zanzibarquokka"
QUESTION = f"How heavy may a checked bag be in the Standard fare, and an overweight bag? {CANARY}"


@pytest.fixture
def life(alice, bob, library, settings):
    """Both have a conversation, a booking and a key."""
    settings.REDIS_URL, settings.EVENT_LOG = "", "memory"
    for person, words in ((alice, QUESTION), (bob, "Can my okapi travel with me in the cabin?")):
        thread = conversations.open_conversation(person)
        async_to_sync(conversations.submit)(person, thread.pk, words)
        reference = f"REF{person.pk}"
        Booking.objects.create(reference=reference, owner=person, contact_email=person.email, cabin="economy")
        ApiKey.objects.issue(person, f"key of {person.username}")


def files_of(response):
    body = response.content if hasattr(response, "content") else b"".join(response.streaming_content)
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


def signed_in(name="alice"):
    """Sign in as people do."""
    client = Client()
    assert client.post("/accounts/sign-in/", {"login": name, "password": PASSWORD}).status_code == 302
    return client


def confirmed(name="alice"):
    """Sign in, and prove anew who one is."""
    client = signed_in(name)
    assert client.post("/accounts/confirm/", {"password": PASSWORD}).status_code == 302
    return client


def test_export_has_everything_of_alice_and_nothing_of_bob(alice, bob, carol, life):
    client = signed_in()
    audit.record(Act.RIGHTS_CHANGED, actor=carol, target=alice, change="x")
    files = files_of(client.post("/accounts/data/export/"))
    profile = json.loads(files["profile.json"])
    assert (profile["username"], profile["email"]) == ("alice", "alice@example.com")
    assert "password" not in profile
    (markdown,) = (text for name, text in files.items() if name.endswith(".md"))
    assert CANARY in markdown
    (whole,) = (json.loads(t) for n, t in files.items() if n.startswith("conv") and n.endswith(".json"))
    assert whole["messages"][1]["citations"][0]["title"] == "Checked baggage"
    assert [booking["reference"] for booking in json.loads(files["bookings.json"])] == [f"REF{alice.pk}"]
    acts = json.loads(files["audit.json"])
    assert {"sign-in", "rights-changed", "account-created"} <= {entry["act"] for entry in acts}
    assert next(entry["by"] for entry in acts if entry["act"] == "rights-changed") == "staff"
    everything = "\n".join(files.values())
    assert "key of alice" in everything
    assert "user-sessions" in " ".join(files)
    # The beginning of her key is random, and may spell his name.
    everything = everything.replace(ApiKey.objects.get(user=alice).prefix, "").casefold()
    for foreign in ("bob", "okapi", "carol", f"ref{bob.pk}"):
        assert foreign not in everything, foreign


def test_export_has_no_secrets(alice, life):
    client = signed_in()
    key = ApiKey.objects.get(user=alice)
    everything = "\n".join(files_of(client.post("/accounts/data/export/")).values())
    alice.refresh_from_db()
    for secret in (key.digest, alice.password, client.session.session_key):
        assert secret not in everything


def test_export_over_rest_is_the_same_and_audited(client, alice, life):
    client.force_login(alice)
    answer = client.get("/api/v1/me/export/", headers={"accept": "application/zip"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    assert "attachment" in answer["Content-Disposition"]
    assert CANARY in "\n".join(files_of(answer).values())
    assert AuditEntry.objects.get(act=Act.DATA_EXPORTED).actor_id == alice.pk


async def _whole(response):
    return b"".join([piece async for piece in response.streaming_content])


def test_large_export_is_sent_in_pieces(alice, life, monkeypatch, rf):
    monkeypatch.setattr(downloads, "IN_MEMORY", 100)
    monkeypatch.setattr(downloads, "PIECE", 1_000)
    from accounts.privacy.exporting import export_response

    response = export_response(alice)
    body = async_to_sync(_whole)(response)
    assert response.streaming
    assert len(body) == int(response["Content-Length"])
    assert "profile.json" in zipfile.ZipFile(io.BytesIO(body)).namelist()


@pytest.mark.parametrize("path", ["data/", "data/export/", "data/delete/"])
def test_strangers_are_sent_to_sign_in(client, db, path):
    send = client.post if path.endswith("export/") else client.get
    answer = send(f"/accounts/{path}")
    assert answer.status_code == 302
    assert "/sign-in/" in answer["Location"]
    assert client.get("/api/v1/me/export/").status_code in (401, 403)


def test_pages(client, alice):
    client.force_login(alice)
    page = client.get("/accounts/data/").content.decode()
    assert "Download your data" in page
    assert "/accounts/data/delete/" in page
    assert client.get("/accounts/data/export/").status_code == 405


def test_deletion_needs_the_password_again(alice, life):
    client = signed_in()
    answer = client.post("/accounts/data/delete/", {"sure": "on"})
    assert answer.status_code == 302
    assert "/accounts/confirm/" in answer["Location"]
    assert User.objects.filter(pk=alice.pk).exists()


def test_without_a_password_the_sign_in_must_be_new(client, alice, life):
    alice.set_unusable_password()
    alice.save()
    client.force_login(alice)  # when is not known
    answer = client.post("/accounts/data/delete/", {"sure": "on"})
    assert "sign out and in again" in answer.content.decode()
    session = client.session
    session["account_authentication_methods"] = [{"method": "socialaccount", "at": time.time()}]
    session["account_authentication_methods_user"] = str(alice.pk)
    session.save()
    assert client.post("/accounts/data/delete/", {"sure": "on"}).status_code == 302
    assert not User.objects.filter(pk=alice.pk).exists()


def test_deletion_needs_the_tick(alice, life):
    answer = confirmed().post("/accounts/data/delete/", {})
    assert "Please tick the box" in answer.content.decode()
    assert User.objects.filter(pk=alice.pk).exists()


def test_deleted_account_is_gone_everywhere(alice, bob, carol, life, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    User.objects.filter(pk=alice.pk).update(first_name=CANARY, email=f"{CANARY}@example.com")
    Booking.objects.filter(owner=alice).update(contact_email=f"{CANARY}@example.com")
    kind = ContentType.objects.get_for_model(User)
    LogEntry.objects.create(
        user=carol, content_type=kind, object_id=str(alice.pk), object_repr=CANARY, action_flag=CHANGE,
        change_message=CANARY,
    )  # fmt: skip
    client, phone = confirmed(), signed_in()
    tables = {place.split(":")[0] for place in leftovers(CANARY)}
    assert {"accounts_user", "chat_message", "django_admin_log", "knowledge_booking"} <= tables

    answer = client.post("/accounts/data/delete/", {"sure": "on"})

    assert answer.status_code == 302
    assert leftovers(CANARY, "alice") == []
    assert CANARY not in caplog.text + "".join(capfd.readouterr())
    for browser in (client, phone):
        assert browser.get("/chat/").status_code == 302
    assert AuditEntry.objects.get(act=Act.ACCOUNT_DELETED).object_id == str(alice.pk)
    assert Booking.objects.filter(reference=f"REF{alice.pk}", owner=None).exists()
    assert Message.objects.filter(conversation__owner=bob).count() == 2
    assert signed_in("bob").get("/chat/").status_code == 200


def test_staff_delete_a_person_the_same_way(client, alice, carol, life):
    client.force_login(carol)
    page = f"/admin/accounts/user/{alice.pk}/delete/"
    assert CANARY not in client.get(page).content.decode()  # nobody reads titles by the way
    assert client.post(page, {"post": "yes"}).status_code == 302
    assert leftovers(CANARY) == []
    assert AuditEntry.objects.get(act=Act.ACCOUNT_DELETED).actor_id == carol.pk


def test_staff_delete_many_people(client, alice, bob, carol, life):
    client.force_login(carol)
    chosen = {"action": "delete_selected", "_selected_action": [alice.pk, bob.pk], "post": "yes"}
    assert client.post("/admin/accounts/user/", chosen).status_code == 302
    assert list(User.objects.values_list("username", flat=True)) == ["carol"]
    assert leftovers(CANARY, "okapi") == []


def test_the_last_administrator_stays(carol):
    client = confirmed("carol")
    answer = client.post("/accounts/data/delete/", {"sure": "on"})
    assert "last administrator" in answer.content.decode()
    page = client.post(f"/admin/accounts/user/{carol.pk}/delete/", {"post": "yes"})
    assert "last administrator" in page.content.decode()
    with pytest.raises(AccountKept):
        erase_account(carol)
    assert User.objects.filter(pk=carol.pk).exists()


def test_failing_part_keeps_the_whole_account(alice, life, monkeypatch):
    def broken(_user):
        raise RuntimeError

    monkeypatch.setitem(all_parts, "broken", privacy.Part("broken", eraser=broken))
    with pytest.raises(RuntimeError):
        erase_account(alice)
    assert Conversation.objects.filter(owner=alice).exists()


@pytest.fixture
def old(alice, life, settings):
    """A conversation and audit entries of forty days ago, and a session that ran out."""
    settings.CONVERSATION_RETENTION_DAYS = settings.AUDIT_RETENTION_DAYS = 30
    ago = timezone.now() - timedelta(days=40)
    Conversation.objects.filter(owner=alice).update(last_message_at=ago)
    AuditEntry.objects.bulk_create(AuditEntry(act=Act.SIGN_IN, at=ago, actor_label="old") for _ in range(3))
    signed_in("bob").session.save()
    from django.contrib.sessions.models import Session

    Session.objects.update(expire_date=ago)


def test_dry_run_only_counts(old):
    said = StringIO()
    call_command("apply_retention", dry_run=True, stdout=said)
    expected = {f"{name}: {count} past retention" for name, count in OLD.items()}
    assert expected <= set(said.getvalue().splitlines())
    assert AuditEntry.objects.filter(actor_label="old").count() == 3


def test_retention_deletes_what_is_old_alone(old, alice, bob, monkeypatch):
    monkeypatch.setattr("accounts.privacy.own.BATCH", 2)
    with closed_window():
        counts = apply_retention()
        assert apply_retention() == dict.fromkeys(counts, 0)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM accounts_audit_window")
            assert cursor.fetchone() == (0,)
    assert OLD.items() <= counts.items()
    assert leftovers(CANARY) == []
    assert Conversation.objects.filter(owner=bob).count() == 1
    assert not AuditEntry.objects.filter(actor_label="old").exists()
    assert AuditEntry.objects.filter(act=Act.SIGN_IN).exists()
    assert AuditEntry.objects.get(act=Act.RETENTION_APPLIED).details == counts


def test_nothing_is_old_where_everything_is_kept(old, settings):
    settings.CONVERSATION_RETENTION_DAYS = settings.AUDIT_RETENTION_DAYS = 0
    counts = apply_retention()
    assert (counts["sessions"], counts.keys() & {"audit", "conversations"}) == (1, set())
