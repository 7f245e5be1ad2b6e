"""Sign-in, sign-up, sign-out, password, theme: over the pages, as a person would."""

import pytest
from django.test import Client

from accounts.models import User
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db

NEW = {
    "username": "dora",
    "email": "dora@example.com",
    "password1": "plain-horse-77",
    "password2": "plain-horse-77",
}


def sign_in(client: Client, password: str = PASSWORD, **more: str):
    return client.post("/accounts/sign-in/", {"username": "alice", "password": password, **more})


def test_right_password_leads_to_the_chat(client, alice):
    assert sign_in(client)["Location"] == "/chat/"
    assert client.get("/chat/").status_code == 200


def test_wrong_password_and_unknown_name_read_the_same(client, alice):
    wrong = sign_in(client, "wrong").content.decode()
    unknown = client.post("/accounts/sign-in/", {"username": "nobody", "password": "wrong"}).content.decode()
    assert "do not belong together" in wrong
    assert "do not belong together" in unknown


def test_sign_in_does_not_lead_to_foreign_sites(client, alice):
    assert sign_in(client, next="https://evil.example/")["Location"] == "/chat/"


def test_tries_are_limited_by_address(client, alice):
    answers = [sign_in(client, "wrong").status_code for _ in range(12)]
    assert answers[:10] == [200] * 10
    last = sign_in(client, PASSWORD)
    assert last.status_code == 429
    assert 0 < int(last["Retry-After"]) <= 60


def test_sign_up_makes_a_customer(client):
    answer = client.post("/accounts/sign-up/", NEW)
    dora = User.objects.get(username="dora")
    assert answer["Location"] == "/chat/"
    assert (dora.is_staff, dora.is_superuser) == (False, False)
    assert client.get("/chat/").status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"username": "alice"},
        {"username": "ALICE"},
        {"email": "alice@example.com"},
        {"email": "not an address"},
        {"password2": "another-horse-77"},
        {"password1": "12345678", "password2": "12345678"},
        {"username": ""},
    ],
)
def test_unfit_sign_up_makes_nobody(client, alice, change):
    assert client.post("/accounts/sign-up/", NEW | change).status_code == 200
    assert User.objects.count() == 1


def test_sign_up_gives_no_rights_that_were_not_asked(client):
    client.post("/accounts/sign-up/", {**NEW, "is_staff": "1", "is_superuser": "1"})
    assert not User.objects.get(username="dora").is_staff


def test_sign_out_needs_a_post(client, alice):
    client.force_login(alice)
    assert client.get("/accounts/sign-out/").status_code == 405
    client.post("/accounts/sign-out/")
    assert client.get("/chat/").status_code == 302


def test_password_change_signs_other_browsers_out(client, alice):
    other = Client()
    other.force_login(alice)
    client.force_login(alice)
    changed = {"old_password": PASSWORD, "new_password1": "plain-horse-78", "new_password2": "plain-horse-78"}
    assert client.post("/accounts/password/", changed)["Location"] == "/chat/"
    assert client.get("/chat/").status_code == 200
    assert other.get("/chat/").status_code == 302


@pytest.mark.parametrize(("chosen", "kept"), [("dark", "dark"), ("light", "light"), ("neon", None)])
def test_theme_is_kept_in_a_cookie(client, chosen, kept):
    client.post("/accounts/theme/", {"theme": chosen})
    cookie = client.cookies.get("theme")
    assert (cookie.value if cookie else None) == kept
