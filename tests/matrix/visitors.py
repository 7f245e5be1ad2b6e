"""Who comes: people and programs, with whatever they show at the door."""

import json
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from urllib.parse import urlencode

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts.models import ApiKey, User
from accounts.tokens.access import READ
from chatsite.programs import FOR_PROGRAMS, OPENAI
from tests.accounts.tokens.conftest import Program
from tests.chat.visitors import grant
from tests.conftest import PASSWORD

# The columns of the table.
NAMES = ("anonymous", "alice", "bob", "agent", "carol", "closed", "expired", "revoked", "key", "third")


@dataclass
class Visitor:
    """Somebody with a cookie for pages and a bearer for the API; ``closes`` is deactivated on the way in."""

    name: str
    cookie: str = ""
    bearer: str = ""
    closes: User | None = None
    everywhere: bool = False  # shows the bearer to pages too, where it must open nothing

    def ask(self, method: str, path: str, body: object = None) -> HttpResponse:
        """Send one request and return the answer; what breaks inside is a 500, as it would be outside."""
        if self.closes:
            User.objects.filter(pk=self.closes.pk).update(is_active=False)
        client = Client(raise_request_exception=False)
        is_api = path.startswith((*FOR_PROGRAMS, OPENAI))
        headers = (
            {"Authorization": f"Bearer {self.bearer}"} if self.bearer and (is_api or self.everywhere) else {}
        )
        if self.cookie and "Authorization" not in headers:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.cookie
        if method == "GET":
            return client.get(path, headers=headers)
        if is_api:
            return client.generic(method, path, _json(body), content_type="application/json", headers=headers)
        return client.generic(method, path, _form(body), content_type=_FORM, headers=headers)


_FORM = "application/x-www-form-urlencoded"


def _json(body: object) -> bytes:
    return json.dumps(body or {}).encode()


def _form(body: object) -> bytes:
    return urlencode(body or {}).encode()


def agent(password: str) -> User:
    """Return a member of staff who answers customers and may only what the group is given.

    ``password`` is a hash.
    """
    import_module("chat.migrations.0005_agents").make_group(apps, None)  # tests may have emptied the table
    import_module("chat.migrations.0009_ratings").let_agents_see(apps, None)
    import_module("chat.migrations.0010_batches").let_agents_send(apps, None)
    person = User.objects.create(
        username="agent", email="agent@example.com", is_staff=True, password=password
    )
    person.groups.set([Group.objects.get(name="Agents")])
    return person


def visitors(alice: User, bob: User, carol: User, settings: object) -> dict[str, Visitor]:
    """Return everybody, by name. Whoever is not let in any more once was."""
    _, key = ApiKey.objects.issue(alice, "program")
    _, third = grant(alice, READ)
    found = [
        Visitor("anonymous"),
        *(
            Visitor(name, _session(person))
            for name, person in (("alice", alice), ("bob", bob), ("carol", carol))
        ),
        Visitor("agent", _session(agent(carol.password))),
        Visitor("closed", _session(alice), token_of(alice), closes=alice),
        _expired(alice, settings),
        _revoked(alice),
        Visitor("key", bearer=key, everywhere=True),
        Visitor("third", bearer=third, everywhere=True),
    ]
    by_name = {one.name: one for one in found}
    return {name: by_name[name] for name in NAMES}


def _session(person: User) -> str:
    browser = Client()
    browser.post("/accounts/sign-in/", {"login": person.username, "password": PASSWORD})
    return browser.cookies[settings.SESSION_COOKIE_NAME].value


def token_of(person: User) -> str:
    """Return a token from a sign-in with a password, which a second step must not stand behind."""
    program = Program()
    assert program.sign_in(person).status_code == 200
    return program.bearer


def _expired(person: User, settings: object) -> Visitor:
    kept, settings.HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN = settings.HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN, -60
    visitor = Visitor("expired", _session(person), token_of(person))
    settings.HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN = kept
    past = timezone.now() - timedelta(seconds=1)
    assert Session.objects.filter(pk=visitor.cookie).update(expire_date=past) == 1
    return visitor


def _revoked(person: User) -> Visitor:
    program, cookie = Program(), _session(person)
    assert program.sign_in(person).status_code == 200
    assert program.is_let_in
    assert program.post("/api/v1/tokens/revoke/", {"token": program.refresh}).status_code in (200, 204)
    Session.objects.get(pk=cookie).delete()
    return Visitor("revoked", cookie, program.bearer)
