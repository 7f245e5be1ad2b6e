"""Words and meaning together: what is found, what is refused, and who sees it."""

from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from knowledge.documents.publish import delete_document, withdraw_document
from knowledge.models import Audience, Vector
from knowledge.search import Query, hybrid, prepare_now, search
from knowledge.search.lexical import Found
from knowledge.search.vectors import backfill, nearness
from knowledge.search.vectors.nearness import PROBES

POLICIES = {
    "pets": "Small pets may travel in the cabin for EUR 55.",
    "bags": "A checked bag weighs up to 23 kg.",
    "refunds": "A ticket that is not used is paid back within seven days.",
    "children": "Children under two years sit on a lap.",
}
SAME = {"whelp": "pet", "hound": "pet", "flight": "cabin", "aboard": "travel"}
WHELP = "Whelp aboard flight?"  # no word of it is in the policies


@pytest.fixture
def policies(publish, endpoint):
    """Four policies with vectors, in a model for which a whelp is a pet."""
    endpoint.concepts = SAME
    versions = {slug: publish(slug, text) for slug, text in POLICIES.items()}
    backfill.run()
    return versions


def slugs(text: str, **details) -> list[str]:
    return [hit.slug for hit in search(prepare_now(Query(text, **details))).hits]


def by_words(text: str, **details) -> list[str]:
    return [hit.slug for hit in search(Query(text, **details)).hits]


def test_meaning_finds_what_no_word_does(policies):
    assert by_words(WHELP) == []
    assert slugs(WHELP)[0] == "pets"


def test_near_meaning_alone_keeps_a_question_from_being_refused(policies, settings):
    assert search(prepare_now(Query(WHELP))).score >= settings.SEARCH_REFUSE_BELOW
    settings.EMBEDDINGS_TRUST_ABOVE, settings.EMBEDDINGS_SURE_ABOVE = 1_000, 2_000
    assert search(prepare_now(Query(WHELP))).score == 0


@pytest.mark.parametrize("text", ["Who won the chess tournament in Reykjavik in 1972?", *PROBES[::6]])
def test_off_topic_question_is_still_refused(policies, settings, text):
    assert search(prepare_now(Query(text))).score < settings.SEARCH_REFUSE_BELOW


def test_both_agreeing_come_first_and_scores_fall(policies):
    results = search(prepare_now(Query("What does a pet in the cabin cost?")))
    assert results.hits[0].slug == "pets"
    scores = [hit.score for hit in results.hits]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] >= results.score > 0


def test_confidence_is_never_below_that_of_the_words(policies):
    for text in ("checked bag", "ticket paid back", "children on a lap"):
        assert search(prepare_now(Query(text))).score >= search(Query(text)).score


@pytest.mark.parametrize("leave", [withdraw_document, delete_document])
def test_what_is_out_of_the_library_never_comes_back(policies, leave):
    assert "pets" in slugs(WHELP)
    leave(policies["pets"].document)
    assert "pets" not in slugs(WHELP)


def test_vector_whose_passage_may_not_be_seen_is_passed_over_at_once(policies):
    """Even before the index in memory hears of it."""
    slugs(WHELP)
    policies["pets"].document.versions.update(status="withdrawn")
    assert "pets" not in slugs(WHELP)


def test_bob_does_not_find_what_carol_reads(policies, publish):
    publish("crew", "A whelp of the crew travels aboard.", audience=Audience.STAFF)
    backfill.run()
    assert "crew" in slugs(WHELP, audience=Audience.STAFF)
    assert "crew" not in slugs(WHELP)


def test_looks_further_when_the_nearest_may_not_be_seen(policies, publish, monkeypatch):
    monkeypatch.setattr(hybrid, "CANDIDATES", 2)
    for number in range(9):
        publish(f"crew-{number}", f"A whelp aboard a flight, rule {number}.", audience=Audience.STAFF)
    backfill.run()
    assert slugs(WHELP)[0] == "pets"


def test_filters_hold_for_meaning_too(policies, publish):
    publish("kennel", "A whelp aboard a flight.", category="animals")
    backfill.run()
    assert slugs(WHELP, categories=("animals",)) == ["kennel"]
    assert slugs("A checked bag of a whelp?", documents=("bags",)) == ["bags"]
    assert slugs(WHELP, languages=("fr",)) == []


