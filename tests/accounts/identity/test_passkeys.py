"""Passkeys, with a device in software."""

import json
import re

import pytest
from allauth.mfa.models import Authenticator
from django.http import HttpResponse
from django.test import Client

from tests.accounts.identity.soft_key import SoftKey
from tests.accounts.identity.steps import is_signed_in, show_it_is_you, sign_in, words

pytestmark = pytest.mark.django_db

ADD, LOGIN = "/accounts/two-step/webauthn/add/", "/accounts/two-step/webauthn/login/"
STEP = "/accounts/two-step/authenticate/"
NONSENSE = [
    "",
    "{}",
    "[]",
    "null",
    "7",
    "not json",
    '{"id": "x"}',
    '{"id": "x", "rawId": "x", "type": "public-key", "response": []}',
    '{"id": "x", "rawId": "x", "type": "public-key", "response": {"userHandle": "MQ"}}',
    '{"id": "eA", "rawId": "eA", "type": "public-key", "response": {"clientDataJSON": "eA", '
    '"authenticatorData": "eA", "signature": "eA", "userHandle": "eA", "attestationObject": "eA"}}',
]


def browser() -> Client:
    """Return a browser at http://localhost, where passkeys work without https."""
    return Client(headers={"host": "localhost"})


def options_on(page: HttpResponse, name: str) -> dict:
    found = re.search(r'<script id="js_data" type="application/json">(.*?)</script>', page.content.decode())
    assert found
    return json.loads(found[1])[name]


def add_key(client: Client, key: SoftKey) -> HttpResponse:
    options = options_on(client.get(ADD), "creation_options")
    return client.post(ADD, {"name": "My phone", "credential": key.create(options), "passwordless": "on"})


def use_key(client: Client, key: SoftKey) -> HttpResponse:
    asked = client.get(LOGIN, headers={"accept": "application/json"}).json()["request_options"]
    return client.post(LOGIN, {"credential": key.get(asked)})


@pytest.fixture
def at_alices(alice) -> Client:
    """Alice's browser, signed in and confirmed."""
    client = browser()
    client.force_login(alice)
    show_it_is_you(client)
    return client


@pytest.fixture
def key(at_alices) -> SoftKey:
    """Alice's passkey."""
    key = SoftKey()
    assert add_key(at_alices, key)["Location"] == "/accounts/two-step/recovery-codes/"
    return key


def test_passkey_signs_in_without_a_password(key):
    other = browser()
    assert use_key(other, key)["Location"] == "/chat/"
    assert is_signed_in(other)


def test_passkey_is_a_second_step_after_the_password(key):
    other = browser()
    assert sign_in(other)["Location"].startswith(STEP)
    asked = options_on(other.get(STEP), "request_options")
    assert other.post(STEP, {"credential": key.get(asked)})["Location"] == "/chat/"


def test_same_answer_does_not_work_twice(key):
    first, second = browser(), browser()
    asked = first.get(LOGIN, headers={"accept": "application/json"}).json()["request_options"]
    answer = key.get(asked)
    assert first.post(LOGIN, {"credential": answer})["Location"] == "/chat/"
    second.get(LOGIN, headers={"accept": "application/json"})
    second.post(LOGIN, {"credential": answer})
    assert not is_signed_in(second)


@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost.evil.example"])
def test_answer_made_on_another_site_opens_nothing(key, origin):
    key.origin = origin
    other = browser()
    use_key(other, key)
    assert not is_signed_in(other)


def test_unknown_key_opens_nothing(key):
    stranger = SoftKey()
    stranger.user_handle = key.user_handle
    other = browser()
    use_key(other, stranger)
    assert not is_signed_in(other)


@pytest.mark.parametrize("credential", NONSENSE)
def test_nonsense_is_refused_in_words(key, credential):
    other = browser()
    other.get(LOGIN, headers={"accept": "application/json"})
    assert other.post(LOGIN, {"credential": credential})["Location"] == "/accounts/sign-in/"
    assert not is_signed_in(other)


@pytest.mark.parametrize("credential", NONSENSE)
def test_nonsense_is_not_added(at_alices, credential):
    at_alices.get(ADD)
    assert at_alices.post(ADD, {"name": "x", "credential": credential}).status_code == 200
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("credential", NONSENSE)
def test_nonsense_is_no_second_step(key, credential):
    other = browser()
    sign_in(other)
    other.get(STEP)
    assert other.post(STEP, {"credential": credential}).status_code == 200
    assert not is_signed_in(other)


def test_passkey_confirms_that_it_is_one(at_alices, key, alice):
    other = browser()
    other.force_login(alice)
    confirm = "/accounts/two-step/webauthn/reauthenticate/"
    asked = options_on(other.get(confirm), "request_options")
    assert other.post(confirm, {"credential": key.get(asked)}).status_code == 302
    assert other.get(ADD).status_code == 200


def test_deactivated_people_cannot_use_theirs(key, alice):
    alice.is_active = False
    alice.save()
    other = browser()
    assert use_key(other, key)["Location"] == "/accounts/closed/"
    assert not is_signed_in(other)


def test_adding_takes_proof(alice):
    client = browser()
    client.force_login(alice)
    assert client.get(ADD)["Location"].startswith("/accounts/confirm/")


def test_renaming_and_removing(at_alices, key):
    row = Authenticator.objects.get(type="webauthn")
    at_alices.post(f"/accounts/two-step/webauthn/keys/{row.pk}/edit/", {"name": "Old phone"})
    assert "Old phone" in words(at_alices.get("/accounts/two-step/webauthn/"))
    at_alices.post(f"/accounts/two-step/webauthn/keys/{row.pk}/remove/")
    other = browser()
    use_key(other, key)
    assert not is_signed_in(other)


def test_bob_cannot_touch_alices(key, bob):
    row = Authenticator.objects.get(type="webauthn")
    other = browser()
    other.force_login(bob)
    show_it_is_you(other)
    for act in ("edit", "remove"):
        assert other.get(f"/accounts/two-step/webauthn/keys/{row.pk}/{act}/").status_code == 404
        assert (
            other.post(f"/accounts/two-step/webauthn/keys/{row.pk}/{act}/", {"name": "x"}).status_code == 404
        )
    assert "My phone" not in words(other.get("/accounts/two-step/webauthn/"))
