"""Search over REST: what the desk would find, and what it would make of it."""

import pytest

from knowledge.documents.publish import save_draft

URL = "/api/v1/search/"
DOGS = "# Pets\n\nSmall dogs may travel in the cabin for EUR 55. A carrier for dogs weighs 8 kg at most.\n"
CREW = "# Crew notes\n\nCrew dogs may travel in the cockpit.\n"


@pytest.fixture
def filled(publish):
    publish("pets", DOGS, title="Pets", category="special")
    publish("mascotas", "# Mascotas\n\nLos perros viajan en la cabina.\n", language="es", title="Mascotas")
    publish("crew", CREW, audience="staff", title="Crew notes")
    for subject in ("bags", "refunds", "delays", "seats", "meals", "lounges", "taxes", "visas"):
        publish(subject, f"# {subject}\n\nThis is all that there is to know about {subject}.\n")


def slugs(answer):
    return [hit["document"]["slug"] for hit in answer.json()["hits"]]


def test_passages_are_found_with_a_verdict(carols, filled):
    answer = carols.get(URL, {"q": "May dogs travel in the cabin?"}).json()
    first = answer["hits"][0]
    assert (answer["verdict"], first["document"]["slug"], first["version"]) == ("sure", "pets", 1)
    assert answer["confidence"] > answer["marks"]["sure_above"]
    assert (first["heading"], first["text"]) == ("Pets", DOGS.removeprefix("# Pets\n\n").strip())
    assert carols.get(first["url"]).status_code in (200, 302)


@pytest.mark.parametrize(
    ("refuse_below", "sure_above", "verdict"), [(0, 0, "sure"), (0, 99, "unsure"), (99, 99, "refused")]
)
def test_verdict_follows_the_marks(carols, filled, settings, refuse_below, sure_above, verdict):
    settings.SEARCH_REFUSE_BELOW, settings.SEARCH_SURE_ABOVE = refuse_below, sure_above
    answer = carols.get(URL, {"q": "dogs in the cabin"}).json()
    assert answer["verdict"] == verdict
    assert answer["marks"] == {"refuse_below": refuse_below, "sure_above": sure_above}
    assert answer["hits"]


def test_mistyped_words_are_told(carols, filled):
    answer = carols.get(URL, {"q": "carrrier for dogs in the cabin"}).json()
    assert answer["corrections"] == {"carrrier": "carrier"}
    assert answer["hits"][0]["document"]["slug"] == "pets"


def test_nothing_found_is_refused(carols, filled):
    answer = carols.get(URL, {"q": "quantum chromodynamics"}).json()
    assert (answer["verdict"], answer["confidence"], answer["hits"]) == ("refused", 0, [])
    assert carols.get(URL, {"q": ""}).json()["hits"] == []


def test_earlier_turns_count(carols, filled):
    body = {"q": "And how much does it cost?", "history": ["May my dog travel in the cabin?"]}
    assert slugs(carols.post(URL, body, format="json"))[0] == "pets"
    assert slugs(carols.get(URL, body))[0] == "pets"


def test_search_is_narrowed(carols, filled):
    assert slugs(carols.get(URL, {"q": "dogs travel"})) == ["pets"]
    assert set(slugs(carols.get(URL, {"q": "dogs travel", "audience": "staff"}))) == {"crew", "pets"}
    assert len(slugs(carols.get(URL, {"q": "dogs travel", "audience": "staff", "limit": 1}))) == 1
    assert slugs(carols.get(URL, {"q": "perros", "language": "es", "languages": ["es"]})) == ["mascotas"]
    assert slugs(carols.get(URL, {"q": "dogs", "categories": ["baggage", "special"]})) == ["pets"]
    assert slugs(carols.get(URL, {"q": "dogs", "categories": "baggage"})) == []
    assert slugs(carols.get(URL, {"q": "dogs", "documents": ["crew"], "audience": "staff"})) == ["crew"]


def test_the_day_decides(carols, publish):
    publish("pets", DOGS, effective_until="2026-12-31")
    assert slugs(carols.get(URL, {"q": "dogs", "on": "2026-12-31"})) == ["pets"]
    assert slugs(carols.get(URL, {"q": "dogs", "on": "2027-01-01"})) == []


def test_drafts_are_not_found(carols, filled, publish):
    save_draft(publish("bikes", "Bikes travel in the hold.").document, "Unicycles too.")
    assert slugs(carols.get(URL, {"q": "unicycles"})) == []


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"q": "x" * 4_001},
        {"q": "dogs", "limit": 0},
        {"q": "dogs", "limit": 51},
        {"q": "dogs", "on": "soon"},
        {"q": "dogs", "audience": "everybody"},
        {"q": "dogs", "language": "?"},
        {"q": "a\0b"},
    ],
)
def test_bad_question_is_a_problem(carols, sent):
    for answer in (carols.get(URL, sent), carols.post(URL, sent, format="json")):
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_search_costs_the_same_for_many(carols, filled, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        carols.get(URL, {"q": "dogs travel in the cabin", "limit": 1})
    with django_assert_max_num_queries(12):
        carols.get(URL, {"q": "all that there is to know about dogs", "limit": 50})


def test_customers_may_not_search(bobs, filled):
    for answer in (bobs.get(URL, {"q": "dogs"}), bobs.post(URL, {"q": "dogs"}, format="json")):
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


def test_strangers_may_not_search(client, filled):
    answer = client.get(URL, {"q": "dogs"})
    assert answer.json()["code"] == "not_authenticated"
    assert answer.status_code in (401, 403)
