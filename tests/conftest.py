"""Fixtures for every test: the people, one event loop library, nothing outside this machine.

Alice is a customer and owns things. Bob is another customer and must see nothing of hers. Carol is staff.
"""

import socket
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import connection
from hypothesis import HealthCheck
from hypothesis import settings as of_hypothesis

from accounts import limits
from accounts.models import User
from benchmarks.fake_provider import FakeProvider
from knowledge.documents.publish import publish_version, save_draft
from knowledge.models import Document, Version
from tests.environment import PROVIDER_PORT

PASSWORD = "correct-horse-42"

# The same examples in every run, however long this machine takes over one: what a run finds, the next finds.
of_hypothesis.register_profile(
    "desk", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
of_hypothesis.load_profile("desk")


@pytest.fixture
def anyio_backend() -> str:
    """Run async tests on asyncio, which is what the product runs on."""
    return "asyncio"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: object) -> None:
    """Let the tests' own emptying of tables through where the database refuses to delete: the audit trail."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        endless = "9999" if connection.vendor == "sqlite" else "infinity"
        cursor.execute("INSERT INTO accounts_audit_window VALUES (%s)", [endless])


@pytest.fixture(autouse=True)
def only_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail whatever tries to reach another machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> object:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = str(address[0])  # type: ignore[index]
            if host not in ("127.0.0.1", "::1", "localhost"):
                raise AssertionError(f"a test tried to reach {host}")
        return connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def plain_static_files(settings: object) -> None:
    """Name static files as they are, since nothing has been collected."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    """Begin every test with nothing cached and nothing counted (in Redis, both are cleared as one)."""
    cache.clear()
    limits.forget_here()


@pytest.fixture
def provider(settings: object) -> Iterator[FakeProvider]:
    """A model provider over real HTTP, first in the chain."""
    settings.LLM_CHAIN = ["compatible", "extractive"]
    with FakeProvider(PROVIDER_PORT, delay=0.02, interval=0.002, tokens=20) as provider:
        yield provider


def _person(username: str, *, is_staff: bool = False) -> User:
    person = User(
        username=username,
        email=f"{username}@example.com",
        first_name=username.capitalize(),
        is_staff=is_staff,
        is_superuser=is_staff,
    )
    person.set_password(PASSWORD)
    person.save()
    return person


@pytest.fixture
def alice(db: None) -> User:
    """A customer, the owner."""
    return _person("alice")


@pytest.fixture
def bob(db: None) -> User:
    """Another customer."""
    return _person("bob")


@pytest.fixture
def carol(db: None) -> User:
    """Staff."""
    return _person("carol", is_staff=True)


BAGGAGE = """# Checked baggage

## Allowance

Every Standard fare includes one checked bag of up to 23 kg. Light fares include no checked bag.

## Overweight bags

A bag between 23 kg and 32 kg costs EUR 60 for each flight. Bags over 32 kg are not accepted.
"""
PETS = """# Travelling with pets

## Pets in the cabin

Small cats and dogs may travel in the cabin for EUR 55 for each flight. Pet and carrier together weigh
8 kg at most. Book the place at least 48 hours before departure.
"""


POLICIES = (("checked-baggage", "Checked baggage", BAGGAGE), ("pets", "Travelling with pets", PETS))


@pytest.fixture
def library(db: None) -> dict[str, Version]:
    """Two published policies, by slug."""
    return {
        slug: publish_version(save_draft(Document.objects.create(slug=slug, title=title), text))
        for slug, title, text in POLICIES
    }
