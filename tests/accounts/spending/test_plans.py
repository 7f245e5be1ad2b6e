"""Which plan holds for whom, and what it costs to know."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import GroupPlan, Plan
from accounts.spending.plans import NO_LIMITS, forget, known_plan_of, plan_of


@pytest.fixture
def kept(settings):
    """Keep plans as a running process does, beginning with none."""
    settings.PLAN_CACHE_SECONDS = 60
    forget()
    yield
    forget()


@pytest.fixture
def default(db):
    Plan.objects.filter(is_default=True).delete()
    return Plan.objects.create(name="Everybody", is_default=True, tokens_per_day=1_000)


def in_group(user, name, **limits):
    group = Group.objects.create(name=name)
    user.groups.add(group)
    plan = Plan.objects.create(name=name, **limits)
    GroupPlan.objects.create(group=group, plan=plan)
    return plan


def test_a_new_desk_limits_nobody(alice):
    assert not plan_of(alice.pk).is_limited


def test_a_desk_without_any_plan_limits_nobody(alice):
    Plan.objects.all().delete()
    assert plan_of(alice.pk) == NO_LIMITS


def test_own_plan_goes_before_the_groups_and_the_default(alice, bob, default, give_plan):
    in_group(alice, "Gold", tokens_per_day=50_000)
    assert plan_of(alice.pk).name == "Gold"
    give_plan(alice, tokens_per_day=10)
    assert plan_of(alice.pk).tokens_per_day == 10
    assert plan_of(bob.pk).name == "Everybody"


def test_most_generous_group_wins(alice):
    in_group(alice, "Silver", money_per_day=Decimal("1.5"), tokens_per_day=9_000)
    in_group(alice, "Gold", money_per_day=Decimal("2"), tokens_per_day=1_000)
    assert plan_of(alice.pk).name == "Gold"
    in_group(alice, "Open", messages_per_minute=5)
    assert plan_of(alice.pk).name == "Open"
    assert plan_of(alice.pk).messages_per_minute == 5


def test_one_plan_for_all_is_known_without_asking(alice, bob, default, kept, django_assert_num_queries):
    assert known_plan_of(alice.pk) is None
    plan_of(alice.pk)
    with django_assert_num_queries(0):
        assert known_plan_of(bob.pk).name == plan_of(bob.pk).name == "Everybody"


def test_a_person_with_a_plan_is_asked_about_once(alice, bob, kept, give_plan, django_assert_num_queries):
    give_plan(alice, tokens_per_day=10)
    plan_of(alice.pk)
    with django_assert_num_queries(0):
        assert plan_of(alice.pk).tokens_per_day == 10
    assert known_plan_of(bob.pk) is None


def test_a_changed_plan_holds_at_once_in_this_process(alice, default, kept):
    assert plan_of(alice.pk).tokens_per_day == 1_000
    default.tokens_per_day = 2_000
    default.save()
    assert plan_of(alice.pk).tokens_per_day == 2_000


def test_there_is_one_default(default):
    Plan.objects.create(name="Another", is_default=True)
    default.refresh_from_db()
    assert not default.is_default
    with pytest.raises(IntegrityError), transaction.atomic():
        Plan.objects.filter(pk=default.pk).update(is_default=True)


def test_a_plan_counts_in_the_desks_currency(settings):
    settings.CURRENCY = "EUR"
    with pytest.raises(ValidationError, match="counts in EUR"):
        Plan(name="Abroad", currency="USD").clean_fields()
