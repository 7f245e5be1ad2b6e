"""Personal API keys: made once, stored as digests, used, ended; by their own person only."""

import io
import json
import logging
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.audit import Act
from accounts.models import ApiKey, AuditEntry, User
from accounts.models.keys import digest_of
from tests.accounts.tokens.conftest import CONVERSATIONS, Program
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
KEYS = "/api/v1/me/keys/"


@pytest.fixture
def made(alice):
    return ApiKey.objects.issue(alice, "nightly report")


@pytest.fixture
def by_key(made):
    program = Program()
    program.bearer = made[1]
    return program


def sign_in(user) -> Client:
    """A browser that has just signed in with the password."""
    browser = Client()
    browser.post("/accounts/sign-in/", {"login": user.username, "password": PASSWORD})
    assert "_auth_user_id" in browser.session
    return browser


def test_key_opens_the_api(by_key):
    assert by_key.is_let_in
    assert by_key.post(CONVERSATIONS).status_code == 201


def test_key_is_long_random_and_known(made):
    key, value = made
    assert value.startswith("csk_")
    assert len(value) == 47
    assert ApiKey.objects.issue(key.user, "other")[1] != value


def test_value_stands_nowhere(made):
    key, value = made
    row = ApiKey.objects.filter(pk=key.pk).values().get()
    assert value not in json.dumps(row, default=str)
    assert row["digest"] == digest_of(value)
    assert value.startswith(row["prefix"])
    assert len(row["prefix"]) == 10


@pytest.mark.parametrize("change", ["csk_", "csk_x", "prefix", "longer", "case", "digest", "ñ"])
def test_other_values_open_nothing(made, change):
    key, value = made
    values = {
        "prefix": key.prefix, "longer": value + "A", "case": value.swapcase(), "digest": f"csk_{key.digest}",
        "ñ": "csk_ñ",
    }  # fmt: skip
    program = Program()
    program.bearer = values.get(change, change)
    assert not program.is_let_in


def test_revoked_key_opens_nothing(by_key, made):
    made[0].revoke()
    assert not by_key.is_let_in


def test_revocation_is_audited_once(made, alice):
    made[0].revoke()
    made[0].revoke()
    (entry,) = AuditEntry.objects.filter(act=Act.KEY_REVOKED)
    assert entry.object_id == str(made[0].pk)


def test_expired_key_opens_nothing(by_key):
    ApiKey.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert not by_key.is_let_in


def test_key_of_a_deactivated_person_opens_nothing(by_key, alice):
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert not by_key.is_let_in


def test_key_goes_with_its_person(by_key, alice):
    alice.delete()
    assert not by_key.is_let_in
    assert not ApiKey.objects.exists()


def test_key_outlives_a_new_password(by_key, alice):
    alice.set_password("another-horse-43")
    alice.save()
    assert by_key.is_let_in


def test_use_is_written_once_a_minute(by_key):
    assert by_key.is_let_in
    first = ApiKey.objects.get().last_used_at
    assert first is not None
    assert by_key.is_let_in
    assert ApiKey.objects.get().last_used_at == first
    ApiKey.objects.update(last_used_at=timezone.now() - timedelta(seconds=61))
    assert by_key.is_let_in
    assert ApiKey.objects.get().last_used_at > first


def test_list_shows_no_values(alice, made):
    answer = sign_in(alice).get(KEYS)
    assert [row["prefix"] for row in answer.json()["results"]] == [made[0].prefix]
    assert made[1] not in answer.content.decode()
    assert made[0].digest not in answer.content.decode()


def test_key_is_made_over_rest_and_told_once(alice):
    browser = sign_in(alice)
    answer = browser.post(KEYS, {"name": "report"}, "application/json")
    assert answer.status_code == 201
    assert answer["Cache-Control"] == "no-store"
    program = Program()
    program.bearer = answer.json()["key"]
    assert program.is_let_in
    assert "key" not in browser.get(KEYS).json()["results"][0]


def test_program_that_just_signed_in_makes_a_key(alice):
    program = Program()
    program.sign_in(alice)
    assert program.post(KEYS, {"name": "report"}).status_code == 201


