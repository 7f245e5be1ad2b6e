"""The sample airline, today and on another day."""

from datetime import UTC, date, datetime

import pytest
from django.core.management import call_command

from accounts.models import User
from knowledge import sample_company
from knowledge.documents.publish import publish_version, save_draft
from knowledge.models import Booking, Document, Flight, Segment, Version
from knowledge.records import find_bookings
from knowledge.search import Query, search

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
NEXT_DAY = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def sample(db: None) -> None:
    sample_company.load(NOW)


@pytest.mark.usefixtures("sample")
def test_policies_are_found_in_both_languages() -> None:
    assert search(Query("How much does an overweight bag cost?", on=NOW.date())).score > 3
    spanish = search(Query("¿Cuánto puede pesar mi maleta facturada?", language="es", on=NOW.date()))
    assert spanish.hits[0].language == "es"


@pytest.mark.usefixtures("sample")
def test_staff_policies_stay_with_staff() -> None:
    assert Document.objects.filter(audience="staff").count() == 2
    found = search(Query("goodwill voucher guidelines", limit=50, on=NOW.date())).hits
    assert not any(Document.objects.get(slug=hit.slug).audience == "staff" for hit in found)


@pytest.mark.usefixtures("sample")
def test_people_can_sign_in(client: object) -> None:
    assert client.login(username="alice", password="larkwing-demo")
    assert User.objects.get(username="carol").is_staff
    assert not User.objects.get(username="bob").is_staff


@pytest.mark.usefixtures("sample")
def test_flights_lie_around_today() -> None:
    dates = set(Flight.objects.values_list("date", flat=True))
    assert (min(dates), max(dates)) == (date(2026, 11, 19), date(2026, 12, 5))


@pytest.mark.usefixtures("sample")
def test_flight_states_fit_the_hour() -> None:
    for flight in Flight.objects.filter(date__lt=NOW.date()):
        assert flight.status in ("landed", "cancelled") or flight.arrival > NOW
    assert not Flight.objects.filter(status="boarding", scheduled_departure__lt=NOW).exists()
    assert not Flight.objects.filter(status__in=["landed", "departed"], scheduled_departure__gt=NOW).exists()


@pytest.mark.usefixtures("sample")
def test_alice_has_a_delayed_flight_soon() -> None:
    facts = find_bookings(User.objects.get(username="alice").pk)
    flights = [flight for fact in facts for flight in fact.data["flights"]]
    late = [flight for flight in flights if flight["status"] == "delayed"]
    assert late and late[0]["delay_minutes"] > 0 and late[0]["date"] in ("2026-11-21", "2026-11-22")
    assert all(flight["status"] for flight in flights)


@pytest.mark.usefixtures("sample")
def test_another_day_moves_and_doubles_nothing() -> None:
    before = [model.objects.count() for model in (User, Booking, Segment, Document, Version)]
    segment = Segment.objects.order_by("pk").first()
    sample_company.load(NEXT_DAY)
    assert [model.objects.count() for model in (User, Booking, Segment, Document, Version)] == before
    moved = Segment.objects.get(booking=segment.booking, position=segment.position)
    assert (moved.date - segment.date).days == 1 and moved.flight.date == moved.date
    assert Flight.objects.order_by("date").first().date == date(2026, 11, 20)


@pytest.mark.usefixtures("sample")
def test_edited_policy_is_left_alone() -> None:
    document = Document.objects.get(slug="checked-baggage")
    publish_version(save_draft(document, "Bags are free.", note="New rule"))
    sample_company.load(NEXT_DAY)
    assert document.version_in_force().text == "Bags are free.\n"


@pytest.mark.usefixtures("sample")
def test_passwords_and_staff_rights_are_left_alone() -> None:
    alice = User.objects.get(username="alice")
    alice.set_password("my own")
    alice.save()
    sample_company.load(NEXT_DAY)
    assert User.objects.get(username="alice").check_password("my own")


@pytest.mark.usefixtures("sample")
def test_is_loaded_for_its_day_only() -> None:
    assert sample_company.is_loaded(NOW)
    assert not sample_company.is_loaded(NEXT_DAY)


def test_command_loads_only_when_needed(
    capsys: pytest.CaptureFixture[str], django_assert_num_queries: object
) -> None:
    call_command("load_sample", "--if-needed")
    assert capsys.readouterr().out == "Sample airline loaded: 41 policies published, 0 unchanged.\n"
    with django_assert_num_queries(1):
        call_command("load_sample", "--if-needed")
    assert capsys.readouterr().out == ""
