"""Changing a password, setting a first one, and replacing a forgotten one."""

import pytest
from django.core import mail
from django.test import Client

from tests.accounts.identity.steps import NEW_PASSWORD, is_signed_in, link_in_mail, sign_in, words
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db

TWICE = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}


def ask_for_link(client: Client, email: str = "alice@example.com"):
    return client.post("/accounts/password/reset/", {"email": email})


def test_change_signs_other_browsers_out(client, alice):
    other = Client()
    sign_in(other)
    sign_in(client)
    answer = client.post("/accounts/password/", {"oldpassword": PASSWORD, **TWICE})
    assert answer["Location"] == "/accounts/"
    assert is_signed_in(client)
    assert not is_signed_in(other)
    assert sign_in(Client(), "alice", NEW_PASSWORD)["Location"] == "/chat/"


@pytest.mark.parametrize(
    "form", [{"oldpassword": "wrong"}, {"password2": "other"}, {"password1": "1", "password2": "1"}]
)
def test_unfit_change_changes_nothing(client, alice, form):
    client.force_login(alice)
    assert client.post("/accounts/password/", {"oldpassword": PASSWORD, **TWICE, **form}).status_code == 200
    assert sign_in(Client())["Location"] == "/chat/"


def test_person_without_a_password_may_set_one(client, alice):
    alice.set_unusable_password()
    alice.save()
    client.force_login(alice)
    assert client.get("/accounts/password/")["Location"] == "/accounts/password/set/"
    assert client.post("/accounts/password/set/", TWICE)["Location"] == "/accounts/"
    assert is_signed_in(client)
    assert sign_in(Client(), "alice", NEW_PASSWORD)["Location"] == "/chat/"


def test_first_password_cannot_replace_one(client, alice):
    client.force_login(alice)
    client.post("/accounts/password/set/", TWICE)
    assert sign_in(Client())["Location"] == "/chat/"


def test_forgotten_password_is_replaced_through_the_mail(client, alice):
    other = Client()
    sign_in(other)
    assert ask_for_link(client)["Location"] == "/accounts/password/reset/sent/"
    form = client.get(link_in_mail())["Location"]
    assert form.endswith("-set-password/")  # the secret leaves the address before a page is shown
    assert client.post(form, TWICE)["Location"] == "/accounts/password/reset/done/"
    assert not is_signed_in(other)
    assert sign_in(client, "alice", NEW_PASSWORD)["Location"] == "/chat/"


def test_link_works_once(client, alice):
    ask_for_link(client)
    link = link_in_mail()
    client.post(client.get(link)["Location"], TWICE)
    assert "This link does not work" in words(Client().get(link))


def test_link_of_alice_does_nothing_for_bob(client, alice, bob):
    ask_for_link(client)
    link = link_in_mail()
    of_bob = link.replace(link.split("/")[4].split("-")[0] + "-", f"{bob.pk}-", 1)
    assert "This link does not work" in words(client.get(of_bob))


def test_known_and_unknown_address_get_the_same_answer(client, alice):
    known, unknown = ask_for_link(client), ask_for_link(client, "nobody@example.com")
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert [message.to for message in mail.outbox] == [["alice@example.com"], ["nobody@example.com"]]
    assert "there is no account with it" in mail.outbox[1].body


def test_deactivated_people_get_no_link(client, alice):
    alice.is_active = False
    alice.save()
    ask_for_link(client)
    assert "there is no account with it" in mail.outbox[0].body


def test_asking_is_limited(client, alice):
    answers = [ask_for_link(client) for _ in range(12)]
    assert answers[-1].status_code == 429
    assert int(answers[-1]["Retry-After"]) > 0
    assert len(mail.outbox) < 11


def test_owner_is_told_of_a_new_password(client, alice, settings):
    settings.ACCOUNT_EMAIL_NOTIFICATIONS = True
    client.force_login(alice)
    client.post("/accounts/password/", {"oldpassword": PASSWORD, **TWICE})
    assert mail.outbox[0].to == ["alice@example.com"]
    assert "If that was not you" in mail.outbox[0].body
    assert NEW_PASSWORD not in mail.outbox[0].body
