"""Rates, sources and waits of the last minutes, exact."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Price
from chat import conversations
from chat.models import Message, Turn
from chatsite import recent_answers as recent
from chatsite.stats_page import shown

NOW = timezone.now


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [([], 50, None), ([7], 99, 7), ([1, 2, 3, 4], 50, 2), ([1, 2, 3, 4], 95, 4), (range(1, 101), 99, 99)],
)
def test_percentile_is_the_nearest_rank(values, percent, expected):
    assert recent.percentile(list(values), percent) == expected


@given(st.lists(st.integers(0, 10_000), min_size=1), st.integers(1, 100))
def test_percentile_is_the_smallest_value_that_enough_are_within(values, percent):
    found = recent.percentile(sorted(values), percent)
    within = [sum(value <= bound for value in values) * 100 >= percent * len(values) for bound in values]
    assert found == min(value for value, enough in zip(values, within, strict=True) if enough)


@pytest.fixture
def add(alice):
    """Add turns that ended."""
    conversation = conversations.open_conversation(alice)
    number = 0

    def make(*, ago: float = 30, asked_before: float = 1, **fields: object) -> Turn:
        nonlocal number
        number += 1
        ended = NOW() - timedelta(seconds=ago)
        asked = ended - timedelta(seconds=asked_before)
        question = Message.objects.create(
            conversation=conversation, position=number, role="user", text="?", created_at=asked,
            client_id=uuid.uuid4(),
        )  # fmt: skip
        known = {"status": "completed", "source": "model", "provider": "openai", "model": "m"}
        return Turn.objects.create(
            conversation=conversation, position=number, question=question, created_at=asked,
            deadline_at=ended, **{"finished_at": ended, **known, **fields},
        )  # fmt: skip

    return make


def test_rates_sources_and_waits(add):
    for ms in (100, 200, 900):
        add(first_token_ms=ms, total_ms=ms * 10, prompt_tokens=400, completion_tokens=100)
    add(source="cache")
    add(source="cache", stage_ms={"follow": 12})
    add(status="failed", source="")
    add(ago=recent.WINDOW_SECONDS + 60)
    add(status="running", finished_at=None, source="")
    told = recent.recent_answers()
    assert told["answers"] == 5
    assert told["failed"] == 1
    assert told["sources"] == {"model": 3, "cache": 1, "shared": 1, "quoted": 0, "fixed": 0}
    assert told["first_token_ms"] == {"p50": 200, "p95": 900, "p99": 900}
    assert told["total_ms"]["p50"] == 2_000
    assert told["answers_per_minute"] == 0.5
    assert told["tokens_per_minute"] == 150
    assert shown_share(told, "model") == "60 %"


def shown_share(told, name):
    empty = dict.fromkeys(("answer_cache", "safety", "tone", "personal_data"))
    figures = {"recent": told, "turns": {}, "ratings": {}, "sockets": 0, "conversations": [], "processes": {}}
    return shown({**figures, **empty})["texts"][f"recent.share.{name}"]


def test_turn_that_took_its_whole_deadline_is_counted(add, settings):
    add(ago=recent.WINDOW_SECONDS - 5, asked_before=settings.TURN_DEADLINE_SECONDS - 1)
    assert recent.recent_answers()["answers"] == 1


def test_money_is_that_of_the_prices(add, settings):
    day = timezone.localdate() - timedelta(days=1)  # so that midnight may come meanwhile
    Price.objects.create(
        provider="openai", model="m", valid_from=day, currency=settings.CURRENCY,
        input_per_million=10, output_per_million=20,
    )  # fmt: skip
    add(prompt_tokens=1_000_000, completion_tokens=500_000)
    add(provider="extractive", model="", source="quoted", prompt_tokens=1_000_000)
    minutes = recent.WINDOW_SECONDS / 60
    assert recent.recent_answers()["money_per_hour"] == pytest.approx(20 / minutes * 60)


def test_window_that_holds_too_much_is_shorter_and_says_so(add, monkeypatch):
    monkeypatch.setattr(recent, "MOST_TURNS", 3)
    for ago in (300, 200, 100, 60):
        add(ago=ago)
    told = recent.recent_answers()
    assert told["answers"] == 3
    assert 199 <= told["seconds"] <= 205
    assert told["answers_per_minute"] == pytest.approx(0.9, abs=0.05)


def test_steps_cover_the_window_and_only_what_is_over(add):
    add(ago=recent.STEP_SECONDS * 3, first_token_ms=70)
    now = add(ago=0).finished_at
    steps = recent._figures(now)["steps"]
    assert len(steps) == recent.WINDOW_SECONDS // recent.STEP_SECONDS
    assert steps[-1]["at"] <= now.timestamp()
    assert [step["first_token_p50"] for step in steps if step["answers"]] == [70]


def test_figures_are_kept_a_moment_unless_the_cache_is_away(add):
    assert recent.recent_answers()["answers"] == 0
    add()
    assert recent.recent_answers()["answers"] == 0
    assert recent.recent_answers(may_be_kept=False)["answers"] == 1


def test_query_goes_by_an_index(add, django_assert_num_queries):
    with django_assert_num_queries(1):
        recent.recent_answers(may_be_kept=False)
    if connection.vendor == "sqlite":  # with a few rows PostgreSQL would rightly read the table
        since = NOW() - timedelta(seconds=600)
        plan = (
            Turn.objects.filter(created_at__gte=since, finished_at__gt=since)
            .order_by("-created_at")
            .explain()
        )
        assert "turn_newest" in plan
