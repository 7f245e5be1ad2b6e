"""Fixtures for every test: the people, one event loop library, nothing outside this machine.

Alice is a customer and owns things. Bob is another customer and must see nothing of hers. Carol is staff.
"""

import socket

import pytest
from django.core.cache import cache

from accounts.models import User

PASSWORD = "correct-horse-42"


@pytest.fixture
def anyio_backend() -> str:
    """Run async tests on asyncio, which is what the product runs on."""
    return "asyncio"


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
def empty_cache(settings: object) -> None:
    """Begin every test with nothing cached."""
    cache.clear()


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
