"""Versions over REST: write, publish, withdraw, discard, and the passages cut from them."""

from io import BytesIO

import pytest

from knowledge.documents.publish import save_draft
from knowledge.models import Document, Version
from knowledge.search import Query, search

URL = "/api/v1/documents/pets/versions/"
DOGS = "Small dogs may travel in the cabin for EUR 55.\n"
CATS = "Small cats may travel in the cabin for EUR 65.\n"


def write(client, text=CATS, **body):
    seen = body.pop("seen", None)
    headers = {"HTTP_IF_MATCH": seen} if seen else {}
    return client.post(URL, {"text": text} | body, format="json", **headers)


def problem(answer):
    assert answer["Content-Type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


def found(question="small animals travel in the cabin"):
    return [hit.version_number for hit in search(Query(question)).hits]


def test_new_text_waits_as_a_draft(carols, publish):
    publish("pets", DOGS)
    answer = write(carols, note="Cats too", effective_from="2027-01-01")
    assert (answer.status_code, answer["Location"]) == (201, f"{URL}2/")
    assert (answer.json()["status"], answer.json()["text"], answer.json()["author"]) == (
        "draft", CATS, "carol",
    )  # fmt: skip
    assert found() == [1]


def test_new_text_is_published_in_the_same_step(carols, publish):
    publish("pets", DOGS)
    answer = write(carols, publish=True).json()
    assert (answer["status"], answer["in_force"], answer["passages"]) == ("published", True, 1)
    assert found() == [2]


def test_file_becomes_a_version(carols, publish):
    publish("pets", DOGS, category="special")
    file = BytesIO(b"---\ncategory: other\neffective_until: 2026-12-31\n---\n" + CATS.encode())
    file.name = "summer.md"
    answer = carols.post(URL, {"file": file, "note": "Summer"}, format="multipart").json()
    assert (answer["file_name"], answer["effective_until"], answer["text"]) == (
        "summer.md",
        "2026-12-31",
        CATS,
    )
    assert Document.objects.get().category == "special"


def test_draft_is_published_once(carols, publish):
    publish("pets", DOGS)
    write(carols)
    assert carols.post(f"{URL}2/publish").json()["status"] == "published"
    assert problem(carols.post(f"{URL}2/publish")) == (409, "already_published")
    assert problem(carols.post(f"{URL}9/publish")) == (404, "not_found")


def test_text_without_substance_is_not_published(carols, publish):
    publish("pets", DOGS)
    write(carols, "# Pets\n")
    assert problem(carols.post(f"{URL}2/publish")) == (422, "empty")
    assert Version.objects.get(number=2).status == "draft"


def test_withdrawn_version_gives_way_to_the_former(carols, publish):
    publish("pets", DOGS)
    publish("pets", CATS)
    assert carols.post(f"{URL}2/withdraw").json()["status"] == "withdrawn"
    assert found() == [1]
    assert problem(carols.post(f"{URL}2/withdraw")) == (409, "not_published")


def test_waiting_draft_is_not_replaced_unseen(carols, publish):
    publish("pets", DOGS)
    seen = write(carols, "Carol's draft.")["ETag"]
    assert problem(write(carols, "Another draft.")) == (409, "draft")
    assert write(carols, "Carol's second draft.", seen=seen).json()["number"] == 2
    assert problem(write(carols, "Another draft.", seen=seen)) == (412, "changed")
    assert Version.objects.get(number=2).text == "Carol's second draft.\n"


def test_any_state_matches_a_star(carols, publish):
    publish("pets", DOGS)
    write(carols)
    assert write(carols, "Mine.", seen="*").status_code == 201


def test_publishing_what_was_not_seen_is_refused(carols, publish):
    publish("pets", DOGS)
    seen = write(carols)["ETag"]
    write(carols, "Another draft.", seen=seen)
    assert problem(carols.post(f"{URL}2/publish", HTTP_IF_MATCH=seen)) == (412, "changed")


def test_draft_is_discarded_and_nothing_else(carols, publish):
    publish("pets", DOGS)
    write(carols)
    assert carols.delete(f"{URL}2/").status_code == 204
    assert problem(carols.delete(f"{URL}1/")) == (409, "not_draft")
    assert found() == [1]


def test_versions_are_listed_without_texts(carols, carol, publish, django_assert_max_num_queries):
    publish("pets", DOGS)
    for number in range(12):
        version = publish("pets", f"{CATS} Number {number}.")
    save_draft(version.document, "A draft.", author=carol)
    with django_assert_max_num_queries(2):
        listed = carols.get(URL).json()["results"]
    assert [one["number"] for one in listed] == list(range(14, 0, -1))
    assert [one["number"] for one in listed if one["in_force"]] == [13]
    assert (listed[0]["author"], listed[1]["author"]) == ("carol", None)
    assert "text" not in listed[0]


def test_passages_stand_where_they_say(carols, publish, django_assert_max_num_queries):
    text = "# Pets\n\n" + "".join(f"## Part {n}\n\n{DOGS * 12}\n" for n in range(120))
    publish("pets", text)
    with django_assert_max_num_queries(3):
        first = carols.get(f"{URL}1/passages/").json()
    rest = carols.get(first["next"]).json()["results"]
    assert (len(first["results"]), len(rest)) == (100, 20)
    for passage in first["results"] + rest:
        assert passage["text"] == text[passage["start"] : passage["end"]]
    assert rest[-1]["heading"] == "Pets › Part 119"
    assert carols.get(rest[-1]["url"]).status_code in (200, 302)


def test_draft_has_no_passages(carols, publish):
    publish("pets", DOGS)
    write(carols)
    assert carols.get(f"{URL}2/passages/").json()["results"] == []


@pytest.mark.parametrize("path", ["1/", "1/passages/", "", "9/"])
def test_unknown_document_is_not_there(carols, path):
    assert problem(carols.get(URL + path)) == (404, "not_found")
