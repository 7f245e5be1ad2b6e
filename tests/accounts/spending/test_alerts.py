"""Staff hear of unusual spending: once a day, by signal, log and e-mail."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission
from django.core import mail

from accounts.models import SpendAlert, Spending, User
from accounts.spending.alerts import find_unusual, look_after_spending, send_mails, unusual_spend
from accounts.spending.days import today
from accounts.tasks import look_after_spending as task
from tests.accounts.spending.conftest import DAY

NANO = 10**9


@pytest.fixture
def told(db):
    """Collect what is signalled."""
    alerts = []

    def receive(alert, **_):
        alerts.append(alert.subject)

    unusual_spend.connect(receive)
    yield alerts
    unusual_spend.disconnect(receive)


def spend(user, amount, day=DAY):
    Spending.objects.update_or_create(user=user, day=day, defaults={"money_nano": int(amount * NANO)})


def test_person_at_the_days_money_is_told_of_once(alice, bob, give_plan, told):
    for person in (alice, bob):
        give_plan(person, money_per_day=Decimal(2))
    spend(alice, 2)
    spend(bob, 1.5)
    for _ in range(3):
        find_unusual(DAY)
    assert told == [f"person:{alice.pk}"]
    spend(alice, 2, DAY + timedelta(days=1))
    find_unusual(DAY + timedelta(days=1))
    assert len(told) == 2


def test_desk_above_its_mark_is_told_of_once(alice, bob, settings, told):
    settings.DESK_MONEY_PER_DAY = Decimal(3)
    spend(alice, 2)
    spend(bob, 1)
    find_unusual(DAY)
    assert told == []
    spend(bob, 1.01)
    for _ in range(2):
        find_unusual(DAY)
    assert told == ["desk-limit"]


def test_a_day_far_above_the_median_is_told_of(alice, settings, told):
    settings.DESK_SPEND_TIMES_MEDIAN = 3
    for ago, amount in enumerate((1, 1, 2, 50, 1, 1, 2), start=1):
        spend(alice, amount, DAY - timedelta(days=ago))
    spend(alice, 3)
    find_unusual(DAY)
    assert told == []
    spend(alice, 3.1)
    find_unusual(DAY)
    assert told == ["desk-unusual"]


def test_a_new_desk_has_no_usual_day(alice, told):
    for ago in range(1, 7):
        spend(alice, 1, DAY - timedelta(days=ago))
    spend(alice, 900)
    find_unusual(DAY)
    assert told == []


def test_staff_with_the_permission_get_one_mail(alice, bob, carol, settings, give_plan):
    settings.DESK_MONEY_PER_DAY = Decimal(1)
    bob.user_permissions.add(Permission.objects.get(codename="receive_spend_alerts"))  # but he is not staff
    User.objects.create(username="dora", email="dora@example.com", is_staff=True)  # without the permission
    give_plan(alice, money_per_day=Decimal(2))
    spend(alice, 2, today())
    task()
    task()
    assert [message.to for message in mail.outbox] == [["carol@example.com"]]
    assert "2.00 of 2.00 USD" in mail.outbox[0].body.replace("USD of", "of")
    assert "the mark (DESK_MONEY_PER_DAY) is 1.00 USD" in mail.outbox[0].body


def test_mail_that_could_not_be_sent_is_tried_again(alice, carol, settings, monkeypatch):
    settings.DESK_MONEY_PER_DAY = Decimal(1)
    spend(alice, 2, today())
    with monkeypatch.context() as away:

        def refuse(*_args, **_kwargs):
            raise ConnectionRefusedError

        away.setattr("accounts.spending.alerts.send_mail", refuse)
        look_after_spending()
    assert SpendAlert.objects.get().mailed_at is None
    send_mails(today())
    assert len(mail.outbox) == 1
    assert SpendAlert.objects.get().mailed_at is not None


def test_a_receiver_that_fails_stops_nobody(alice, carol, settings):
    def fail(**_):
        raise ValueError

    settings.DESK_MONEY_PER_DAY = Decimal(1)
    spend(alice, 2, today())
    unusual_spend.connect(fail)
    try:
        look_after_spending()
    finally:
        unusual_spend.disconnect(fail)
    assert len(mail.outbox) == 1
