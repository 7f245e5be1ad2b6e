"""Delivering: tries and waits, leases of processes that end, endpoints that fail for days."""

import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts.audit import Act
from accounts.models import AuditEntry
from tests.serving import free_port
from tests.webhooks.conftest import make_delivery, make_endpoint
from webhooks import postman
from webhooks.models import MOST_ATTEMPTS, Attempt, Delivery, Endpoint
from webhooks.outbox import send_again, send_test
from webhooks.outcomes import ERRORS, Outcome
from webhooks.postman import BACKOFF, claim, endpoints_with_mail, finish, wait_after, work

State = Delivery.State
pytestmark = pytest.mark.django_db


def now(delivery):
    """Let the next try be due now."""
    waiting = Delivery.objects.filter(pk=delivery.pk, state=State.PENDING)
    waiting.update(next_at=timezone.now())


def seconds_left(delivery):
    return (delivery.next_at - timezone.now()).total_seconds()


def waits_about_five_seconds(delivery, began):
    """Tell whether the next try is the first wait after one that was made between ``began`` and now."""
    least, most = timedelta(seconds=0.8 * BACKOFF[0]), timedelta(seconds=1.2 * BACKOFF[0])
    return began + least <= delivery.next_at <= timezone.now() + most


def test_what_is_delivered_is_done(delivery, receiver):
    assert work(delivery.endpoint_id) is False
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, delivery.next_at) == (State.DELIVERED, 1, None)
    assert receiver.got[0].body == delivery.body.encode()
    tried = delivery.tries.get()
    assert (tried.number, tried.status, tried.error, tried.response) == (1, 200, "", "thanks")


def test_a_failure_is_tried_again_as_the_same_message(delivery, receiver):
    receiver.statuses = [500, 200]
    began = timezone.now()
    work(delivery.endpoint_id)
    delivery.refresh_from_db()
    assert delivery.state == State.PENDING
    assert waits_about_five_seconds(delivery, began)
    assert endpoints_with_mail() == []
    now(delivery)
    assert endpoints_with_mail() == [str(delivery.endpoint_id)]
    work(delivery.endpoint_id)
    first, second = receiver.got
    assert (first.headers["webhook-id"], first.body) == (second.headers["webhook-id"], second.body)
    delivery.refresh_from_db()
    assert delivery.state == State.DELIVERED
    assert [one.status for one in delivery.tries.all()] == [500, 200]


def test_after_eight_tries_it_is_given_up(delivery, receiver):
    receiver.statuses = [500]
    for _ in range(MOST_ATTEMPTS + 2):
        now(delivery)
        work(delivery.endpoint_id)
    delivery.refresh_from_db()
    assert (len(receiver.got), delivery.state, delivery.tries.count()) == (8, State.FAILED, 8)
    assert delivery.next_at is None


@pytest.mark.parametrize(("attempt", "seconds"), list(enumerate(BACKOFF, 1)))
def test_waits_grow_and_differ(attempt, seconds):
    waits = {wait_after(attempt) for _ in range(50)}
    assert len(waits) > 25
    assert all(0.8 * seconds <= wait <= 1.2 * seconds for wait in waits)


def test_the_receiver_may_ask_for_a_longer_wait_up_to_a_day(delivery, receiver):
    assert wait_after(1, asked=1) < 7
    assert wait_after(1, asked=1e9) == 86_400
    receiver.statuses, receiver.headers = [429], {"Retry-After": "1000"}
    work(delivery.endpoint_id)
    delivery.refresh_from_db()
    assert 990 < seconds_left(delivery) <= 1_000


@pytest.mark.parametrize("error", ["connect", "address", "name", "secret"])
def test_every_failure_is_noted_and_tried_again(error, receiver, names):
    url = {
        "connect": f"http://127.0.0.1:{free_port()}/",
        "address": "https://10.0.0.1/",
        "name": "https://nowhere.example/",
    }.get(error, receiver.url)
    names([])
    endpoint = make_endpoint(url)
    if error == "secret":
        Endpoint.objects.update(sealed_secret=b"\x01" + b"x" * 60)
    delivery = make_delivery(endpoint)
    work(endpoint.pk)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.tries.get().error) == (State.PENDING, error)
    assert error in ERRORS
    assert receiver.got == []


def test_what_an_ended_process_was_sending_is_taken_over(delivery, receiver):
    taken = claim(delivery.endpoint_id)
    assert taken.attempts == 1
    assert endpoints_with_mail() == []
    work(delivery.endpoint_id)
    assert receiver.got == []  # it is being sent, as far as anybody knows
    Delivery.objects.update(lease_until=timezone.now())
    assert endpoints_with_mail() == [str(delivery.endpoint_id)]
    work(delivery.endpoint_id)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, len(receiver.got)) == (State.DELIVERED, 2, 1)
    assert [one.error for one in delivery.tries.all()] == ["interrupted", ""]


def test_whoever_was_taken_for_dead_changes_nothing_any_more(delivery):
    late = claim(delivery.endpoint_id)
    Delivery.objects.update(lease_until=timezone.now())
    claim(delivery.endpoint_id)
    finish(late, Outcome(status=500, error="status"))
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == (State.PENDING, 2)
    assert [one.error for one in delivery.tries.all()] == ["interrupted"]


