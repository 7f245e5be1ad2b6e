"""Set aside before, charged after: exact, once, and each person apart."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Reservation, Spending, Usage, User
from accounts.spending.ledger import Hold, StaleAttempt, release, release_abandoned, reserve, settle
from accounts.spending.prices import Cost, Tokens
from tests.accounts.spending.conftest import DAY, charge, limited

TURNS = 50
THREADS = 12  # more would only wait for a connection of the pool, which gives up after some seconds


def hold(user: User, *, tokens: int = 10, nano: int = 0, attempt: int = 1, **more: object) -> Hold:
    known = {"turn": uuid4(), "day": DAY} | more
    return Hold(attempt=attempt, user=user.pk, tokens=tokens, money_nano=nano, **known)


def at_once(work: Callable[[int], object]) -> list[object]:
    """Do work for many turns in threads, each with a connection of its own."""

    def in_thread(number: int) -> object:
        try:
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(in_thread, range(TURNS)))


def sums(user: User, day: date = DAY) -> Spending:
    return Spending.objects.get(user=user, day=day)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "limits", [{"tokens_per_day": 105}, {"money_per_day": 1_059}, {"money_per_month": 1_059}], ids=str
)
def test_parallel_turns_never_overshoot(alice, limits):
    plan = limited(**limits)
    granted = at_once(lambda _: reserve(hold(alice, tokens=10, nano=100), plan))
    assert granted.count(True) == 10
    assert Reservation.objects.count() == 10
    assert (sums(alice).tokens_reserved, sums(alice).money_nano_reserved) == (100, 1_000)


@pytest.mark.django_db(transaction=True)
def test_parallel_turns_settle_to_the_exact_sum(alice, bob):
    plan = limited(tokens_per_day=10_000_000, money_per_day=10_000_000)
    holds = [hold(alice, tokens=900, nano=7_001) for _ in range(TURNS)]

    def whole_turn(number: int) -> None:
        assert reserve(holds[number], plan)
        with transaction.atomic():
            settle(charge(alice, tokens=7, nano=3, turn=holds[number].turn), may_be_reserved=True)

    at_once(whole_turn)
    day = sums(alice)
    assert (day.answers, day.tokens, day.money_nano) == (TURNS, 7 * TURNS, 3 * TURNS)
    assert (day.tokens_reserved, day.money_nano_reserved) == (0, 0)
    assert not Reservation.objects.exists()
    assert Usage.objects.get(user=alice).answers == TURNS
    assert not Spending.objects.filter(user=bob).exists()


def test_what_is_spent_leaves_less_room(alice):
    settle(charge(alice, tokens=95), may_be_reserved=False)
    plan = limited(tokens_per_day=100)
    assert not reserve(hold(alice, tokens=6), plan)
    assert reserve(hold(alice, tokens=5), plan)


def test_bob_is_not_affected_by_alice(alice, bob):
    plan = limited(tokens_per_day=100)
    assert reserve(hold(alice, tokens=100), plan)
    assert not reserve(hold(alice, tokens=1), plan)
    assert reserve(hold(bob, tokens=100), plan)


def test_the_next_day_begins_anew(alice):
    plan = limited(tokens_per_day=100, money_per_day=100)
    assert reserve(hold(alice, tokens=100, nano=100), plan)
    assert not reserve(hold(alice, tokens=1, nano=1), plan)
    assert reserve(hold(alice, tokens=100, nano=100, day=DAY + timedelta(days=1)), plan)


def test_the_month_counts_its_earlier_days_and_ends_at_its_border(alice):
    plan = limited(money_per_month=100)
    settle(charge(alice, nano=60, day=date(2026, 11, 1)), may_be_reserved=False)
    settle(charge(alice, nano=900, day=date(2026, 10, 31)), may_be_reserved=False)
    assert not reserve(hold(alice, nano=41, day=date(2026, 11, 30)), plan)
    assert reserve(hold(alice, nano=40, day=date(2026, 11, 30)), plan)
    assert reserve(hold(alice, nano=100, day=date(2026, 12, 1)), plan)


def test_next_attempt_takes_over_what_the_dead_one_had_set_aside(alice):
    plan = limited(tokens_per_day=10)
    first = hold(alice, tokens=10)
    assert reserve(first, plan)
    assert reserve(hold(alice, tokens=9, turn=first.turn, attempt=2), plan)
    assert sums(alice).tokens_reserved == 9
    with pytest.raises(StaleAttempt):
        reserve(first, plan)
    assert sums(alice).tokens_reserved == 9


def test_attempt_that_finds_no_room_gives_back_that_of_the_dead_one(alice):
    first = hold(alice, tokens=10)
    assert reserve(first, limited(tokens_per_day=10))
    assert not reserve(hold(alice, tokens=10, turn=first.turn, attempt=2), limited(tokens_per_day=5))
    assert sums(alice).tokens_reserved == 0


def test_attempt_after_midnight_moves_to_the_new_day(alice):
    plan, tomorrow = limited(tokens_per_day=10), DAY + timedelta(days=1)
    first = hold(alice)
    assert reserve(first, plan)
    assert reserve(hold(alice, turn=first.turn, attempt=2, day=tomorrow), plan)
    settle(charge(alice, tokens=4, turn=first.turn, day=tomorrow), may_be_reserved=True)
    assert (sums(alice).tokens_reserved, sums(alice).tokens) == (0, 0)
    assert (sums(alice, tomorrow).tokens_reserved, sums(alice, tomorrow).tokens) == (0, 4)


def test_released_twice_is_given_back_once(alice):
    one, other = hold(alice), hold(alice)
    for each in (one, other):
        assert reserve(each, limited(tokens_per_day=100))
    release([one.turn])
    release([one.turn])
    assert sums(alice).tokens_reserved == 10


def test_only_what_was_set_aside_long_ago_is_given_back(alice):
    old, new = hold(alice), hold(alice)
    for each in (old, new):
        assert reserve(each, limited(tokens_per_day=100))
    Reservation.objects.filter(turn=old.turn).update(made_at=timezone.now() - timedelta(hours=2))
    assert release_abandoned(timedelta(hours=1)) == 1
    assert Reservation.objects.get().turn == new.turn


def test_free_answers_are_counted_and_cost_nothing(alice, django_assert_num_queries):
    free = replace(charge(alice, source="cache", nano=0), tokens=Tokens())
    with django_assert_num_queries(1):
        settle(free, may_be_reserved=False)
    assert Usage.objects.get().answers == 1
    assert not Spending.objects.exists()


def test_unlimited_people_cost_two_statements(alice, django_assert_num_queries):
    with django_assert_num_queries(2):
        settle(charge(alice), may_be_reserved=False)


def test_answers_without_a_price_are_told_apart(alice):
    known = charge(alice, tokens=100, nano=0)
    unknown = replace(known, model="new", cost=Cost(0, is_known=False))
    for each in (known, unknown):
        settle(each, may_be_reserved=False)
    assert Usage.objects.get(model="new").unpriced == 1
    assert Usage.objects.get(model="fake").unpriced == 0
    assert sums(alice).tokens == 200


def test_figures_outlive_the_person_without_their_name(alice):
    settle(charge(alice, tokens=5), may_be_reserved=False)
    alice.delete()
    assert Spending.objects.get().user is None
    assert Usage.objects.get().prompt_tokens == 5
