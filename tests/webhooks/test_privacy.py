"""Deliveries go with their conversation, and after their time."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.privacy.erasing import erase_account
from accounts.privacy.retention import apply_retention
from chat.erasure import erase
from chat.models import Conversation
from tests.leftovers import leftovers
from tests.webhooks.conftest import make_delivery
from webhooks.models import Attempt, Delivery, Endpoint
from webhooks.outbox import send_again
from webhooks.outcomes import Outcome
from webhooks.postman import claim, finish, work

pytestmark = pytest.mark.django_db
CANARY = "zanzibarquokka"


@pytest.fixture
def conversation(alice):
    return Conversation.objects.create(owner=alice)


def told_of(endpoint, conversation, **known):
    body = f'{{"text":"{CANARY}"}}'
    return make_delivery(endpoint, conversation_id=conversation.pk, body=body, has_text=True, **known)


def _by_erasing(conversation):
    erase([conversation.pk])


def _by_row(conversation):
    conversation.delete()


def _with_the_account(conversation):
    erase_account(conversation.owner)


@pytest.mark.parametrize("delete", [_by_erasing, _by_row, _with_the_account])
def test_what_is_told_of_a_deleted_conversation_is_emptied_and_not_sent(
    endpoint, conversation, receiver, delete, bob
):
    receiver.answer = f"got {CANARY}".encode()
    others = told_of(endpoint, Conversation.objects.create(owner=bob))
    work(endpoint.pk)
    done = told_of(endpoint, conversation)
    work(endpoint.pk)
    waiting = told_of(endpoint, conversation, next_at=timezone.now() + timedelta(hours=1))
    number = str(conversation.pk)
    delete(conversation)
    others.refresh_from_db()
    assert CANARY in others.body
    others.delete()
    assert leftovers(CANARY) == []
    assert [place for place in leftovers(number.replace("-", "")) if "webhooks" in place] == []
    for delivery in (done, waiting):
        delivery.refresh_from_db()
        assert (delivery.state, delivery.body) == (Delivery.State.ERASED, "")
        assert not send_again(delivery)
    Delivery.objects.update(next_at=timezone.now())
    work(endpoint.pk)
    assert len(receiver.got) == 2


def test_what_is_being_sent_meanwhile_leaves_nothing(endpoint, conversation):
    told_of(endpoint, conversation)
    taken = claim(endpoint.pk)
    erase([conversation.pk])
    finish(taken, Outcome(status=500, error="status", response=CANARY))
    assert leftovers(CANARY) == []


@pytest.mark.django_db(transaction=True)
def test_old_deliveries_go(endpoint, settings):
    settings.WEBHOOK_RETENTION_DAYS = 30
    kept = make_delivery(endpoint, created_at=timezone.now() - timedelta(days=29))
    old = make_delivery(endpoint, created_at=timezone.now() - timedelta(days=31))
    Attempt.objects.create(delivery=old, number=1, at=timezone.now())
    assert apply_retention(dry_run=True)["webhooks"] == 1
    assert apply_retention()["webhooks"] == 1
    assert list(Delivery.objects.all()) == [kept]


def test_deliveries_are_kept_for_ever_where_that_is_set(endpoint, settings):
    settings.WEBHOOK_RETENTION_DAYS = 0
    make_delivery(endpoint, created_at=timezone.now() - timedelta(days=3_000))
    assert "webhooks" not in apply_retention()


@pytest.mark.django_db(transaction=True)
def test_what_was_written_for_an_endpoint_that_was_deleted_meanwhile_goes(endpoint):
    lost = Delivery(endpoint=endpoint, event="turn.completed", body="{}")
    Endpoint.objects.get().delete()
    lost.save(force_insert=True)
    assert claim(lost.endpoint_id) is None
    assert apply_retention()["webhooks"] == 1