def test_old_sign_in_makes_no_key(alice, settings):
    browser = sign_in(alice)
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
    answer = browser.post(KEYS, {"name": "report"}, "application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "reauthentication_needed")
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize(
    "body", [{}, {"name": ""}, {"name": "x" * 81}, {"name": "x", "expires_at": "2001-01-01"}]
)
def test_bad_key_is_refused(alice, body):
    assert sign_in(alice).post(KEYS, body, "application/json").status_code == 400


def test_key_cannot_make_list_or_revoke_keys(by_key, made):
    for answer in (
        by_key.get(KEYS),
        by_key.post(KEYS, {"name": "more"}),
        by_key.get(f"{KEYS}{made[0].pk}/"),
        by_key.delete(f"{KEYS}{made[0].pk}/"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "sign_in_needed")
    assert ApiKey.objects.count() == 1


def test_stranger_is_not_let_in(made):
    program = Program()
    assert program.get(KEYS).status_code == program.post(KEYS, {"name": "x"}).status_code == 401


def test_person_revokes_their_own(alice, made, by_key):
    browser = sign_in(alice)
    assert browser.delete(f"{KEYS}{made[0].pk}/").status_code == 204
    assert not by_key.is_let_in
    assert browser.get(KEYS).json()["results"][0]["state"] == "revoked"


def test_bob_cannot_see_or_revoke_it(bob, made, by_key):
    browser = sign_in(bob)
    one = f"{KEYS}{made[0].pk}/"
    assert browser.get(KEYS).json()["results"] == []
    assert browser.get(one).status_code == browser.delete(one).status_code == 404
    assert browser.post(f"/accounts/keys/{made[0].pk}/revoke/").status_code == 404
    assert by_key.is_let_in


def test_page_makes_a_key_and_shows_it_once(alice):
    browser = sign_in(alice)
    page = browser.post("/accounts/keys/", {"name": "Report <b>", "days": "30"})
    value = page.context["made"]
    assert value in page.content.decode()
    assert "<b>" not in page.content.decode().replace("<body", "")
    assert "no-store" in page["Cache-Control"]
    assert value not in browser.get("/accounts/keys/").content.decode()
    key = ApiKey.objects.get()
    assert timedelta(days=29) < key.expires_at - timezone.now() < timedelta(days=31)


def test_page_asks_for_a_fresh_proof(alice, settings):
    browser = sign_in(alice)
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
    answer = browser.post("/accounts/keys/", {"name": "Report", "days": ""})
    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/confirm/?next=%2Faccounts%2Fkeys%2F"
    assert not ApiKey.objects.exists()
    assert "Confirm that it is you" in browser.get("/accounts/keys/").content.decode()


def test_page_revokes(alice, made, by_key):
    browser = sign_in(alice)
    assert made[0].prefix in browser.get("/accounts/keys/").content.decode()
    assert browser.get(f"/accounts/keys/{made[0].pk}/revoke/").status_code == 405
    assert browser.post(f"/accounts/keys/{made[0].pk}/revoke/").status_code == 302
    assert not by_key.is_let_in


def test_page_needs_a_sign_in(client, made):
    assert client.get("/accounts/keys/").status_code == 302
    assert client.post(f"/accounts/keys/{made[0].pk}/revoke/").status_code == 302
    assert ApiKey.objects.usable().exists()


def test_staff_revoke_but_do_not_make_or_see(carol, made, by_key):
    browser = Client()
    browser.force_login(carol)
    page = browser.get("/admin/accounts/apikey/").content.decode()
    assert made[0].prefix in page
    assert made[0].digest not in page
    assert browser.get("/admin/accounts/apikey/add/").status_code == 403
    assert browser.post(f"/admin/accounts/apikey/{made[0].pk}/change/", {"name": "x"}).status_code == 403
    browser.post("/admin/accounts/apikey/", {"action": "revoke", "_selected_action": [made[0].pk]})
    assert not by_key.is_let_in


def test_command_prints_a_key_and_nothing_else(alice):
    out = io.StringIO()
    call_command("api_key", "alice", "--name", "shell", stdout=out)
    program = Program()
    program.bearer = out.getvalue().strip()
    assert program.is_let_in
    assert ApiKey.objects.get().name == "shell"


def test_command_refuses_nobody_and_the_deactivated(alice):
    User.objects.update(is_active=False)
    for name in ("alice", "nobody"):
        with pytest.raises(CommandError):
            call_command("api_key", name)


def test_keys_are_never_logged(by_key, made, caplog):
    caplog.set_level(logging.DEBUG)
    by_key.get(CONVERSATIONS)
    by_key.post(KEYS, {"name": "x"})
    made[0].revoke()
    by_key.get(CONVERSATIONS)
    assert made[1] not in caplog.text
    assert made[0].digest not in "\n".join(
        record.getMessage() for record in caplog.records if record.name != "django.db.backends"
    )
