"""Days, months and where a person stands in them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts.spending import days
from accounts.spending.ledger import settle
from accounts.spending.standing import resets_at, standing_of
from tests.accounts.spending.conftest import DAY, charge, limited


@pytest.fixture
def madrid(settings):
    settings.TIME_ZONE = "Europe/Madrid"


@pytest.mark.usefixtures("madrid")
@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 11, 20, 22, 59, tzinfo=UTC), date(2026, 11, 20)),
        (datetime(2026, 11, 20, 23, 0, tzinfo=UTC), date(2026, 11, 21)),
        (datetime(2026, 7, 20, 22, 0, tzinfo=UTC), date(2026, 7, 21)),
    ],
)
def test_the_day_is_the_desks(monkeypatch, instant, day):
    monkeypatch.setattr(timezone, "now", lambda: instant)
    assert days.today() == day


@pytest.mark.usefixtures("madrid")
def test_a_persons_time_zone_changes_nothing(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 11, 20, 23, 30, tzinfo=UTC))
    with timezone.override(ZoneInfo("America/Lima")):
        assert days.today() == date(2026, 11, 21)


@pytest.mark.usefixtures("madrid")
def test_resets_are_at_the_desks_midnight():
    assert resets_at("day", date(2026, 10, 24)).isoformat() == "2026-10-25T00:00:00+02:00"
    assert resets_at("month", date(2026, 10, 31)).isoformat() == "2026-11-01T00:00:00+01:00"
    assert resets_at("month", date(2026, 12, 31)).date() == date(2027, 1, 1)


def test_standing_sums_the_day_and_the_month(alice, bob, django_assert_num_queries):
    for user, day in ((alice, DAY), (alice, date(2026, 11, 1)), (alice, date(2026, 10, 31)), (bob, DAY)):
        settle(charge(user, tokens=10, nano=5, day=day), may_be_reserved=False)
    with django_assert_num_queries(1):
        standing = standing_of(alice.pk, DAY, limited(tokens_per_day=20, money_per_month=11))
    assert (standing.day.tokens, standing.month.tokens, standing.month.money_nano) == (10, 20, 10)
    assert standing.shares == {"day": 0.5, "month": 10 / 11}
    assert standing.tightest == "month"


def test_nobody_has_used_anything_yet(alice):
    standing = standing_of(alice.pk, DAY)
    assert (standing.day.answers, standing.month.money_nano, standing.shares["day"]) == (0, 0, 0.0)


def test_a_limit_of_nothing_is_used_up(alice):
    assert standing_of(alice.pk, DAY, limited(tokens_per_day=0)).shares["day"] == 1.0