def test_version_of_the_day_is_found(policies, publish):
    soon = timezone.localdate() + timedelta(days=30)
    publish("pets", "Pets in the cabin: never any more.", effective_from=soon)
    backfill.run()
    today = search(prepare_now(Query(WHELP))).hits[0]
    then = search(prepare_now(Query(WHELP, on=soon))).hits[0]
    assert (today.version_number, then.version_number) == (1, 2)


def test_passage_without_a_vector_yet_is_found_by_words(policies, publish):
    publish("skis", "Skis travel as a checked bag of their own kind.")
    assert "skis" in slugs("Do skis travel as a bag?")


def test_new_vectors_count_for_the_next_question(policies, publish):
    assert "kennel" not in slugs(WHELP)
    publish("kennel", "A hound may travel.")
    assert "kennel" not in slugs(WHELP)
    backfill.run()
    assert "kennel" in slugs(WHELP)


def test_endpoint_away_leaves_exactly_the_words(policies, endpoint):
    endpoint.always = "500"
    query = Query("What does a pet in the cabin cost?")
    assert search(prepare_now(query)) == search(query)


def test_question_of_an_unserved_language_goes_by_words(policies):
    query = Query("pets", language="es")
    assert search(prepare_now(query)) == search(query)


def test_question_vector_of_another_length_is_not_used(policies, endpoint):
    endpoint.dimension //= 2
    query = Query("What does a pet in the cabin cost?")
    assert search(prepare_now(query)) == search(query)


def test_cached_question_of_the_former_length_is_not_used(policies, endpoint):
    prepare_now(Query(WHELP))
    endpoint.dimension //= 2
    backfill.begin_anew()
    backfill.run()
    assert slugs(WHELP) == []
    cache.clear()
    assert slugs(WHELP)[0] == "pets"


def test_earlier_turns_turn_the_question(policies):
    follow_up = "How much would that be?"
    assert slugs(follow_up, history=("May my whelp come aboard?",))[0] == "pets"
    assert slugs(follow_up, history=("When is a ticket paid back?",))[0] == "refunds"


def test_equal_scores_are_ordered_by_passage(policies, publish):
    twins = [publish(f"twin-{name}", "The same words twice.", title="Twin") for name in "ab"]
    backfill.run()
    hits = search(prepare_now(Query("the same words twice"))).hits[:2]
    assert [hit.passage_id for hit in hits] == [version.passages.get().pk for version in twins]
    assert hits[0].score == hits[1].score


def test_lists_are_divided_by_their_best_and_added():
    near = [hybrid._Near(2, 0.8, 0.8), hybrid._Near(3, 0.6, 0.6)]
    fused = hybrid._fuse([Found(1, 10.0), Found(2, 5.0)], near, scale=4.0)
    # 1: half of 1. 2: half of 0.5 and half of 1. 3: half of 0.75.
    assert [(one.passage_id, one.score) for one in fused] == [(2, 4.0), (1, 2.666667), (3, 2.0)]


def test_no_vectors_at_all_leave_the_words(policies):
    Vector.objects.all().delete()
    query = Query("What does a pet in the cabin cost?", on=date(2026, 11, 21))
    assert search(prepare_now(query)) == search(query)


@pytest.mark.parametrize(("near", "expected"), [(3.99, 0), (4, 3), (5.5, 3.5), (7, 4), (10, 5)])
def test_marks_of_nearness_meet_the_marks_of_words(near, expected):
    assert nearness.confidence(near) == pytest.approx(expected)


def test_nearness_counts_spreads_above_off_topic_questions():
    off_topic = [0.1, 0.2, 0.3] * (len(PROBES) // 3)
    assert nearness.nearness(0.2, off_topic) == 0
    assert nearness.nearness(0.5, off_topic) == pytest.approx(0.3 / (0.1 * 1.4826))
    # One subject that the library does know changes nothing.
    assert nearness.nearness(0.5, [*off_topic[:-1], 0.99]) == nearness.nearness(0.5, off_topic)
    assert nearness.nearness(0.9, []) == 0


def test_probes_nearest_grow_with_the_passages(policies, publish):
    before = backfill._vector_set().nearest
    publish("eggs", f"{PROBES[0]} Seven minutes.")
    backfill.run()
    after = backfill._vector_set().nearest
    assert after[0] > before[0]
    assert all(new >= old for new, old in zip(after, before, strict=True))