def test_processes_that_end_again_and_again_do_not_send_for_ever(delivery):
    for _ in range(MOST_ATTEMPTS + 3):
        claim(delivery.endpoint_id)
        Delivery.objects.exclude(lease_until=None).update(lease_until=timezone.now())
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, delivery.tries.count()) == (State.FAILED, 8, 8)


def test_an_endpoint_is_sent_two_at_once_and_one_while_it_fails(endpoint):
    for _ in range(4):
        make_delivery(endpoint)
    assert [claim(endpoint.pk) is not None for _ in range(3)] == [True, True, False]
    Delivery.objects.update(lease_until=None)
    Endpoint.objects.update(failing_since=timezone.now())
    assert [claim(endpoint.pk) is not None for _ in range(2)] == [True, False]


def test_a_slow_endpoint_does_not_hold_another(endpoint, receiver):
    slow = make_endpoint(receiver.url, name="slow")
    for _ in range(3):
        make_delivery(slow)
        claim(slow.pk)
    make_delivery(endpoint)
    work(endpoint.pk)
    assert len(receiver.got) == 1


def test_whoever_works_lets_go_after_a_while(endpoint, receiver, monkeypatch):
    monkeypatch.setattr(postman, "WORK_SECONDS", -1)
    make_delivery(endpoint)
    make_delivery(endpoint)
    assert work(endpoint.pk) is True
    assert len(receiver.got) == 1


def test_an_endpoint_that_is_off_is_not_sent_to_and_gets_it_later(delivery, receiver):
    Endpoint.objects.update(is_active=False)
    assert endpoints_with_mail() == []
    work(delivery.endpoint_id)
    assert receiver.got == []
    Endpoint.objects.update(is_active=True)
    work(delivery.endpoint_id)
    assert len(receiver.got) == 1


@pytest.mark.django_db(transaction=True)
def test_an_endpoint_that_fails_for_days_is_switched_off_and_staff_are_told(delivery, receiver, carol, bob):
    receiver.statuses = [500]
    work(delivery.endpoint_id)
    endpoint = Endpoint.objects.get()
    assert (endpoint.is_active, endpoint.failing_since is None) == (True, False)
    Endpoint.objects.update(failing_since=timezone.now() - timedelta(days=3, minutes=1))
    now(delivery)
    work(delivery.endpoint_id)
    endpoint.refresh_from_db()
    assert not endpoint.is_active
    assert "Nothing could be delivered since" in endpoint.switched_off_why
    assert AuditEntry.objects.get(act=Act.WEBHOOK_SWITCHED_OFF).object_id == str(endpoint.pk)
    assert [message.to for message in mail.outbox] == [["carol@example.com"]]
    assert str(endpoint.pk) in mail.outbox[0].body


def test_a_success_ends_the_count_of_days(delivery, receiver):
    Endpoint.objects.update(failing_since=timezone.now() - timedelta(days=30))
    work(delivery.endpoint_id)
    endpoint = Endpoint.objects.get()
    assert (endpoint.is_active, endpoint.failing_since) == (True, None)


def test_an_endpoint_that_is_gone_is_switched_off_at_once(delivery, receiver):
    receiver.statuses = [410]
    work(delivery.endpoint_id)
    assert not Endpoint.objects.get().is_active


def test_a_test_event_is_tried_once_and_counts_for_nothing(endpoint, receiver, nothing_sent):
    receiver.statuses = [410]
    delivery = send_test(endpoint)
    work(endpoint.pk)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == (State.FAILED, 1)
    endpoint.refresh_from_db()
    assert (endpoint.is_active, endpoint.failing_since) == (True, None)


def test_sent_again_it_is_the_same_message_with_eight_more_tries(delivery, receiver, nothing_sent):
    assert not send_again(delivery)  # it waits already
    work(delivery.endpoint_id)
    delivery.refresh_from_db()
    assert send_again(delivery)
    receiver.statuses = [500]
    began = timezone.now()
    work(delivery.endpoint_id)
    delivery.refresh_from_db()
    assert (delivery.attempts, delivery.most_attempts) == (2, 9)
    assert waits_about_five_seconds(delivery, began)  # the waits begin anew
    assert len({got.headers["webhook-id"] for got in receiver.got}) == 1


def test_a_deleted_endpoint_takes_its_log_along(delivery):
    taken = claim(delivery.endpoint_id)
    Endpoint.objects.get().delete()
    finish(taken, Outcome(status=200))
    assert (Delivery.objects.count(), Attempt.objects.count()) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_of_many_who_claim_at_once_each_message_has_one(endpoint, receiver):
    for _ in range(6):
        make_delivery(endpoint)
    threads = [threading.Thread(target=_work_and_close, args=(endpoint.pk,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    work(endpoint.pk)
    ids = [got.headers["webhook-id"] for got in receiver.got]
    assert (len(ids), len(set(ids))) == (6, 6)
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.DELIVERED}


def _work_and_close(pk):
    from django.db import connections

    try:
        work(pk)
    finally:
        connections.close_all()
