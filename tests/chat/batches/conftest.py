"""Batches as programs of the back office send them."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from rest_framework.test import APIClient

from accounts.models import User

URL = "/api/v1/batches/"


def client_of(user: User) -> APIClient:
    """Return a client signed in as ``user``."""
    client = APIClient()
    client.force_authenticate(user)
    return client


def send(user: User, *items: object, key: str = "") -> Any:
    """Send a batch; return the response."""
    headers = {"Idempotency-Key": key} if key else {}
    return client_of(user).post(URL, {"items": list(items)}, format="json", headers=headers)


def fetch(user: User, batch: str, **query: str) -> dict[str, Any]:
    """Return a batch with its items."""
    return client_of(user).get(f"{URL}{batch}/", query).json()


def may_send(user: User) -> User:
    """Give a person the permission."""
    user.user_permissions.add(Permission.objects.get(codename="send_batch"))
    return User.objects.get(pk=user.pk)


@pytest.fixture
def alice(alice: User) -> User:
    """Alice, who may send batches, and is no staff."""
    return may_send(alice)
