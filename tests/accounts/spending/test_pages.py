"""Usage as customers and staff see it."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from accounts.models import Plan, Price
from accounts.spending.days import today
from accounts.spending.figures import desk_figures
from accounts.spending.ledger import settle
from accounts.spending.prices import Cost
from tests.accounts.spending.conftest import charge


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def used(alice, bob, give_plan):
    """Alice has used some of her plan, Bob something else."""
    give_plan(alice, tokens_per_day=10_000, money_per_month=Decimal(5), messages_per_minute=7)
    settle(charge(alice, tokens=4_321, nano=1_230_000_000, day=today()), may_be_reserved=False)
    settle(charge(bob, tokens=77, nano=9, day=today()), may_be_reserved=False)


def test_page_shows_what_was_used_and_what_is_left(alice, used):
    page = signed_in(alice).get(reverse("usage")).content.decode()
    for words in ("4,321 of 10,000", "1.23 USD of 5.00 USD", "7 messages a minute", "Plan of Alice"):
        assert words in page
    assert (today() + timedelta(days=1)).strftime("%B %Y") in page


def test_bob_sees_his_own_alone(bob, used):
    client = signed_in(bob)
    page = client.get(reverse("usage")).content.decode()
    assert "4,321" not in page
    assert "77" in page
    assert client.get("/api/v1/me/usage/").json()["day"]["tokens"] == 77


def test_rest_gives_exact_amounts(alice, used):
    body = signed_in(alice).get("/api/v1/me/usage/").json()
    assert (body["plan"], body["currency"], body["messages_per_minute"]) == ("Plan of Alice", "USD", 7)
    day, month = body["day"], body["month"]
    assert (day["answers"], day["tokens"], day["tokens_limit"]) == (1, 4_321, 10_000)
    assert (day["money"], day["money_limit"]) == ("1.230000000", None)
    assert Decimal(month["money_limit"]) == 5
    assert day["begins_anew"].startswith(str(today() + timedelta(days=1)))


def test_usage_is_for_people_who_are_signed_in():
    assert Client().get(reverse("usage")).status_code == 302
    assert Client().get("/api/v1/me/usage/").status_code in (401, 403)


def test_account_menu_leads_there(alice):
    assert reverse("usage") in signed_in(alice).get(reverse("chat")).content.decode()


# --- Staff --------------------------------------------------------------------------------------------------


def charts(client, **query):
    return client.get(reverse("admin:accounts_spending_changelist"), query)


def test_staff_see_the_desks_figures(carol, used, django_assert_max_num_queries):
    client = signed_in(carol)
    with django_assert_max_num_queries(20):
        page = charts(client).content.decode()
    assert "4,398" in page  # all tokens
    assert "1.2300" in page
    assert "usage-charts-data" in page
    assert ">Alice<" in page


def test_a_model_without_a_price_is_named(carol, alice):
    unknown = charge(alice, day=today(), provider="openai", model="brand-new")
    unknown = replace(unknown, cost=Cost(0, is_known=False))
    settle(unknown, may_be_reserved=False)
    page = charts(signed_in(carol)).content.decode()
    assert "No price for model brand-new (openai)" in page
    assert "no price" in page


def test_empty_desk_says_so(carol):
    assert "No answers in that time" in charts(signed_in(carol), days="7").content.decode()


def test_charts_need_the_permission(alice, bob, used):
    bob.is_staff = True
    bob.save()
    assert charts(signed_in(bob)).status_code == 403
    bob.user_permissions.add(Permission.objects.get(codename="view_spending"))
    assert charts(signed_in(bob)).status_code == 200
    assert charts(signed_in(alice)).status_code == 302


def test_ledger_cannot_be_written_in_the_admin(carol):
    client = signed_in(carol)
    assert client.get("/admin/accounts/spending/add/").status_code == 404
    assert client.get(reverse("admin:accounts_usage_add")).status_code == 403
    assert client.get(reverse("admin:accounts_usage_changelist")).status_code == 200
    assert client.get(reverse("admin:accounts_spendalert_changelist")).status_code == 200


def test_a_new_default_plan_takes_the_place_of_the_old(carol):
    Plan.objects.all().delete()
    old = Plan.objects.create(name="Old", is_default=True)
    management = {"TOTAL_FORMS": "0", "INITIAL_FORMS": "0"}
    inlines = {f"{name}-{part}": count for name in ("groups", "people") for part, count in management.items()}
    form = {"name": "New", "currency": "USD", "beyond": "stop", "is_default": "on", "tokens_per_day": "5000"}
    answer = signed_in(carol).post(reverse("admin:accounts_plan_add"), form | inlines)
    assert answer.status_code == 302, answer.context["errors"]
    old.refresh_from_db()
    assert (old.is_default, Plan.objects.get(is_default=True).name) == (False, "New")


def test_prices_are_kept_in_the_admin(carol):
    form = {
        "provider": "openai", "model": "gpt-4o-mini", "valid_from": "2026-01-01", "input_per_million": "0.15",
        "cached_input_per_million": "", "output_per_million": "0.6", "currency": "USD",
    }  # fmt: skip
    client = signed_in(carol)
    assert client.post(reverse("admin:accounts_price_add"), form | {"currency": "EUR"}).status_code == 200
    assert client.post(reverse("admin:accounts_price_add"), form).status_code == 302
    assert Price.objects.get().output_per_million == Decimal("0.6")


def test_figures_split_by_day_source_and_model(alice, bob):
    day = today()
    used = [
        (alice, "model", "openai", day),
        (bob, "model", "compatible", day),
        (bob, "model", "compatible", day - timedelta(days=1)),
        (alice, "fixed", "openai", day - timedelta(days=40)),
    ]
    for user, source, provider, when in used:
        one = charge(user, source=source, provider=provider, day=when, tokens=10, nano=4)
        settle(one, may_be_reserved=False)
    figures = desk_figures(day, 30)
    assert [each.answers for each in figures.daily[-2:]] == [1, 2]
    assert (figures.total.answers, figures.total.tokens, figures.total.money_nano) == (3, 30, 12)
    assert figures.models["compatible", "fake"].answers == 2
    assert [each.answers for each in figures.daily_models["openai", "fake"][-2:]] == [0, 1]
    assert [spender.user for spender in figures.spenders] == [bob, alice]
