"""Every page of the site is sent with the headers that keep it safe, and has nothing inline."""

import re
from html.parser import HTMLParser

import pytest
from csp.constants import NONCE
from django.apps import apps
from django.conf import settings
from django.db import models
from django.test import Client

from tests.conftest import PASSWORD
from tests.matrix.routes import all_routes
from tests.matrix.test_matrix import _Undone, open_desk, people, things  # noqa: F401  (fixtures)
from tests.matrix.things import fill

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# Pages of frameworks whose own scripts set HTML from strings, and which go without Trusted Types alone.
WITHOUT_TRUSTED_TYPES = ("/admin/", "/api/docs/")


class Inline(HTMLParser):
    """Collects what a strict policy would stop."""

    def __init__(self, nonce: str) -> None:
        super().__init__()
        self.nonce, self.found = nonce, []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        data = given.get("type") in ("application/json", "text/html")
        if tag == "script" and not given.get("src") and not data and given.get("nonce") != self.nonce:
            self.found.append("script")
        if tag == "style" or "style" in given:
            self.found.append(f"style of {tag}")
        self.found += [name for name in given if name.startswith("on")]
        if (given.get("href") or "").lower().startswith("javascript:"):
            self.found.append("javascript:")


def faults(path: str, response) -> list[str]:
    """Return what is missing or wrong in an answer."""
    found = [f"{name}: {response.get(name)}" for name, value in ALWAYS.items() if response.get(name) != value]
    if "camera=()" not in response.get("Permissions-Policy", ""):
        found.append("no Permissions-Policy")
    policy = response.get("Content-Security-Policy", "")
    rules = dict(rule.strip().partition(" ")[::2] for rule in policy.split(";"))
    if "unsafe" in policy or "*" in policy:
        found.append(f"policy: {policy}")
    for name in ("default-src", "frame-ancestors", "base-uri"):
        if rules.get(name) != "'none'":
            found.append(f"{name}: {rules.get(name)}")
    if "require-trusted-types-for" not in rules and not path.startswith(WITHOUT_TRUSTED_TYPES):
        found.append("no Trusted Types")
    if response.get("Content-Type", "").startswith("text/html") and not response.streaming:
        nonce = re.search(r"'nonce-([^']+)'", policy)
        page = Inline(nonce[1] if nonce else "")
        page.feed(response.content.decode())
        found += page.found if path != "/api/docs/" else []  # its one style is named by its digest
    return found


def test_every_answer_has_the_headers_and_no_page_has_anything_inline(open_desk, things, people):  # noqa: F811
    wrong, pages = {}, 0
    for route in all_routes():
        path = fill(route.pattern, things.values(route.pattern))
        for name in ("anonymous", "alice", "carol") if "GET" in route.methods else ():
            with _Undone():
                response = people[name].ask("GET", path)
            pages += response.get("Content-Type", "").startswith("text/html") and response.status_code < 300
            if found := faults(path, response):
                wrong[f"{path} as {name} ({response.status_code})"] = found
    assert pages > 100
    assert not wrong, "\n" + "\n".join(f"{path}: {found}" for path, found in wrong.items())


@pytest.mark.parametrize("path", ["/nowhere/", "/api/v1/nowhere/", "/chat/nowhere"])
def test_answers_to_nonsense_have_them_too(db, path):
    response = Client(raise_request_exception=False).get(path)
    assert response.status_code == 404
    assert faults(path, response) == []


def test_broken_page_has_them_too(client, alice, monkeypatch):
    client.force_login(alice)
    client.raise_request_exception = False
    monkeypatch.setattr("chat.views.starters", lambda user: 1 / 0)
    response = client.get("/chat/")
    assert response.status_code == 500
    assert faults("/chat/", response) == []


def test_forged_form_is_refused_with_them(alice):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    response = client.post("/chat/ask/", {"text": "Hello"})
    assert response.status_code == 403
    assert faults("/chat/ask/", response) == []


def test_cookies_are_kept_from_scripts_and_other_sites(alice, client):
    client.post("/accounts/sign-in/", {"login": "alice", "password": PASSWORD})
    client.get("/chat/")
    assert client.cookies["sessionid"]["httponly"]
    assert {cookie["samesite"] for cookie in client.cookies.values()} == {"Lax"}
    assert "'unsafe-inline'" not in str(settings.CONTENT_SECURITY_POLICY)
    assert NONCE in settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["script-src"]


def test_nothing_that_was_uploaded_can_be_served():
    """Files are read and dropped: no field of a model keeps one under an address, and no route gives one."""
    fields = [field for model in apps.get_models() for field in model._meta.get_fields()]
    assert not [field for field in fields if isinstance(field, models.FileField)]
    assert not settings.MEDIA_URL.strip("/") and not settings.MEDIA_ROOT
