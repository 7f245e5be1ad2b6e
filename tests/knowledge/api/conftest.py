"""Clients of the staff's API."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission
from rest_framework.test import APIClient

from accounts.models import User


def client_of(user: User | None) -> APIClient:
    client = APIClient()
    if user is not None:
        client.force_authenticate(user)
    return client


@pytest.fixture
def carols(carol: User) -> APIClient:
    """Staff with every permission."""
    return client_of(carol)


@pytest.fixture
def bobs(bob: User) -> APIClient:
    """A customer."""
    return client_of(bob)


@pytest.fixture
def staff_who_may(db: None) -> Callable[..., APIClient]:
    """Return a client of staff with just these permissions, such as ``view`` or ``add_import``."""

    def _client(*words: str) -> APIClient:
        name = "dana-" + "-".join(words)
        user = User.objects.create(username=name, email=f"{name}@example.com", is_staff=True)
        user.user_permissions.set(
            Permission.objects.filter(codename__in=[w if "_" in w else f"{w}_document" for w in words])
        )
        return client_of(user)

    return _client
