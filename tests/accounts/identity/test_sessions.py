"""The browsers one is signed in with."""

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.sessions import browser_name
from tests.accounts.identity.steps import is_signed_in, sign_in, words

pytestmark = pytest.mark.django_db

PAGE = "/accounts/sessions/"


@pytest.fixture
def phone(alice) -> Client:
    """Alice's other browser."""
    client = Client(headers={"user-agent": "Phone/1.0"})
    sign_in(client)
    return client


def test_list_names_browsers_and_this_one(client, phone):
    sign_in(client)
    page = words(client.get(PAGE))
    assert "Phone/1.0" in page
    assert page.count("This browser") == 1
    assert page.count("Sign out there") == 1


def test_signing_out_there(client, phone):
    sign_in(client)
    row = UserSession.objects.get(user_agent="Phone/1.0")
    client.post(PAGE, {"session": row.pk})
    assert not is_signed_in(phone)
    assert is_signed_in(client)


def test_signing_out_everywhere_else(client, phone):
    sign_in(client)
    client.post(PAGE)
    assert not is_signed_in(phone)
    assert is_signed_in(client)


def test_signing_out_here(client, phone):
    sign_in(client)
    client.get(PAGE)
    row = UserSession.objects.exclude(user_agent="Phone/1.0").get()
    assert client.post(PAGE, {"session": row.pk})["Location"] == "/accounts/sign-in/"
    assert not is_signed_in(client)
    assert is_signed_in(phone)


@pytest.mark.parametrize("number", ["", "x", "-1", "999999", "9" * 40])
def test_unknown_session_is_missing(client, phone, number):
    sign_in(client)
    assert client.post(PAGE, {"session": number}).status_code == 404
    assert is_signed_in(phone)


def test_bob_cannot_see_or_end_alices(client, phone, bob):
    sign_in(client, "bob")
    assert "Phone/1.0" not in words(client.get(PAGE))
    row = UserSession.objects.get(user_agent="Phone/1.0")
    assert client.post(PAGE, {"session": row.pk}).status_code == 404
    assert is_signed_in(phone)


def test_deactivation_ends_sessions_at_once_and_for_good(phone, alice):
    assert is_signed_in(phone)
    alice.is_active = False
    alice.save()
    assert not is_signed_in(phone)
    alice.is_active = True
    alice.save()
    assert not is_signed_in(phone)
    assert not Session.objects.filter(pk=phone.cookies["sessionid"].value).exists()


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
            "Safari on iPhone",
        ),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("curl/8.0", "curl/8.0"),
        ("", "Unknown browser"),
    ],
)
def test_browsers_are_called_as_people_call_them(told, name):
    assert browser_name(told) == name
