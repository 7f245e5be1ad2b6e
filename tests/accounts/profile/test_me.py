"""Oneself over REST: who one is, and what one's plan leaves."""

from decimal import Decimal

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from rest_framework.test import APIClient

from accounts.models import PersonPlan, Plan, Spending, User
from accounts.spending.days import today

pytestmark = pytest.mark.django_db
URL = "/api/v1/me/"


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def test_profile_tells_who_one_is(alice, carol):
    EmailAddress.objects.create(user=alice, email="Alice@example.com", verified=True)
    carol.groups.add(Group.objects.create(name="Night shift"))
    mine, hers = (client_of(person).get(URL).json() for person in (alice, carol))
    assert (mine["username"], mine["email"], mine["email_verified"]) == ("alice", "alice@example.com", True)
    assert (mine["is_staff"], mine["groups"], mine["language"]) == (False, [], "")
    assert (hers["is_staff"], hers["groups"], hers["email_verified"]) == (True, ["Night shift"], False)


@pytest.mark.parametrize(("kind", "is_one"), [("totp", True), ("webauthn", True), ("recovery_codes", False)])
def test_profile_tells_of_the_second_step(alice, kind, is_one):
    Authenticator.objects.create(user=alice, type=kind, data={})
    assert client_of(alice).get(URL).json()["second_step"] is is_one


def test_names_and_language_are_changed(alice, bob):
    answer = client_of(alice).patch(URL, {"first_name": "Ali", "language": "es"}, format="json")
    assert (answer.status_code, answer.json()["language"]) == (200, "es")
    alice.refresh_from_db()
    assert (alice.first_name, alice.language) == ("Ali", "es")
    assert User.objects.get(pk=bob.pk).language == ""
    assert client_of(alice).patch(URL, {"language": ""}, format="json").json()["language"] == ""


def test_what_is_decided_elsewhere_stays(alice):
    changed = {"username": "root", "email": "x@example.com", "is_staff": True, "groups": ["Agents"], "id": 1}
    assert client_of(alice).patch(URL, changed, format="json").status_code == 200
    kept = User.objects.get(pk=alice.pk)
    assert (kept.username, kept.email, kept.is_staff) == ("alice", "alice@example.com", False)
    assert not kept.groups.exists()


@pytest.mark.parametrize("body", [{"language": "xx"}, {"first_name": "x" * 151}, []])
def test_what_is_not_valid_is_a_problem(alice, body):
    answer = client_of(alice).patch(URL, body, format="json")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert client_of(alice).put(URL, {}, format="json").status_code == 405


def test_without_plans_nothing_is_limited_but_messages(alice, settings):
    settings.LIMITS = {**settings.LIMITS, "user_messages": (20, 60)}
    Plan.objects.all().delete()
    plan = client_of(alice).get(f"{URL}plan/").json()
    assert (plan["name"], plan["messages"]) == ("", {"limit": 20, "seconds": 60})
    for name in ("tokens_per_day", "money_per_day", "money_per_month"):
        assert (plan[name]["limit"], plan[name]["left"]) == (None, None)


def test_plan_tells_what_is_left(alice, bob):
    plan = Plan.objects.create(
        name="Basic",
        tokens_per_day=1000,
        money_per_month=Decimal("0.5"),
        messages_per_minute=3,
        beyond="stop",
    )
    for person in (alice, bob):
        PersonPlan.objects.create(user=person, plan=plan)
    Spending.objects.create(
        user=alice, day=today(), answers=2, tokens=300, money_nano=100_000_000,
        tokens_reserved=50, money_nano_reserved=1_000_000,
    )  # fmt: skip
    mine, his = (client_of(person).get(f"{URL}plan/").json() for person in (alice, bob))
    assert (mine["name"], mine["beyond"], mine["messages"]["limit"]) == ("Basic", "stop", 3)
    tokens, month = mine["tokens_per_day"], mine["money_per_month"]
    assert (tokens["limit"], tokens["used"], tokens["under_way"], tokens["left"]) == (1000, 300, 50, 650)
    assert (month["used"], month["left"]) == ("0.100000000", "0.399000000")
    assert tokens["resets_at"] <= month["resets_at"]
    assert (his["tokens_per_day"]["left"], his["money_per_month"]["left"]) == (1000, "0.500000000")


def test_nothing_is_left_beyond_the_limit(alice):
    PersonPlan.objects.create(user=alice, plan=Plan.objects.create(name="Basic", tokens_per_day=100))
    Spending.objects.create(user=alice, day=today(), answers=1, tokens=300, money_nano=0)
    assert client_of(alice).get(f"{URL}plan/").json()["tokens_per_day"]["left"] == 0
