"""The searches that the desk relies on, as OpenSearch's own conformance cases have them, over real HTTP.

``CORE`` and ``STORIES`` stand for what they stand for in ``test_opensearch_conformance``.
"""

from tests.knowledge.search.opensearch_cases import Asking, Json, refused


def test_hits_have_the_fields_that_are_asked_for_as_lists(ask: Asking) -> None:
    """CORE search/10_source_filtering.yml: ``_source: false`` and ``docvalue_fields``."""
    ask.make()
    ask.fill({"a": {"word": "oak", "number": 4}})
    body = {"_source": False, "docvalue_fields": ["word", "number"], "query": {"match_all": {}}}
    (hit,) = ask("POST", "/{i}/_search", body)[1]["hits"]["hits"]
    assert "_source" not in hit
    assert hit["fields"] == {"word": ["oak"], "number": [4]}
    assert (hit["_index"], hit["_id"]) == (ask.index, "a")


def test_no_total_is_told_where_none_is_wanted(ask: Asking) -> None:
    """CORE search/220_total_hits_object.yml."""
    ask.make()
    ask.fill({"a": {"word": "oak"}, "b": {"word": "oak"}})
    body = {"query": {"term": {"word": "oak"}}}
    assert ask("POST", "/{i}/_search", body)[1]["hits"]["total"] == {"value": 2, "relation": "eq"}
    _, told = ask("POST", "/{i}/_search", {**body, "track_total_hits": False})
    assert "total" not in told["hits"] and len(told["hits"]["hits"]) == 2
    assert (told["timed_out"], told["_shards"]["failed"]) == (False, 0)


def test_each_condition_that_is_met_adds_its_weight_and_equals_are_in_order(ask: Asking) -> None:
    """CORE search/90_search_after.yml for the order; for the weights documentation, “Constant score”."""
    ask.make()
    words = {"a": ["oak"], "b": ["oak", "elm"], "c": ["elm"], "d": ["oak"], "e": ["fir"]}
    ask.fill(
        {key: {"word": held, "number": number} for number, (key, held) in enumerate(reversed(words.items()))}
    )
    weights = {"oak": 1.5, "elm": 0.25}
    should = [
        {"constant_score": {"filter": {"term": {"word": word}}, "boost": boost}}
        for word, boost in weights.items()
    ]
    query = {"bool": {"filter": [{"match_all": {}}], "should": should, "minimum_should_match": 1}}
    body = {"query": query, "sort": [{"_score": "desc"}, {"number": "asc"}], "size": 3}
    hits = ask("POST", "/{i}/_search?preference=_primary", body)[1]["hits"]["hits"]
    assert [hit["_id"] for hit in hits] == ["b", "d", "a"]
    assert [hit["sort"] for hit in hits] == [[1.75, 3], [1.5, 1], [1.5, 4]]


def test_conditions_find_what_they_name(ask: Asking) -> None:
    """CORE search/160_exists_query.yml, search/340_doc_values_field.yml; STORIES _core/search/query/terms."""
    ask.make()
    ask.fill(
        {
            "a": {"word": "oak", "number": 1, "day": "2026-01-31", "hidden": ["x", "y"], "flag": True},
            "b": {"word": ["elm", "fir"], "number": 2, "day": "2026-02-01", "hidden": "x"},
            "c": {"number": 3, "flag": False},
        }
    )
    assert ask.found({"term": {"word": "fir"}}) == ["b"]
    assert ask.found({"term": {"number": 3}}) == ["c"]
    assert ask.found({"term": {"flag": True}}) == ["a"]
    assert ask.found({"term": {"hidden": "x"}}) == ["a", "b"]
    assert ask.found({"terms": {"word": ["oak", "elm", "yew"]}}) == ["a", "b"]
    assert ask.found({"exists": {"field": "word"}}) == ["a", "b"]
    assert ask.found({"exists": {"field": "nowhere"}}) == []
    assert ask.found({"range": {"day": {"lte": "2026-01-31"}}}) == ["a"]
    assert ask.found({"range": {"day": {"gte": "2026-01-31"}}}) == ["a", "b"]
    assert ask.found({"bool": {"must_not": [{"exists": {"field": "day"}}]}}) == ["c"]
    either = [{"term": {"number": 1}}, {"term": {"number": 2}}, {"term": {"word": "elm"}}]
    assert ask.found({"bool": {"should": either, "minimum_should_match": 1}}) == ["a", "b"]
    assert ask.found({"bool": {"should": either, "minimum_should_match": 2}}) == ["b"]
    one = [{"term": {"number": 2}}, {"term": {"word": "elm"}}]
    assert ask.found({"bool": {"filter": one}}) == ["b"]


def test_a_composite_aggregation_goes_on_after_its_last_key(ask: Asking) -> None:
    """CORE search.aggregation/230_composite.yml: in order, by pair; what it goes on after need not exist."""
    ask.make()
    ask.fill(
        {
            "a": {"number": 10, "word": "oak"},
            "b": {"number": 10, "word": "oak"},
            "c": {"number": 9, "word": "yew"},
            "d": {"number": 10, "word": "elm"},
            "e": {"number": 100, "word": "oak"},
            "f": {"number": 100},
        }
    )
    sources = [{"n": {"terms": {"field": "number"}}}, {"w": {"terms": {"field": "word"}}}]

    def page(size: int, after: Json | None = None) -> Json:
        composite = {"size": size, "sources": sources, **({"after": after} if after else {})}
        body = {"size": 0, "query": {"match_all": {}}, "aggs": {"pairs": {"composite": composite}}}
        return ask("POST", "/{i}/_search", body)[1]["aggregations"]["pairs"]

    first = page(3)
    keys = [(one["key"]["n"], one["key"]["w"], one["doc_count"]) for one in first["buckets"]]
    assert keys == [(9, "yew", 1), (10, "elm", 1), (10, "oak", 2)]
    assert first["after_key"] == {"n": 10, "w": "oak"}
    last = page(3, first["after_key"])
    assert [(one["key"], one["doc_count"]) for one in last["buckets"]] == [({"n": 100, "w": "oak"}, 1)]
    assert page(3, {"n": 99, "w": "zzz"})["buckets"] == last["buckets"]
    done = page(3, last["after_key"])
    assert done["buckets"] == [] and "after_key" not in done


def test_what_is_no_search_is_refused(ask: Asking) -> None:
    """No file says so of each: 400, with the kind of error."""
    ask.make()
    for wrong in ({"query": {"no-such-query": {}}}, {"no-such-key": 1}):
        assert refused(ask("POST", "/{i}/_search", wrong)) == (400, "parsing_exception")
    assert ask("POST", "/{i}/_search?preference=_nowhere", {})[0] == 400
    assert ask("POST", "/{i}/_search?no_such_parameter=1", {})[0] == 400


def test_a_search_has_limits(ask: Asking) -> None:
    """CORE search/30_limits.yml, search.aggregation/230_composite.yml (“array size”)."""
    ask.make()
    ask.fill({"a": {"word": "oak"}})
    many = [{"term": {"word": f"w{number}"}} for number in range(1_000)]
    composite = {"size": 1_000_000_000, "sources": [{"w": {"terms": {"field": "word"}}}]}
    for wrong in (
        {"from": 10_000, "size": 1},
        {"docvalue_fields": [f"f{number}" for number in range(101)]},
        {"docvalue_fields": ["hidden"]},
        {"size": 0, "aggs": {"words": {"composite": composite}}},
    ):
        status, told = ask("POST", "/{i}/_search", wrong)
        assert status >= 400 and told["error"]["type"], wrong
    assert ask.found({"bool": {"should": many}}) == []
