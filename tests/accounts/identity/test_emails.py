"""One's e-mail addresses: adding, proving, preferring, removing; and other people's."""

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from tests.accounts.identity.steps import link_in_mail, show_it_is_you, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_alices(client, alice) -> Client:
    """Alice, proven and freshly confirmed."""
    EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
    client.force_login(alice)
    show_it_is_you(client)
    return client


def act(client: Client, action: str, email: str):
    return client.post("/accounts/e-mail/", {f"action_{action}": "1", "email": email}, follow=True)


def test_changing_the_address_takes_proof_of_the_new_one(at_alices, alice):
    act(at_alices, "add", "alice@new.example")
    assert "must be a confirmed one" in words(act(at_alices, "primary", "alice@new.example"))
    assert mail.outbox[0].to == ["alice@new.example"]
    at_alices.post(link_in_mail())
    act(at_alices, "primary", "alice@new.example")
    act(at_alices, "remove", "alice@example.com")
    alice.refresh_from_db()
    assert alice.email == "alice@new.example"
    assert list(EmailAddress.objects.values_list("email", "verified")) == [("alice@new.example", True)]


def test_password_is_asked_first(client, alice):
    client.force_login(alice)
    answer = client.post("/accounts/e-mail/", {"action_add": "1", "email": "alice@new.example"})
    assert answer["Location"].startswith("/accounts/confirm/")
    assert not EmailAddress.objects.filter(email="alice@new.example").exists()


def test_main_address_stays(at_alices):
    act(at_alices, "add", "alice@new.example")
    assert "cannot" in words(act(at_alices, "remove", "alice@example.com")).lower()
    assert EmailAddress.objects.filter(email="alice@example.com").exists()


def test_bobs_address_cannot_be_taken(at_alices, bob):
    assert "There is an account with this address" in words(act(at_alices, "add", "bob@example.com"))
    assert not EmailAddress.objects.filter(email="bob@example.com", user__username="alice").exists()


def test_with_proof_nobody_learns_that_bob_is_here(at_alices, bob, settings):
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    EmailAddress.objects.create(user=bob, email=bob.email, verified=True, primary=True)
    known, unknown = act(at_alices, "add", "bob@example.com"), act(at_alices, "add", "nobody@example.com")
    assert "There is an account" not in words(known)
    assert known.status_code == unknown.status_code == 200
    act(at_alices, "primary", "bob@example.com")
    bob.refresh_from_db()
    assert bob.email == "bob@example.com"
    assert EmailAddress.objects.get(email="bob@example.com", verified=True).user == bob


def test_address_that_became_bobs_meanwhile_is_refused(client, alice, bob):
    client.force_login(alice)
    show_it_is_you(client)
    EmailAddress.objects.create(user=alice, email=bob.email)
    assert "cannot be used" in words(act(client, "primary", bob.email))
    alice.refresh_from_db()
    assert alice.email == "alice@example.com"


def test_bob_cannot_touch_alices_addresses(at_alices, alice, bob):
    act(at_alices, "add", "alice@new.example")
    other = Client()
    other.force_login(bob)
    show_it_is_you(other)
    for action in ("remove", "primary", "send"):
        act(other, action, "alice@new.example")
    assert EmailAddress.objects.get(email="alice@new.example").user == alice
    bob.refresh_from_db()
    assert bob.email == "bob@example.com"
