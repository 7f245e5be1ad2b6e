"""Signing in and out with a password."""

from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.test import Client

from accounts import hashers
from tests.accounts.identity.steps import NEW, is_signed_in, sign_in, words
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("login", ["alice", "ALICE", "alice@example.com", "Alice@Example.com", " alice "])
def test_name_or_address_and_password_open_the_chat(client, alice, login):
    assert sign_in(client, login)["Location"] == "/chat/"
    assert is_signed_in(client)


def test_second_address_signs_in(client, alice):
    EmailAddress.objects.create(user=alice, email="alice@work.example", verified=True)
    assert sign_in(client, "alice@work.example")["Location"] == "/chat/"


@pytest.mark.parametrize("login", ["alice", "alice@example.com", "nobody", "nobody@example.com"])
def test_wrong_password_and_unknown_name_read_the_same(client, alice, login):
    assert "do not belong together" in words(sign_in(client, login, "wrong"))


@pytest.mark.parametrize("login", ["alice", "alice@example.com", "nobody", "nobody@example.com"])
def test_every_try_hashes_once(client, alice, monkeypatch, login):
    hashed = []
    for name in ("encode", "verify"):
        method = getattr(Argon2PasswordHasher, name)
        monkeypatch.setattr(
            Argon2PasswordHasher, name, lambda *args, method=method: hashed.append(1) or method(*args)
        )
    sign_in(client, login, "wrong")
    assert len(hashed) == 1


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"]
)
def test_sign_in_does_not_lead_to_foreign_sites(client, alice, target):
    assert sign_in(client, next=target)["Location"] == "/chat/"


def test_sign_in_leads_to_where_one_wanted_to_go(client, alice):
    assert sign_in(client, next="/accounts/")["Location"] == "/accounts/"


def test_session_gets_a_new_key(client, alice):
    client.get("/accounts/two-step/authenticate/")
    session = client.session
    session["before"] = "1"
    session.save()
    client.cookies["sessionid"] = before = session.session_key
    sign_in(client)
    assert client.cookies["sessionid"].value != before


def test_not_staying_signed_in_ends_with_the_browser(client, alice):
    sign_in(client)
    assert client.cookies["sessionid"]["max-age"] == ""
    client.post("/accounts/sign-out/")
    sign_in(client, remember="on")
    assert int(client.cookies["sessionid"]["max-age"]) > 86_400


def test_tries_are_limited_before_hashing(client, alice, monkeypatch):
    answers = [sign_in(client, "alice", "wrong").status_code for _ in range(12)]
    assert answers[-1] == 429
    monkeypatch.setattr(Argon2PasswordHasher, "verify", lambda *_: pytest.fail("hashed beyond the limit"))
    last = sign_in(client, "alice", PASSWORD)
    assert last.status_code == 429
    assert int(last["Retry-After"]) > 0


def test_account_is_limited_whatever_name_is_typed_and_bob_is_not(client, alice, bob):
    names = ["alice", "alice@example.com", "ALICE"]
    answers = [
        Client(REMOTE_ADDR=f"192.0.2.{n}").post(
            "/accounts/sign-in/", {"login": names[n % 3], "password": "x"}
        )
        for n in range(30)
    ]
    assert answers[-1].status_code == 429
    assert sign_in(Client(REMOTE_ADDR="192.0.2.99"), "bob")["Location"] == "/chat/"


def test_deactivated_people_cannot_sign_in(client, alice):
    alice.is_active = False
    alice.save()
    sign_in(client)
    assert not is_signed_in(client)


def test_sign_out_needs_a_post(client, alice):
    client.force_login(alice)
    assert client.get("/accounts/sign-out/").status_code == 405
    client.post("/accounts/sign-out/")
    assert client.get("/chat/").status_code == 302


@pytest.mark.parametrize(
    "path",
    ["sign-in/", "sign-up/", "sign-out/", "password/", "e-mail/", "sessions/", "two-step/totp/activate/"],
)
def test_forms_of_other_sites_change_nothing(alice, path):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert client.post(f"/accounts/{path}", {}).status_code == 403


def test_so_many_passwords_at_once_and_no_more(settings, monkeypatch):
    at_once, most, lock = 0, 0, Lock()
    encode = Argon2PasswordHasher.encode

    def watched(*args: object) -> str:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        try:
            return encode(*args)
        finally:
            with lock:
                at_once -= 1

    monkeypatch.setattr(Argon2PasswordHasher, "encode", watched)
    hasher = hashers.CappedArgon2Hasher()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: hasher.encode(f"password {n}", "salt-salt"), range(16)))
    assert most == settings.PASSWORD_HASHES_AT_ONCE


def test_busy_process_says_so(client, alice, settings):
    settings.PASSWORD_HASH_WAIT_SECONDS = 0.01
    with hashers.hashing_place(), hashers.hashing_place():
        assert "Many people are signing in" in words(sign_in(client))
        answer = client.post("/accounts/sign-up/", NEW)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert sign_in(client)["Location"] == "/chat/"


def test_password_hashed_in_djangos_way_still_opens(client, alice):
    alice.password = Argon2PasswordHasher().encode(PASSWORD, "salt-salt-salt-salt-salt")
    alice.save()
    assert sign_in(client)["Location"] == "/chat/"
    alice.refresh_from_db()
    assert "m=47104,t=1,p=1" in alice.password
