"""The page that everything about one's account is reached from, and the staff's way in."""

import re

import pytest

from tests.accounts.identity.steps import is_signed_in, set_up_app, sign_in, words

pytestmark = pytest.mark.django_db

PAGES = [
    "", "e-mail/", "password/", "two-step/", "two-step/webauthn/", "sessions/", "connected/",
    "confirm/", "password/reset/", "password/reset/sent/", "password/reset/done/", "e-mail/sent/", "closed/",
    "connected/login/cancelled/",
]  # fmt: skip


def test_menu_and_page_lead_everywhere(client, alice):
    client.force_login(alice)
    assert 'href="/accounts/"' in words(client.get("/chat/"))
    page = words(client.get("/accounts/"))
    for path in re.findall(r'href="(/accounts/[^"]+)"', page):
        assert client.get(path).status_code == 200, path


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_in_the_desks_design_and_without_inline_code(client, alice, path):
    client.force_login(alice)
    page = words(client.get(f"/accounts/{path}", follow=True))
    assert 'class="bar"' in page
    assert " style=" not in page
    assert "<style" not in page
    for script in re.findall(r"<script([^>]*)>", page):
        assert "src=" in script or 'type="application/json"' in script


def test_profile_is_saved(client, alice):
    client.force_login(alice)
    client.post("/accounts/", {"first_name": "Alicia", "last_name": "", "language": "es", "is_staff": "on"})
    alice.refresh_from_db()
    assert (alice.first_name, alice.language, alice.is_staff) == ("Alicia", "es", False)


def test_unknown_language_is_refused(client, alice):
    client.force_login(alice)
    assert client.post("/accounts/", {"first_name": "A", "language": "xx"}).status_code == 200
    alice.refresh_from_db()
    assert alice.language == ""


@pytest.mark.parametrize("path", ["", "e-mail/", "password/", "two-step/", "sessions/", "connected/"])
def test_strangers_are_led_to_sign_in(client, path):
    assert client.get(f"/accounts/{path}")["Location"].startswith("/accounts/sign-in/?next=")


def test_admin_has_the_same_door(client, carol):
    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0] == "/accounts/sign-in/?next=%2Fadmin%2F"
    assert client.post("/admin/login/", {"username": "carol", "password": "x"}).status_code == 302
    assert sign_in(client, "carol", next="/admin/")["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_admin_stays_closed_to_customers(client, alice):
    client.force_login(alice)
    assert client.get("/admin/", follow=True).status_code == 403


def test_staff_may_have_to_set_up_a_second_step_first(client, carol, settings):
    settings.STAFF_NEEDS_MFA = True
    client.force_login(carol)
    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0] == "/accounts/two-step/"
    assert "Staff need a second step" in words(answer)
    set_up_app(client)
    assert client.get("/admin/").status_code == 200


def test_customers_need_none(client, alice, settings):
    settings.STAFF_NEEDS_MFA = True
    sign_in(client)
    assert is_signed_in(client)
