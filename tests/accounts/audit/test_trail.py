"""What is written, by whom, and that it stays as it was written."""

from contextlib import contextmanager

import pytest
from allauth.mfa import signals as mfa_signals
from allauth.mfa.models import Authenticator
from allauth.socialaccount import signals as social_signals
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import Group, Permission
from django.db import DatabaseError, connection, transaction
from django.test import RequestFactory

from accounts import audit
from accounts.audit import Act
from accounts.audit.trail import digest
from accounts.models import ApiKey, AuditEntry, Plan, User
from accounts.models.audit import AppendOnly
from knowledge.documents.publish import delete_document, withdraw_version
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


@contextmanager
def closed_window():
    """Take away, for a while, what lets the tests' own emptying of tables through."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_audit_window")
    yield
    with connection.cursor() as cursor:
        endless = "9999" if connection.vendor == "sqlite" else "infinity"
        cursor.execute("INSERT INTO accounts_audit_window VALUES (%s)", [endless])


def acts(**where):
    return list(AuditEntry.objects.filter(**where).order_by("id").values_list("act", flat=True))


def test_entry_says_who_what_and_whence(alice, carol):
    request = RequestFactory().post("/x", REMOTE_ADDR="2001:db8::7")
    request.user, request.request_id = carol, "abc-123"
    entry = audit.record(Act.RIGHTS_CHANGED, target=alice, request=request, is_staff=True)
    entry.refresh_from_db()
    assert (entry.actor_id, entry.actor_label) == (carol.pk, "carol")
    assert (entry.object_kind, entry.object_id) == ("accounts.user", str(alice.pk))
    assert (entry.address, entry.request_id) == ("2001:db8::7", "abc-123")
    assert entry.details == {"is_staff": True}


def test_customers_are_not_named(alice):
    entry = audit.record(Act.SIGN_OUT, actor=alice)
    assert (entry.actor_id, entry.actor_label) == (alice.pk, "customer")


def test_addresses_are_left_out_where_the_settings_say_so(alice, settings):
    settings.AUDIT_ADDRESSES = False
    assert audit.record(Act.SIGN_IN, request=RequestFactory().get("/")).address == ""


def test_unknown_acts_are_refused():
    with pytest.raises(ValueError, match="no-such-act"):
        audit.record("no-such-act")


@pytest.mark.parametrize(
    "change",
    [
        lambda entry: entry.save(),
        lambda entry: entry.delete(),
        lambda entry: AuditEntry.objects.filter(pk=entry.pk).update(act="sign-out"),
        lambda entry: AuditEntry.objects.filter(pk=entry.pk).delete(),
        lambda entry: AuditEntry.objects.bulk_update([entry], ["act"]),
    ],
)
def test_model_refuses_change(alice, change):
    entry = audit.record(Act.SIGN_IN, actor=alice)
    with pytest.raises(AppendOnly):
        change(entry)


STATEMENTS = [
    "UPDATE accounts_auditentry SET act = 'x'",
    "DELETE FROM accounts_auditentry",
    "INSERT INTO accounts_auditentry SELECT * FROM accounts_auditentry",
]
if connection.vendor == "sqlite":
    STATEMENTS.append("REPLACE INTO accounts_auditentry SELECT * FROM accounts_auditentry")
else:
    STATEMENTS.append("TRUNCATE accounts_auditentry")


@pytest.mark.parametrize("statement", STATEMENTS)
def test_database_refuses_change(alice, statement):
    audit.record(Act.SIGN_IN, actor=alice)
    before = list(AuditEntry.objects.values())
    with closed_window():
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
        assert list(AuditEntry.objects.values()) == before


def test_entry_goes_back_with_its_act(alice):
    count = AuditEntry.objects.count()
    with pytest.raises(RuntimeError), transaction.atomic():
        audit.record(Act.SIGN_IN, actor=alice)
        raise RuntimeError
    assert AuditEntry.objects.count() == count


def test_sign_in_and_out(client, alice):
    client.force_login(alice)
    client.post("/accounts/sign-out/")
    assert acts(object_id=str(alice.pk), act__startswith="sign") == ["sign-in", "sign-out"]


def test_sign_in_form_is_audited(client, alice):
    answer = client.post("/accounts/sign-in/", {"login": "alice", "password": PASSWORD})
    assert answer.status_code == 302
    assert Act.SIGN_IN in acts(actor_id=alice.pk)


def test_failed_sign_in_names_the_account_tried(client, alice):
    client.post("/accounts/sign-in/", {"login": "alice", "password": "wrong-" + PASSWORD})
    entry = AuditEntry.objects.get(act=Act.SIGN_IN_FAILED)
    assert (entry.actor_id, entry.object_id, entry.details) == (None, str(alice.pk), {})


def test_failed_sign_in_keeps_no_unknown_name(client, alice):
    client.post("/accounts/sign-in/", {"login": "my-secret-password", "password": "x"})
    entry = AuditEntry.objects.get(act=Act.SIGN_IN_FAILED)
    assert entry.details == {"unknown_name": digest("My-Secret-Password")}
    assert "secret" not in str(AuditEntry.objects.values().get(pk=entry.pk))


def test_password_changes_are_seen_however_they_come(alice):
    alice.set_password("another-horse-43")
    alice.save()
    assert acts(act=Act.PASSWORD_CHANGED) == [Act.PASSWORD_CHANGED]
    User.objects.get(pk=alice.pk).save(update_fields=["password"])  # as a renewed hash is saved
    assert acts(act=Act.PASSWORD_CHANGED) == [Act.PASSWORD_CHANGED]


def test_rights_activity_and_address_of_an_account(alice):
    before = AuditEntry.objects.count()
    alice.is_staff, alice.email = True, "new@example.com"
    alice.save()
    alice.is_active = False
    alice.save()
    alice.is_active = True
    alice.save()
    alice.user_permissions.add(Permission.objects.first())
    alice.groups.add(Group.objects.create(name="desk"))
    new = list(AuditEntry.objects.order_by("id").values_list("act", flat=True))[before:]
    assert new == [
        "rights-changed", "email-changed", "account-deactivated", "account-activated", "rights-changed",
        "rights-changed",
    ]  # fmt: skip
    assert "new@example.com" not in str(list(AuditEntry.objects.values()))


def test_documents(library):
    withdraw_version(library["pets"])
    delete_document(library["pets"].document)
    assert acts(act__startswith="document") == [
        "document-published", "document-published", "document-withdrawn", "document-deleted",
    ]  # fmt: skip


def test_actor_and_address_come_from_the_request(client, carol, alice):
    client.force_login(carol)
    client.post(f"/admin/accounts/user/{alice.pk}/delete/", {"post": "yes"})
    entry = AuditEntry.objects.get(act=Act.ACCOUNT_DELETED)
    assert (entry.actor_label, entry.object_id, entry.address) == ("carol", entry.object_id, "127.0.0.1")
    assert not User.objects.filter(username="alice").exists()


def test_keys(alice):
    key, value = ApiKey.objects.issue(alice, "nightly")
    key.revoke()
    key.revoke()
    entries = AuditEntry.objects.filter(act__startswith="key").order_by("id")
    assert [(entry.act, entry.details) for entry in entries] == [
        ("key-created", {"owner": alice.pk}),
        ("key-revoked", {"owner": alice.pk}),
    ]
    assert value not in str(list(entries.values()))


def test_plans_with_what_changed(client, carol):
    plan = Plan.objects.create(name="Basic")
    plan.name = "Plus"
    plan.save()
    plan.save()
    plan.delete()
    made, changed, gone = AuditEntry.objects.filter(act=Act.SETTINGS_CHANGED).order_by("id")
    assert made.details["changed"]["name"] == ["", "Basic"]
    assert changed.details == {"changed": {"name": ["Basic", "Plus"]}}
    assert gone.details["deleted"]["name"] == "Plus"


def test_second_factors_and_providers(alice, rf):
    request = rf.post("/")
    request.user = alice
    authenticator = Authenticator(user=alice, type="totp")
    mfa_signals.authenticator_added.send(
        sender=Authenticator, request=request, user=alice, authenticator=authenticator
    )
    account = SocialAccount(user=alice, provider="google")
    social_signals.social_account_removed.send(sender=SocialAccount, request=request, socialaccount=account)
    found = AuditEntry.objects.filter(act__in=[Act.FACTOR_ADDED, Act.PROVIDER_REMOVED]).order_by("id")
    assert [(entry.actor_id, entry.details) for entry in found] == [
        (alice.pk, {"kind": "totp"}),
        (alice.pk, {"kind": "google"}),
    ]
