"""Endpoints, and receivers that they lead to."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.webhooks.receiver import Receiver, receiving
from webhooks import addresses, postman, tasks
from webhooks.models import Delivery, Endpoint, EventType
from webhooks.outbox import wanted


@pytest.fixture(autouse=True)
def nothing_known() -> Iterator[None]:
    """Begin and end every test without knowing which events are wanted, and with nothing being sent."""
    wanted.forget()
    yield
    assert tasks.wait_for_threads(20)
    wanted.forget()


@pytest.fixture(autouse=True)
def one_transaction(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the connection of a test that is one transaction, as it would be lost with it."""
    marker = request.node.get_closest_marker("django_db")
    if not (marker and marker.kwargs.get("transaction")):
        monkeypatch.setattr(postman, "close_old_connections", lambda: None)


@pytest.fixture
def nothing_sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let deliveries be written and not sent; returns the endpoints that were to be sent to."""
    asked: list[str] = []
    monkeypatch.setattr("webhooks.outbox.soon", asked.append)
    return asked


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver over HTTP."""
    with receiving() as one:
        yield one


def make_endpoint(url: str, *events: str, **known: Any) -> Endpoint:
    """Return a saved endpoint; it wants everything unless told otherwise."""
    endpoint = Endpoint(
        **{"name": f"To {url}", "url": url, "events": list(events or EventType.values), **known}
    )
    endpoint.give_secret()
    endpoint.save()
    return endpoint


@pytest.fixture
def endpoint(db: None, receiver: Receiver) -> Endpoint:
    """An endpoint that wants everything and leads to the receiver."""
    return make_endpoint(receiver.url)


@pytest.fixture
def delivery(endpoint: Endpoint) -> Delivery:
    """Something to be sent to it."""
    return make_delivery(endpoint)


def make_delivery(endpoint: Endpoint, **known: Any) -> Delivery:
    """Return a saved delivery that is due."""
    values = {"event": "turn.completed", "body": '{"é":1}', "next_at": timezone.now() - timedelta(seconds=1)}
    return Delivery.objects.create(endpoint=endpoint, **values | known)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Let names lead where the test says, answer by answer; returns the names that were asked for."""

    def lead(*answers: list[str]) -> list[str]:
        asked: list[str] = []

        def resolve(host: str, port: int) -> list[str]:
            asked.append(host)
            found = answers[min(len(asked), len(answers)) - 1]
            if not found:
                raise OSError("no such name")
            return found

        monkeypatch.setattr(addresses, "resolve", resolve)
        return asked

    return lead
