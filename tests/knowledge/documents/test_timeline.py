"""Which version holds on which days, and what a step changes about that."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from knowledge.documents.publish import publish_version, save_draft, withdraw_version
from knowledge.documents.timeline import Change, after_publishing, after_withdrawing, changes, in_words
from knowledge.models import Document, Version
from knowledge.search import Query, search
from tests.knowledge.conftest import Publish

TODAY = date(2026, 11, 21)
DEC1, DEC31, JAN1 = date(2026, 12, 1), date(2026, 12, 31), date(2027, 1, 1)
NOON = datetime(2026, 11, 21, 12, tzinfo=ZoneInfo("UTC"))


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Noon in Greenwich on 21 November 2026."""
    monkeypatch.setattr(timezone, "now", lambda: NOON)


def version(number: int, first: date | None = None, last: date | None = None) -> Version:
    return Version(number=number, effective_from=first, effective_until=last)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([], [version(1)], [Change(TODAY, None, None, 1)]),
        ([version(1)], [version(1), version(2)], [Change(TODAY, None, 1, 2)]),
        ([version(1)], [version(1), version(2, DEC1)], [Change(DEC1, None, 1, 2)]),
        ([version(1)], [version(1), version(2, DEC1, DEC31)], [Change(DEC1, DEC31, 1, 2)]),
        ([version(1), version(2, DEC1)], [version(1)], [Change(DEC1, None, 2, 1)]),
        ([version(1, None, DEC31)], [], [Change(TODAY, DEC31, 1, None)]),
        ([version(2)], [version(2), version(1)], []),
        ([version(1)], [version(1), version(2, date(2020, 1, 1), date(2020, 2, 1))], []),
        (
            [version(1), version(3, DEC1, DEC31)],
            [version(1), version(2), version(3, DEC1, DEC31)],
            [Change(TODAY, date(2026, 11, 30), 1, 2), Change(JAN1, None, 1, 2)],
        ),
        ([], [version(1, DEC1, date.max)], [Change(DEC1, None, None, 1)]),
    ],
)
def test_only_what_differs_from_today_on_is_told(
    before: list[Version], after: list[Version], expected: list[Change]
) -> None:
    assert changes(before, after, TODAY) == expected


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (Change(TODAY, None, None, 1), "From today version 1 holds."),
        (
            Change(DEC1, DEC31, 1, 2),
            "From 1 December 2026 until 31 December 2026 version 2 holds in place of version 1.",
        ),
        (Change(DEC1, DEC1, 1, 2), "On 1 December 2026 version 2 holds in place of version 1."),
        (
            Change(TODAY, DEC31, 1, None),
            "From today until 31 December 2026 no text holds: customers find nothing of this document.",
        ),
    ],
)
def test_change_is_told_in_words(change: Change, words: str) -> None:
    assert in_words(change, TODAY) == words


@pytest.mark.usefixtures("noon")
def test_what_is_foreseen_comes_true(publish: Publish) -> None:
    publish("pets", "Dogs fly for 50 euros.")
    document = Document.objects.get()
    coming = save_draft(document, "Dogs fly free.", effective_from=DEC1, effective_until=DEC31)
    foreseen = after_publishing(coming)
    coming = publish("pets", "Dogs fly free.", effective_from=DEC1, effective_until=DEC31)
    for change in foreseen:
        assert document.version_in_force(change.first).number == change.after
        assert document.version_in_force(change.last).number == change.after
    assert after_withdrawing([coming]) == [Change(DEC1, DEC31, 2, 1)]


@pytest.mark.parametrize(
    ("zone", "hour", "number"),
    [("UTC", 23, 1), ("Asia/Tokyo", 23, 2), ("UTC", 1, 1), ("America/Los_Angeles", 1, 0)],
)
def test_day_begins_at_midnight_where_the_company_is(
    publish: Publish, settings: object, monkeypatch: pytest.MonkeyPatch, zone: str, hour: int, number: int
) -> None:
    publish("pets", "Dogs fly for 1 euro.", effective_from=TODAY)
    publish("pets", "Dogs fly for 2 euros.", effective_from=date(2026, 11, 22))
    settings.TIME_ZONE = zone
    monkeypatch.setattr(timezone, "now", lambda: NOON.replace(hour=hour))
    hits = search(Query("dogs")).hits
    assert [hit.version_number for hit in hits] == ([number] if number else [])


@pytest.mark.parametrize(("on", "number"), [(DEC1, 2), (date(2026, 11, 30), 1), (date(2026, 12, 2), 1)])
def test_text_for_one_day_holds_on_that_day(publish: Publish, on: date, number: int) -> None:
    publish("pets", "Dogs fly for 50 euros.")
    publish("pets", "Dogs fly free.", effective_from=DEC1, effective_until=DEC1)
    assert Document.objects.get().version_in_force(on).number == number
    assert [hit.version_number for hit in search(Query("dogs", on=on)).hits] == [number]


@pytest.mark.usefixtures("noon")
def test_older_text_holds_again_when_the_newer_expires_tomorrow(publish: Publish) -> None:
    publish("pets", "Dogs fly for 50 euros.")
    document = publish("pets", "Dogs fly free.", effective_until=TODAY).document
    days = (TODAY, date(2026, 11, 22))
    assert [document.version_in_force(day).number for day in days] == [2, 1]
    assert [search(Query("dogs", on=day)).hits[0].version_number for day in days] == [2, 1]
    assert document.state() == document.state(days[1]) == "published"


@pytest.mark.parametrize(
    ("on", "number"),
    [(TODAY, 1), (DEC1, 2), (date(2026, 12, 20), 3), (DEC31, 3), (JAN1, 3), (date(2027, 3, 1), 1)],
)
def test_of_overlapping_texts_the_newest_holds(publish: Publish, on: date, number: int) -> None:
    publish("pets", "Dogs fly for 1 euro.")
    publish("pets", "Dogs fly for 2 euros.", effective_from=DEC1, effective_until=DEC31)
    publish(
        "pets", "Dogs fly for 3 euros.", effective_from=date(2026, 12, 20), effective_until=date(2027, 1, 31)
    )
    assert [hit.version_number for hit in search(Query("dogs", on=on)).hits] == [number]


def test_older_version_published_again_stays_behind_the_newer(publish: Publish) -> None:
    older = publish("pets", "Dogs fly for 1 euro.")
    withdraw_version(older)
    publish("pets", "Dogs fly for 2 euros.", effective_from=DEC1)
    publish_version(older)
    assert [search(Query("dogs", on=day)).hits[0].version_number for day in (TODAY, DEC1)] == [1, 2]


@pytest.mark.parametrize("state", ["empty", "draft", "published", "scheduled", "expired", "withdrawn"])
def test_list_and_document_agree_on_the_state(publish: Publish, state: str) -> None:
    document = Document.objects.create(slug="pets", title="Pets")
    dates = {
        "scheduled": {"effective_from": date(2999, 1, 1)},
        "expired": {"effective_until": date(2020, 1, 1)},
    }
    if state == "draft":
        save_draft(document, "Dogs fly.")
    elif state != "empty":
        made = publish("pets", "Dogs fly.", **dates.get(state, {}))
        if state == "withdrawn":
            withdraw_version(made)
    assert Document.objects.with_state().get().stands == document.state() == state
