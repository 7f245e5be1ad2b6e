"""What documents, versions and flights know of themselves."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import IntegrityError

from knowledge.documents.publish import save_draft, withdraw_document
from knowledge.models import Airport, Document, Flight, Version
from tests.knowledge.conftest import Publish
from tests.knowledge.flights import a_flight

NOV, DEC, JAN = date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)


@pytest.mark.parametrize(
    ("newer", "older", "shadows"),
    [
        ((None, None), (None, None), True),
        ((None, None), (NOV, DEC), True),
        ((NOV, None), (NOV, None), True),
        ((DEC, None), (NOV, None), False),
        ((NOV, None), (None, None), False),
        ((None, DEC), (None, None), False),
        ((NOV, JAN), (NOV, DEC), True),
        ((NOV, DEC), (NOV, JAN), False),
    ],
)
def test_version_shadows_what_it_covers(newer: tuple, older: tuple, shadows: bool) -> None:
    first = Version(number=1, effective_from=older[0], effective_until=older[1])
    second = Version(number=2, effective_from=newer[0], effective_until=newer[1])
    assert second.shadows(first) is shadows
    assert not first.shadows(second)


@pytest.mark.parametrize(
    ("on", "covers"), [(date(2026, 10, 31), False), (NOV, True), (DEC, True), (date(2026, 12, 2), False)]
)
def test_version_covers_its_first_and_last_day(on: date, covers: bool) -> None:
    assert Version(effective_from=NOV, effective_until=DEC).covers(on) is covers


@pytest.mark.django_db
def test_document_says_how_it_stands(publish: Publish) -> None:
    document = Document.objects.create(slug="pets", title="Pets")
    assert document.state() == "empty"
    save_draft(document, "Dogs.")
    assert document.state() == "draft"
    publish("pets", "Dogs fly.", effective_from=NOV, effective_until=DEC)
    assert [document.state(on) for on in (date(2026, 10, 1), NOV, JAN)] == [
        "scheduled",
        "published",
        "expired",
    ]
    withdraw_document(document)
    assert document.state() == "withdrawn"


def test_one_version_of_each_document_is_in_force(publish: Publish) -> None:
    publish("pets", "Dogs fly.")
    newer = publish("pets", "Dogs run.", effective_from=NOV)
    bags = publish("bags", "Bags fly.")
    assert set(Version.objects.in_force(NOV)) == {newer, bags}
    assert set(Document.objects.published(NOV)) == {newer.document, bags.document}


def test_readers_see_their_documents(publish: Publish) -> None:
    public, staff = (
        publish("pets", "Dogs.").document,
        publish("goodwill", "Vouchers.", audience="staff").document,
    )
    assert set(Document.objects.readable_by("staff")) == {public, staff}
    assert set(Document.objects.readable_by("public")) == set(Document.objects.readable_by("?")) == {public}


def test_version_cannot_end_before_it_begins(publish: Publish) -> None:
    document = publish("pets", "Dogs.").document
    with pytest.raises(IntegrityError):
        Version.objects.create(document=document, number=9, text="x", effective_from=DEC, effective_until=NOV)


@pytest.mark.usefixtures("airports")
def test_flight_knows_its_delay() -> None:
    assert a_flight(delay_minutes=95).delay_minutes == 95
    early = a_flight(
        "LW215", actual_departure=datetime(2026, 11, 21, 7, 30, tzinfo=ZoneInfo("Europe/Lisbon"))
    )
    assert early.delay_minutes == 0


@pytest.mark.usefixtures("airports")
def test_known_delay_moves_the_arrival() -> None:
    late = a_flight(delay_minutes=60, estimated_arrival=None)
    assert late.arrival - late.scheduled_arrival == timedelta(minutes=60)


@pytest.mark.usefixtures("airports")
def test_number_and_date_name_one_flight(flight: Flight) -> None:
    with pytest.raises(IntegrityError):
        a_flight()


def test_city_has_a_spanish_name(airports: dict[str, Airport]) -> None:
    assert [airports["LIS"].city_in(language) for language in ("en", "es")] == ["Lisbon", "Lisboa"]
    assert airports["MAD"].city_in("es") == "Madrid"


@pytest.mark.django_db(transaction=True)
def test_migrations_go_back_and_forth() -> None:
    call_command("migrate", "knowledge", "0001_documents", verbosity=0)
    call_command("migrate", verbosity=0)  # what depends on it went back with it
    assert not Flight.objects.exists()
