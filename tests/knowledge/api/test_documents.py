"""Documents over REST: list, create from a text or a file, change, withdraw, delete."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.test import Client
from django.utils import timezone

from knowledge.api import versions
from knowledge.documents.publish import delete_document, save_draft, withdraw_document
from knowledge.models import Document, Passage, Version
from knowledge.search import Query, search

URL = "/api/v1/documents/"
PETS = "# Pets\n\nSmall dogs may travel in the cabin for EUR 55.\n"
FILE = b"""---
title: Large pets
category: special
audience: staff
language: es
effective_from: 2026-01-01
---
# Animales

Los perros grandes viajan en la bodega.
"""


def create(client, **body):
    return client.post(URL, {"title": "Pets", "text": PETS} | body, format="json")


def upload(client, content=FILE, name="policies.md", **fields):
    file = BytesIO(content)
    file.name = name
    return client.post(URL, {"file": file} | fields, format="multipart")


def listed(client, **wanted):
    return [found["slug"] for found in client.get(URL, wanted).json()["results"]]


def problem(answer):
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["title"]
    return answer.status_code, answer.json()["code"]


def test_text_becomes_a_draft(carols, carol):
    answer = create(carols, note="First text")
    document, version = answer.json()["document"], answer.json()["version"]
    assert (answer.status_code, answer["Location"]) == (201, "/api/v1/documents/pets/")
    assert (document["slug"], document["state"], document["draft"]) == ("pets", "draft", 1)
    assert (version["number"], version["status"], version["author"]) == (1, "draft", "carol")
    assert search(Query("dogs in the cabin")).hits == ()


def test_text_is_published_in_the_same_step(carols):
    document = create(carols, publish=True, category="special", audience="staff").json()["document"]
    assert (document["state"], document["version_in_force"], document["passages_in_search"]) == (
        "published", 1, 1,
    )  # fmt: skip
    assert (document["category"], document["audience"], document["language"]) == ("special", "staff", "en")


def test_file_brings_its_details(carols):
    document = upload(carols, publish="true").json()["document"]
    assert (document["slug"], document["title"], document["category"]) == (
        "policies",
        "Large pets",
        "special",
    )
    assert (document["audience"], document["language"], document["state"]) == ("staff", "es", "published")
    version = Version.objects.get()
    assert (version.effective_from, version.file_name) == (date(2026, 1, 1), "policies.md")


def test_sent_details_win_over_the_files(carols):
    document = upload(carols, slug="dogs", title="Dogs", audience="public", effective_from="").json()
    assert (document["document"]["slug"], document["document"]["audience"]) == ("dogs", "public")
    assert document["document"]["title"] == "Dogs"
    assert document["version"]["effective_from"] is None


def test_same_slug_again_makes_nothing(carols):
    create(carols)
    assert problem(create(carols, text="Other.")) == (409, "taken")
    assert Document.objects.count() == Version.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"text": ""}, 422, "empty"),
        ({"text": "# Only a heading\n", "publish": True}, 422, "empty"),
        ({"effective_from": "2026-02-01", "effective_until": "2026-01-01"}, 422, "dates"),
        ({"effective_from": "soon"}, 400, "invalid"),
        ({"title": ""}, 400, "invalid"),
        ({"title": "x" * 201}, 400, "invalid"),
        ({"title": "a\0b"}, 400, "invalid"),
        ({"slug": "not a slug"}, 400, "invalid"),
        ({"language": "english!"}, 400, "invalid"),
        ({"audience": "bob"}, 400, "invalid"),
        ({"text": 7.5, "title": ["x"]}, 400, "invalid"),
        ({"text": None}, 400, "invalid"),
    ],
)
def test_bad_document_is_a_problem(carols, body, status, code):
    assert problem(create(carols, **body)) == (status, code)
    assert not Document.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.exe", b"MZ", "kind"),
        ("a.md", b"", "empty"),
        ("a.md", b"---\naudience: bob\n---\nText.", "details"),
        ("a.pdf", b"%PDF-1.7 nothing more", "broken"),
    ],
)
def test_bad_file_is_a_problem(carols, name, content, code):
    assert problem(upload(carols, content, name)) == (422, code)
    assert not Document.objects.exists()


def test_half_of_a_character_is_a_problem(carols):
    answer = carols.post(URL, rb'{"title": "Pets", "text": "\ud800"}', content_type="application/json")
    assert problem(answer) == (400, "invalid")


def test_text_and_file_together_are_refused(carols):
    assert problem(upload(carols, text="Text.")) == (400, "invalid")


def test_large_file_is_refused_before_it_is_read(carols, settings, monkeypatch):
    settings.DOCUMENT_MAX_BYTES = 1_000
    monkeypatch.setattr(InMemoryUploadedFile, "read", None)
    answer = upload(carols, b"x" * 2_000)
    assert problem(answer) == (413, "size")
    assert answer.json()["title"] == "It is larger than 0.001 MB."


def test_large_body_is_refused_before_it_is_read(carols, settings):
    settings.DOCUMENT_MAX_BYTES = 1_000
    assert problem(create(carols, text="x" * 200_000)) == (413, "size")
    assert problem(create(carols, text="x" * 2_000)) == (400, "invalid")


def test_list_tells_how_documents_stand(carols, publish):
    today = timezone.localdate()
    day = timedelta(days=1)
    publish("in-force", PETS)
    publish("to-come", PETS, effective_from=today + day)
    publish("over", PETS, effective_until=today - day)
    withdraw_document(publish("taken-back", PETS).document)
    save_draft(Document.objects.create(slug="waiting", title="Waiting"), PETS)
    Document.objects.create(slug="bare", title="Bare")
    save_draft(Document.objects.get(slug="in-force"), "Newer text.")
    states = {found["slug"]: found["state"] for found in carols.get(URL).json()["results"]}
    assert states == {found.slug: found.state() for found in Document.objects.all()}
    assert set(states.values()) == {"published", "scheduled", "expired", "withdrawn", "draft", "empty"}
    for slug, state in states.items():
        assert listed(carols, state=state) == [slug]
    assert listed(carols, draft="true") == ["waiting", "in-force"]


def test_list_is_narrowed(carols, publish):
    publish("pets", PETS, category="special", language="en")
    publish("mascotas", PETS, category="special", language="es", audience="staff")
    publish("bags", PETS, category="baggage", title="Checked bags")
    assert listed(carols, category="special") == ["mascotas", "pets"]
    assert listed(carols, language="ES") == ["mascotas"]
    assert listed(carols, audience="staff") == ["mascotas"]
    assert listed(carols, q="bag CHECKED") == ["bags"]
    assert problem(carols.get(URL, {"state": "lost"})) == (400, "invalid")


def test_list_costs_the_same_for_many(carols, publish, django_assert_max_num_queries, settings):
    for number in range(60):
        publish(f"policy-{number}", PETS)
    with django_assert_max_num_queries(2):
        first = carols.get(URL).json()
    assert len(first["results"]) == 50
    assert len(carols.get(first["next"]).json()["results"]) == 10


def test_document_is_found_by_id_and_slug(carols, publish):
    document = publish("pets", PETS).document
    answers = [carols.get(f"{URL}{name}/") for name in (document.pk, "pets")]
    assert answers[0].json() == answers[1].json()
    assert answers[0]["ETag"] == answers[1]["ETag"]
    assert answers[0].json()["url"] == "/knowledge/documents/pets/"
    assert problem(carols.get(f"{URL}cats/")) == (404, "not_found")


def test_details_are_changed_with_the_index(carols, publish):
    publish("pets", PETS)
    answer = carols.patch(f"{URL}pets/", {"title": "Animals", "slug": "animals"}, format="json")
    assert (answer.status_code, answer.json()["title"]) == (200, "Animals")
    assert search(Query("animals")).hits[0].title == "Animals"
    assert carols.get(f"{URL}pets/").status_code == 404


def test_slug_of_another_document_is_refused(carols, publish):
    publish("pets", PETS)
    publish("bags", PETS)
    assert problem(carols.patch(f"{URL}bags/", {"slug": "pets"}, format="json")) == (409, "taken")


def test_change_of_what_was_changed_meanwhile_is_refused(carols, publish):
    seen = carols.get(f"{URL}{publish('pets', PETS).document.pk}/")["ETag"]
    carols.patch(f"{URL}pets/", {"category": "special"}, format="json")
    late = {"HTTP_IF_MATCH": seen}
    assert problem(carols.patch(f"{URL}pets/", {"title": "Mine"}, format="json", **late)) == (412, "changed")
    assert problem(carols.post(f"{URL}pets/withdraw", **late)) == (412, "changed")
    assert problem(carols.delete(f"{URL}pets/", **late)) == (412, "changed")
    fresh = {"HTTP_IF_MATCH": carols.get(f"{URL}pets/")["ETag"]}
    assert carols.patch(f"{URL}pets/", {"title": "Mine"}, format="json", **fresh).status_code == 200


def test_document_is_withdrawn_once(carols, publish):
    publish("pets", PETS)
    assert carols.post(f"{URL}pets/withdraw").json()["state"] == "withdrawn"
    assert search(Query("dogs in the cabin")).hits == ()
    assert problem(carols.post(f"{URL}pets/withdraw")) == (409, "not_published")


def test_deleted_document_is_gone_at_once(carols, publish):
    publish("pets", PETS)
    assert carols.delete(f"{URL}pets/").status_code == 204
    assert search(Query("dogs in the cabin")).hits == ()
    assert not Passage.objects.exists()
    assert problem(carols.delete(f"{URL}pets/")) == (404, "not_found")


def test_document_deleted_while_it_is_read_is_not_there(carols, publish, monkeypatch):
    document = publish("pets", PETS).document

    def gone(*args):
        found = named(*args)
        delete_document(Document.objects.get(pk=document.pk))
        return found

    named = versions.named
    monkeypatch.setattr(versions, "named", gone)
    assert problem(carols.get(f"{URL}pets/versions/1/")) == (404, "not_found")


EVERYTHING = [
    ("get", ""),
    ("post", ""),
    ("get", "pets/"),
    ("patch", "pets/"),
    ("delete", "pets/"),
    ("post", "pets/withdraw"),
    ("get", "pets/versions/"),
    ("post", "pets/versions/"),
    ("get", "pets/versions/1/"),
    ("delete", "pets/versions/1/"),
    ("post", "pets/versions/1/publish"),
    ("post", "pets/versions/1/withdraw"),
    ("get", "pets/versions/1/passages/"),
]


@pytest.mark.parametrize(("method", "path"), EVERYTHING)
def test_customers_may_do_nothing(bobs, publish, method, path):
    publish("pets", PETS)
    answer = getattr(bobs, method)(URL + path)
    assert problem(answer) == (403, "permission_denied")
    assert "dogs" not in answer.content.decode()
    assert getattr(bobs, method)(URL + path.replace("pets", "cats")).json() == answer.json()


@pytest.mark.parametrize(("method", "path"), EVERYTHING)
def test_strangers_may_do_nothing(client, publish, method, path):
    publish("pets", PETS)
    answer = getattr(client, method)(URL + path)
    assert answer.status_code in (401, 403)
    assert answer.json()["code"] == "not_authenticated"


@pytest.mark.parametrize(
    ("words", "allowed"),
    [
        ((), set()),
        (("view",), {("get", "")}),
        (("add",), {("post", "")}),
        (("change",), {("patch", "pets/"), ("post", "pets/withdraw")}),
        (("delete",), {("delete", "pets/")}),
    ],
)
def test_each_step_has_its_permission(staff_who_may, publish, words, allowed):
    publish("pets", PETS)
    client = staff_who_may(*words)
    steps = [("get", ""), ("post", ""), ("patch", "pets/"), ("post", "pets/withdraw"), ("delete", "pets/")]
    done = {step for step in steps if getattr(client, step[0])(URL + step[1]).status_code != 403}
    assert done == allowed


def test_publishing_needs_the_permission_to_change(staff_who_may):
    client = staff_who_may("add")
    assert problem(create(client, publish=True)) == (403, "permission_denied")
    assert not Document.objects.exists()
    assert create(client).status_code == 201


def test_session_needs_the_csrf_token(carol):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(carol)
    assert browser.post(URL, {"title": "Pets"}, "application/json").status_code == 403
