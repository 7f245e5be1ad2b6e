"""The staff edge, driven as Carol would; Alice is refused everywhere."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from knowledge.documents.publish import publish_version, save_draft
from knowledge.models import Booking, Document, Flight, Version
from knowledge.search import Query, search
from tests.knowledge.conftest import Publish

LIST = "/admin/knowledge/document/"
TEXT = "# Pets\n\nDogs fly for 50 euros.\n"


@pytest.fixture
def staff(client: Client, carol: User) -> Client:
    client.force_login(carol)
    return client


def form(**values: Any) -> dict[str, Any]:
    """A filled-in document form."""
    filled = {"title": "Pets", "slug": "pets", "category": "pets", "audience": "public", "language": "en"}
    inline = {"versions-TOTAL_FORMS": 0, "versions-INITIAL_FORMS": 0}
    return filled | inline | {"text": TEXT, "note": "", "effective_from": "", "effective_until": ""} | values


def change_url(document: Document) -> str:
    return reverse("admin:knowledge_document_change", args=[document.pk])


def seen(client: Client, document: Document) -> str:
    """What the form of the document, opened now, says it has seen."""
    return client.get(change_url(document)).context["adminform"].form.initial["seen"]


def messages(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def found(question: str) -> list[str]:
    return [hit.text for hit in search(Query(question)).hits]


def test_new_document_waits_as_draft(staff: Client) -> None:
    response = staff.post(f"{LIST}add/", form(note="first"), follow=True)
    assert "Version 1 is kept as a draft." in messages(response)
    version = Version.objects.get()
    assert (version.text, version.note, version.author.username) == (TEXT, "first", "carol")
    assert found("dogs") == []


def test_save_and_publish_in_one_step(staff: Client) -> None:
    response = staff.post(f"{LIST}add/", form(_publish="1"), follow=True)
    assert "“Pets” version 1 is published. From today version 1 holds." in messages(response)
    assert found("dogs") == ["Dogs fly for 50 euros."]


def test_changed_text_is_published_as_next_version(staff: Client, publish: Publish) -> None:
    document = publish("pets", TEXT).document
    changed = form(text=TEXT.replace("50", "60"), note="Dearer", _publish="1", seen=seen(staff, document))
    staff.post(change_url(document), changed)
    assert found("dogs") == ["Dogs fly for 60 euros."]
    assert document.versions.first().note == "Dearer"


def test_unchanged_text_makes_no_version(staff: Client, publish: Publish) -> None:
    document = publish("pets", TEXT).document
    changed = form(text=TEXT.replace("\n", "\r\n"), title="Animals", seen=seen(staff, document))
    staff.post(change_url(document), changed)
    assert document.versions.count() == 1
    assert search(Query("animals")).hits[0].title == "Animals"


def test_changed_dates_are_a_new_version(staff: Client, publish: Publish) -> None:
    document = publish("pets", TEXT).document
    changed = form(effective_from="2999-01-01", _publish="1", seen=seen(staff, document))
    response = staff.post(change_url(document), changed, follow=True)
    assert messages(response)[0] == (
        "“Pets” version 2 is scheduled. From 1 January 2999 version 2 holds in place of version 1."
    )
    assert found("dogs") == ["Dogs fly for 50 euros."]
    assert document.versions.first().effective_from.year == 2999


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"text": "# Headings\n\n## Alone"}, "There is no text in it."),
        ({"text": "<!-- hidden -->"}, "There is no text in it."),
        ({"effective_from": "2026-02-01", "effective_until": "2026-01-01"}, "It would end before it begins."),
        ({"slug": ""}, "This field is required."),
    ],
)
def test_bad_document_is_sent_back(staff: Client, values: dict[str, str], words: str) -> None:
    response = staff.post(f"{LIST}add/", form(**values))
    assert words in response.content.decode()
    assert not Document.objects.exists()


def test_list_shows_how_documents_stand(staff: Client, publish: Publish) -> None:
    publish("pets", TEXT)
    staff.post(f"{LIST}add/", form(title="Bags", slug="bags"))
    html = staff.get(LIST).content.decode()
    assert '<td class="field-state_today">published</td>' in html
    assert '<td class="field-state_today">draft</td>' in html
    assert '<td class="field-passages_in_search">1</td>' in html


@pytest.mark.parametrize(("state", "shown"), [("published", "Pets"), ("waiting", "Bags"), ("out", "Bags")])
def test_list_is_narrowed_by_state(staff: Client, publish: Publish, state: str, shown: str) -> None:
    publish("pets", TEXT)
    staff.post(f"{LIST}add/", form(title="Bags", slug="bags"))
    response = staff.get(LIST, {"state": state})
    assert [document.title for document in response.context["cl"].result_list] == [shown]


def test_list_costs_a_fixed_number_of_queries(
    staff: Client, publish: Publish, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        publish(f"policy-{number}", TEXT)
    with django_assert_max_num_queries(10):
        staff.get(LIST)


def test_actions_withdraw_and_publish_again(staff: Client, publish: Publish) -> None:
    document = publish("pets", TEXT).document
    chosen = {"_selected_action": [str(document.pk)]}
    asked = staff.post(LIST, chosen | {"action": "withdraw"}).content.decode()
    assert "From today no text holds: customers find nothing of this document." in asked
    assert found("dogs") == ["Dogs fly for 50 euros."]
    response = staff.post(LIST, chosen | {"action": "withdraw", "post": "yes"}, follow=True)
    assert messages(response)[0].startswith("“Pets” is withdrawn. From today no text holds")
    assert found("dogs") == []
    assert "From today version 1 holds." in staff.post(LIST, chosen | {"action": "publish"}).content.decode()
    staff.post(LIST, chosen | {"action": "publish", "post": "yes"})
    assert found("dogs") == ["Dogs fly for 50 euros."]


@pytest.mark.parametrize(
    ("action", "words"), [("publish", "is published already"), ("withdraw", "no published version")]
)
def test_action_that_does_not_fit_says_why(staff: Client, publish: Publish, action: str, words: str) -> None:
    document = publish("pets", TEXT).document
    chosen = {"_selected_action": [str(document.pk)]}
    if action == "withdraw":
        staff.post(LIST, chosen | {"action": action, "post": "yes"})
    assert words in staff.post(LIST, chosen | {"action": action}).content.decode()
    response = staff.post(LIST, chosen | {"action": action, "post": "yes"}, follow=True)
    assert words in messages(response)[-1]


def test_form_tells_what_publishing_replaces(staff: Client, publish: Publish) -> None:
    document = publish("pets", TEXT).document
    html = staff.get(change_url(document)).content.decode()
    assert "In force today: version 1." in html
    assert reverse("admin:knowledge_document_versions", args=[document.pk]) in html
    assert reverse("admin:knowledge_document_passages", args=[document.pk, 1]) in html


def test_second_of_two_editors_is_told_and_keeps_the_input(staff: Client, publish: Publish) -> None:
    document = publish("pets", TEXT).document
    opened = seen(staff, document)
    staff.post(change_url(document), form(text=TEXT.replace("50", "60"), seen=opened))
    late = form(text=TEXT.replace("50", "70"), title="Animals", seen=opened, _publish="1")
    response = staff.post(change_url(document), late)
    html = response.content.decode()
    assert "was changed while you were editing" in html and "Dogs fly for 70 euros." in html
    assert "<del>60</del><ins>70</ins>" in html and "<del>Pets</del>" in html
    assert document.latest_version().text == TEXT.replace("50", "60")
    document.refresh_from_db()
    assert document.title == "Pets" and found("dogs") == ["Dogs fly for 50 euros."]
    again = form(**{**late, "seen": response.context["adminform"].form["seen"].value()})
    staff.post(change_url(document), again)
    assert found("animals") == ["Dogs fly for 70 euros."]


@pytest.mark.parametrize("mark", ["", "f" * 64])
def test_form_that_saw_nothing_overwrites_nothing(staff: Client, publish: Publish, mark: str) -> None:
    document = publish("pets", TEXT).document
    response = staff.post(change_url(document), form(text="Nothing.", seen=mark))
    assert response.status_code == 200 and document.versions.count() == 1


def test_same_input_sent_twice_is_no_conflict(staff: Client, publish: Publish) -> None:
    document = publish("pets", TEXT).document
    sent = form(text=TEXT.replace("50", "60"), seen=seen(staff, document))
    assert [staff.post(change_url(document), sent).status_code for _ in range(2)] == [302, 302]
    assert document.versions.count() == 2


def test_publication_meanwhile_is_a_conflict_too(staff: Client, publish: Publish) -> None:
    document = publish("pets", TEXT).document
    draft = save_draft(document, "Draft words.")
    opened = seen(staff, document)
    publish_version(draft)
    response = staff.post(change_url(document), form(text="Other words.", seen=opened))
    assert "version 2, published" in response.content.decode() and document.versions.count() == 2


def test_edited_text_keeps_its_pages(staff: Client, publish: Publish) -> None:
    document = publish("pets", TEXT).document
    text = "First page.\n\nSecond page.\n"
    save_draft(document, text, file_name="pets.pdf", page_starts=[0, 13])
    staff.post(change_url(document), form(text="Begin.\n\n" + text, seen=seen(staff, document), _publish="1"))
    latest = document.latest_version()
    assert (latest.file_name, latest.page_starts) == ("", [0, 21])


def test_new_dates_alone_keep_file_and_pages(staff: Client, publish: Publish) -> None:
    document = publish("pets", TEXT).document
    Version.objects.update(file_name="pets.pdf", page_starts=[0])
    staff.post(change_url(document), form(effective_from="2999-01-01", seen=seen(staff, document)))
    latest = document.latest_version()
    assert (latest.number, latest.file_name, latest.page_starts) == (2, "pets.pdf", [0])


def test_deleted_document_is_gone_from_search(staff: Client, publish: Publish) -> None:
    document = publish("pets", TEXT).document
    url = reverse("admin:knowledge_document_delete", args=[document.pk])
    asked = staff.get(url).content.decode()
    assert "“Pets”: 1 version<" in asked and "keep the words they quoted" in asked
    staff.post(url, {"post": "yes"})
    assert not Document.objects.exists() and found("dogs") == []


def test_chosen_documents_are_deleted_with_their_index(staff: Client, publish: Publish) -> None:
    document = publish("pets", TEXT).document
    staff.post(LIST, {"action": "delete_selected", "_selected_action": [str(document.pk)], "post": "yes"})
    assert not Document.objects.exists() and found("dogs") == []


def test_flight_status_is_edited_in_the_list(staff: Client, flight: Flight) -> None:
    row = {
        "form-0-id": flight.pk,
        "form-0-status": "cancelled",
        "form-0-gate": "C3",
        "form-0-delay_reason": "strike",
    }
    management = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "_save": "Save"}
    staff.post("/admin/knowledge/flight/", row | management)
    flight.refresh_from_db()
    assert (flight.status, flight.gate, flight.delay_reason) == ("cancelled", "C3", "strike")


@pytest.mark.parametrize("query", [{"q": "LW214"}, {"q": "Madrid"}, {"status__exact": "delayed"}])
def test_flights_are_found(staff: Client, flight: Flight, query: dict[str, str]) -> None:
    html = staff.get("/admin/knowledge/flight/", query).content.decode()
    assert "LW214" in html and "07:35" in html and "60 min" in html


@pytest.mark.parametrize("query", [{"q": "K7PQ2M"}, {"q": "alice"}, {"q": "Moreno"}])
def test_bookings_are_found(staff: Client, booking: Booking, query: dict[str, str]) -> None:
    assert "K7PQ2M" in staff.get("/admin/knowledge/booking/", query).content.decode()


def test_booking_shows_flights_and_people(staff: Client, booking: Booking) -> None:
    html = staff.get(reverse("admin:knowledge_booking_change", args=[booking.pk])).content.decode()
    assert 'value="LW214"' in html and 'value="Moreno"' in html


@pytest.mark.parametrize("page", ["document/", "document/add/", "flight/", "booking/", "airport/"])
def test_customer_is_refused(client: Client, alice: User, page: str) -> None:
    client.force_login(alice)
    assert client.get(f"/admin/knowledge/{page}").status_code == 302


def test_staff_without_permission_is_refused(client: Client, bob: User) -> None:
    bob.is_staff = True
    bob.save()
    client.force_login(bob)
    assert client.get(LIST).status_code == 403


@pytest.mark.parametrize("page", ["document/", "document/add/", "flight/", "booking/"])
def test_pages_have_nothing_inline(staff: Client, flight: Flight, booking: Booking, page: str) -> None:
    html = staff.get(f"/admin/knowledge/{page}").content.decode()
    assert "onclick" not in html and "<style" not in html and "javascript:" not in html
