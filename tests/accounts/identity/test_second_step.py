"""Authenticator apps and recovery codes."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.test import Client

from tests.accounts.identity.steps import code_of, is_signed_in, set_up_app, show_it_is_you, sign_in, words

pytestmark = pytest.mark.django_db

STEP = "/accounts/two-step/authenticate/"


@pytest.fixture
def secret(client, alice) -> str:
    """Alice's app, set up in a browser that is signed in."""
    client.force_login(alice)
    return set_up_app(client)


def test_password_alone_opens_nothing_any_more(secret):
    other = Client()
    assert sign_in(other)["Location"].startswith(STEP)
    assert not is_signed_in(other)
    assert other.post(STEP, {"code": code_of(secret)})["Location"] == "/chat/"
    assert is_signed_in(other)


def test_code_works_once(secret):
    code = code_of(secret)
    for expected in (302, 200):
        other = Client()
        sign_in(other)
        assert other.post(STEP, {"code": code}).status_code == expected


def test_guessing_codes_is_limited_and_bob_is_not(secret, bob):
    other = Client()
    sign_in(other)
    pages = [words(other.post(STEP, {"code": "000000"})) for _ in range(6)]
    assert "does not fit" in pages[0]
    assert "Too many wrong tries" in pages[-1]
    assert "Too many wrong tries" in words(other.post(STEP, {"code": code_of(secret)}))
    assert not is_signed_in(other)
    assert sign_in(Client(), "bob")["Location"] == "/chat/"


def test_recovery_code_opens_once(client, secret):
    codes = client.get("/accounts/two-step/recovery-codes/").context["unused_codes"]
    assert len(codes) == 10
    for expected in (302, 200):
        other = Client()
        sign_in(other)
        assert other.post(STEP, {"code": codes[0]}).status_code == expected
    shown = client.get("/accounts/two-step/recovery-codes/download/")
    assert codes[0] not in shown.content.decode()
    assert codes[1] in shown.content.decode()


def test_new_recovery_codes_end_the_old(client, secret):
    old = client.get("/accounts/two-step/recovery-codes/").context["unused_codes"]
    client.post("/accounts/two-step/recovery-codes/generate/")
    other = Client()
    sign_in(other)
    assert other.post(STEP, {"code": old[0]}).status_code == 200


def test_switching_off_takes_proof(client, secret, alice):
    other = Client()
    other.force_login(alice)
    assert other.post("/accounts/two-step/totp/deactivate/")["Location"].startswith("/accounts/confirm/")
    assert Authenticator.objects.filter(type="totp").exists()
    client.post("/accounts/two-step/totp/deactivate/")
    assert not Authenticator.objects.exists()
    assert sign_in(Client())["Location"] == "/chat/"


def test_wrong_first_code_switches_nothing_on(client, alice):
    client.force_login(alice)
    show_it_is_you(client)
    client.get("/accounts/two-step/totp/activate/")
    assert "does not fit" in words(client.post("/accounts/two-step/totp/activate/", {"code": "000000"}))
    assert not Authenticator.objects.exists()


def test_secrets_are_not_readable_in_the_database(client, secret):
    codes = client.get("/accounts/two-step/recovery-codes/").context["unused_codes"]
    stored = " ".join(str(data) for data in Authenticator.objects.values_list("data", flat=True))
    assert secret not in stored
    assert not any(code in stored for code in codes)


def test_old_secret_key_still_reads_them(secret, settings):
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another-" + "y" * 50
    other = Client()
    sign_in(other)
    assert other.post(STEP, {"code": code_of(secret)})["Location"] == "/chat/"


def test_unproven_address_gets_no_second_step_where_proof_is_asked(client, alice, settings):
    settings.MFA_ALLOW_UNVERIFIED_EMAIL = False
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True)
    client.force_login(alice)
    assert client.get("/accounts/two-step/totp/activate/")["Location"] == "/accounts/two-step/"


def test_bob_sees_nothing_of_alices_codes(secret, bob):
    other = Client()
    other.force_login(bob)
    assert other.get("/accounts/two-step/recovery-codes/").status_code == 404
    assert other.get("/accounts/two-step/recovery-codes/download/").status_code == 404
    assert other.post("/accounts/two-step/totp/deactivate/").status_code == 404
    assert Authenticator.objects.filter(user__username="alice").count() == 2
