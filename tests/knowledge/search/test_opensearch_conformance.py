"""What the desk relies on in OpenSearch, as its own conformance cases have it, over real HTTP.

Each test restates in our words and values what the file named in it says, of collections that real servers
pass: ``CORE`` and ``REINDEX`` run with every release of OpenSearch, ``STORIES`` in the CI of its API
specification. What no file says is named so. With ``TEST_OPENSEARCH_URL`` the real server there is asked,
else the stand-in, which is thereby held to them.
"""

import pytest

from tests.knowledge.search.opensearch_cases import Asking, refused

CORE = "opensearch-project/OpenSearch: rest-api-spec/src/main/resources/rest-api-spec/test/"
REINDEX = "opensearch-project/OpenSearch: modules/reindex/src/yamlRestTest/resources/rest-api-spec/test/"
STORIES = "opensearch-project/opensearch-api-specification: tests/default/"


# --- indexes and aliases ------------------------------------------------------------------------------------


def test_an_index_is_made_with_mapping_settings_and_aliases(ask: Asking) -> None:
    """CORE indices.create/10_basic.yml, indices.put_alias/10_basic.yml: the alias leads to it."""
    settings = {"index": {"refresh_interval": "30s"}}
    ask.make(settings=settings, aliases={ask.alias: {}})
    assert ask("GET", "/_alias/{a}") == (200, {ask.index: {"aliases": {ask.alias: {}}}})


def test_an_alias_goes_over_from_one_index_to_another_at_once(ask: Asking) -> None:
    """CORE indices.update_aliases/50_remove_and_add_same_alias.yaml: one action after another."""
    ask.make(aliases={ask.alias: {}})
    other = f"{ask.index}-2"
    assert ask("PUT", f"/{other}", {})[0] == 200
    actions = [{"add": {"index": other, "alias": ask.alias}}]
    actions += [{"remove": {"index": ask.index, "alias": ask.alias}}]
    assert ask("POST", "/_aliases", {"actions": actions}) == (200, {"acknowledged": True})
    assert ask("GET", "/_alias/{a}") == (200, {other: {"aliases": {ask.alias: {}}}})


def test_an_alias_that_is_nowhere_is_missing(ask: Asking) -> None:
    """CORE indices.put_alias/10_basic.yml (``exists_alias``); that its error is plain words no file says."""
    status, told = ask("GET", "/_alias/{a}")
    assert (status, told["status"], told["error"]) == (404, 404, f"alias [{ask.alias}] missing")


def test_an_alias_that_an_index_does_not_have_cannot_be_taken_from_it(ask: Asking) -> None:
    """CORE indices.update_aliases/40_remove_with_must_exist.yml: since 2.12 for who asks for it."""
    ask.make()
    remove = {"index": ask.index, "alias": ask.alias, "must_exist": True}
    status, told = ask("POST", "/_aliases", {"actions": [{"remove": remove}]})
    assert status == 404 and told["error"]["reason"] == f"aliases [{ask.alias}] missing"


def test_of_several_actions_on_aliases_all_are_done_or_none(ask: Asking) -> None:
    """No file says so; documentation, “Alias”: the actions of a request are one step."""
    ask.make()
    actions = [{"add": {"index": name, "alias": ask.alias}} for name in (ask.index, f"{ask.index}-none")]
    assert refused(ask("POST", "/_aliases", {"actions": actions})) == (404, "index_not_found_exception")
    assert ask("GET", "/_alias/{a}")[0] == 404


def test_an_index_that_is_dropped_is_gone(ask: Asking) -> None:
    """STORIES indices/index.yaml: a second time it is missing, for whatever is asked of it."""
    ask.make()
    assert ask("DELETE", "/{i}") == (200, {"acknowledged": True})
    assert refused(ask("DELETE", "/{i}")) == (404, "index_not_found_exception")
    assert refused(ask("POST", "/{i}/_search", {})) == (404, "index_not_found_exception")
    assert refused(ask("POST", "/{i}/_refresh")) == (404, "index_not_found_exception")
    assert refused(ask("GET", "/{i}/_doc/a")) == (404, "index_not_found_exception")


def test_a_write_makes_an_index_that_is_missing(ask: Asking) -> None:
    """CORE bulk/10_basic.yml: documents go to an index that nobody made. So a dropped one may come again."""
    status, told = ask("PUT", "/{i}/_doc/a", {"word": "oak"})
    assert (status, told["result"]) == (201, "created")
    assert ask("DELETE", "/{i}")[0] == 200


# --- documents and their versions ---------------------------------------------------------------------------


def test_a_version_may_stay_or_rise_but_not_fall(ask: Asking) -> None:
    """CORE index/36_external_gte_version.yml: zero is a version too."""
    ask.make()
    for version, status in ((0, 201), (7, 200), (3, 409), (7, 200), (8, 200)):
        path = f"/{{i}}/_doc/a?version={version}&version_type=external_gte"
        got, told = ask("PUT", path, {"number": version})
        assert got == status
        if status == 409:
            assert told["error"]["type"] == "version_conflict_engine_exception"
            assert "current version [7] is higher than the one provided [3]" in told["error"]["reason"]
        else:
            assert told["_version"] == version
    assert ask("GET", "/{i}/_doc/a")[1]["_version"] == 8


def test_the_version_of_a_deleted_document_goes_on(ask: Asking) -> None:
    """CORE delete/26_external_gte_version.yml."""
    ask.make()
    version = "?version={}&version_type=external_gte"
    assert ask("PUT", "/{i}/_doc/a" + version.format(5), {})[1]["_version"] == 5
    assert ask("DELETE", "/{i}/_doc/a" + version.format(4))[0] == 409
    assert ask("DELETE", "/{i}/_doc/a" + version.format(6))[1]["_version"] == 6
    assert ask("PUT", "/{i}/_doc/a" + version.format(5), {})[0] == 409
    status, told = ask("PUT", "/{i}/_doc/a" + version.format(6), {})
    assert (status, told["_version"], told["result"]) == (201, 6, "created")


def test_a_document_is_told_with_where_it_stands(ask: Asking) -> None:
    """CORE get/10_basic.yml, get/90_versions.yml, delete/20_cas.yml: numbers rise from 0 with each write."""
    ask.make()
    numbers = [
        ask("PUT", "/{i}/_doc/a", {"word": word})[1]["_seq_no"] for word in ("oak", "elm", "elm", "fir")
    ]
    assert numbers == [0, 1, 2, 3]
    status, told = ask("GET", "/{i}/_doc/a?preference=_primary")
    assert (status, told["found"], told["_source"]) == (200, True, {"word": "fir"})
    assert (told["_index"], told["_id"], told["_seq_no"]) == (ask.index, "a", numbers[-1])
    assert (told["_version"], told["_primary_term"]) == (4, 1)


def test_a_document_is_told_through_an_alias_under_its_index(ask: Asking) -> None:
    """CORE indices.put_alias/10_basic.yml, get/10_basic.yml."""
    ask.make(aliases={ask.alias: {}})
    ask("PUT", "/{i}/_doc/a", {"word": "oak"})
    assert ask("GET", "/{a}/_doc/a")[1]["_index"] == ask.index


def test_one_document_of_two_indexes_behind_an_alias_is_refused(ask: Asking) -> None:
    """CORE bulk/10_basic.yml, “no write index defined for an alias”; of reading one no file says so."""
    ask.make(aliases={ask.alias: {}})
    assert ask("PUT", f"/{ask.index}-2", {"aliases": {ask.alias: {}}})[0] == 200
    assert refused(ask("GET", "/{a}/_doc/a")) == (400, "illegal_argument_exception")
    assert sorted(ask("GET", "/_alias/{a}")[1]) == [ask.index, f"{ask.index}-2"]


def test_a_document_that_is_missing_is_told_without_an_error(ask: Asking) -> None:
    """CORE get/80_missing.yml."""
    ask.make()
    assert ask("GET", "/{i}/_doc/a") == (404, {"_index": ask.index, "_id": "a", "found": False})


def test_a_document_is_there_at_once_and_found_after_a_refresh(ask: Asking) -> None:
    """CORE get/60_realtime_refresh.yml, STORIES indices/refresh.yaml."""
    ask.make(settings={"index": {"refresh_interval": "-1"}})
    ask("PUT", "/{i}/_doc/a", {"word": "oak"})
    assert ask("GET", "/{i}/_doc/a")[1]["found"] is True
    assert ask("GET", "/{i}/_doc/a?realtime=false")[0] == 404
    assert ask.found({"term": {"word": "oak"}}) == []
    status, told = ask("POST", "/{i}/_refresh")
    assert (status, told["_shards"]["failed"]) == (200, 0)
    assert ask.found({"term": {"word": "oak"}}) == ["a"]


def test_a_field_outside_a_strict_mapping_is_refused(ask: Asking) -> None:
    """CORE index/110_strict_allow_templates.yml; the plain ``strict`` tells alike."""
    ask.make()
    status, told = ask("PUT", "/{i}/_doc/a", {"word": "oak", "leaf": "lobed"})
    assert (status, told["error"]["type"]) == (400, "strict_dynamic_mapping_exception")
    assert "dynamic introduction of [leaf]" in told["error"]["reason"]
    assert told["error"]["root_cause"][0]["type"] == told["error"]["type"] and told["status"] == 400


def test_a_value_of_another_kind_is_refused(ask: Asking) -> None:
    """CORE search/200_ignore_malformed.yml: what is malformed is refused unless one asks otherwise."""
    ask.make()
    for wrong in ({"number": "many"}, {"day": "yesterday"}):
        assert refused(ask("PUT", "/{i}/_doc/a", wrong)) == (400, "mapper_parsing_exception")


# --- many at once -------------------------------------------------------------------------------------------


def test_each_action_of_a_bulk_is_answered_in_its_order(ask: Asking) -> None:
    """CORE bulk/10_basic.yml: one that fails keeps nobody from the others."""
    ask.make()
    status, told = ask(
        "POST",
        "/{i}/_bulk",
        [
            {"index": {"_id": "a", "version": 4, "version_type": "external_gte"}},
            {"word": "oak"},
            {"index": {"_id": "a", "version": 3, "version_type": "external_gte"}},
            {"word": "elm"},
            {"index": {"_id": "", "version": 4, "version_type": "external_gte"}},
            {"word": "fir"},
            {"index": {"_id": "b", "version": 4, "version_type": "external_gte"}},
            {"leaf": "lobed"},
            {"index": {"_id": "c", "version": 4, "version_type": "external_gte"}},
            {"word": "ash"},
        ],
    )
    items = [one["index"] for one in told["items"]]
    assert (status, told["errors"]) == (200, True)
    assert [one["status"] for one in items] == [201, 409, 400, 400, 201]
    assert [one.get("result") for one in items] == ["created", None, None, None, "created"]
    assert [one.get("error", {}).get("type") for one in items][1:4] == [
        "version_conflict_engine_exception",
        "illegal_argument_exception",
        "strict_dynamic_mapping_exception",
    ]
    assert {one["_index"] for one in items} == {ask.index} and items[0]["_version"] == 4


def test_a_bulk_that_is_malformed_is_refused_whole(ask: Asking) -> None:
    """CORE bulk/10_basic.yml, “empty action”; its last line ends with a newline."""
    ask.make()
    for lines in (
        '{"index": {"_id": "a"}}\n{"word": "oak"}\n{}\n',
        '{"index": {"_id": "a"}}\n{"word": "oak"}',
    ):
        told = ask.raw("POST", f"/{ask.index}/_bulk", lines, "application/x-ndjson")
        assert refused(told) == (400, "illegal_argument_exception")
    assert ask("GET", "/{i}/_doc/a")[0] == 404


def test_what_a_query_finds_is_deleted(ask: Asking) -> None:
    """REINDEX delete_by_query/10_basic.yml, “Basic response” and “Limit by query”."""
    ask.make()
    ask.fill({"a": {"word": "oak"}, "b": {"word": "elm"}, "c": {"word": "oak"}})
    query = {"query": {"term": {"word": "oak"}}}
    status, told = ask("POST", "/{i}/_delete_by_query?conflicts=proceed&preference=_primary", query)
    assert (status, told["total"], told["deleted"], told["batches"]) == (200, 2, 2, 1)
    assert (told["timed_out"], told["failures"]) == (False, [])
    assert told["version_conflicts"] == told["noops"] == told["throttled_millis"] == 0
    ask("POST", "/{i}/_refresh")
    assert ask.found({"match_all": {}}) == ["b"]


def test_what_was_deleted_is_seen_until_the_next_refresh(ask: Asking) -> None:
    """STORIES indices/delete_by_query.yaml: of two that are seen one is gone already."""
    ask.make(settings={"index": {"refresh_interval": "-1"}})
    ask.fill({"a": {"word": "oak"}, "b": {"word": "elm"}})
    ask("POST", "/{i}/_delete_by_query", {"query": {"term": {"word": "oak"}}})
    _, told = ask("POST", "/{i}/_delete_by_query?conflicts=proceed", {"query": {"match_all": {}}})
    assert (told["total"], told["deleted"]) == (2, 1)


@pytest.mark.parametrize("goes_on", [True, False])
def test_what_has_changed_since_it_was_seen_is_not_deleted(ask: Asking, goes_on: bool) -> None:
    """REINDEX delete_by_query/10_basic.yml, “version conflict (seq no powered)” and “conflicts=proceed”."""
    ask.make(settings={"index": {"refresh_interval": "-1"}})
    ask.fill({"a": {"word": "oak"}})
    ask("PUT", "/{i}/_doc/a", {"word": "elm"})
    how = "?conflicts=proceed" if goes_on else ""
    status, told = ask("POST", "/{i}/_delete_by_query" + how, {"query": {"match_all": {}}})
    assert (status, told["deleted"], told["version_conflicts"]) == (200 if goes_on else 409, 0, 1)
    kinds = [one["cause"]["type"] for one in told["failures"]]
    assert kinds == ([] if goes_on else ["version_conflict_engine_exception"])
    ask("POST", "/{i}/_refresh")
    assert ask.found({"term": {"word": "elm"}}) == ["a"]


def test_a_document_with_a_version_of_its_own_is_deleted_and_goes_on_from_there(ask: Asking) -> None:
    """CORE delete/26_external_gte_version.yml; that a deletion by query counts as one no file says."""
    ask.make()
    put = [{"index": {"_id": "a", "version": 9, "version_type": "external_gte"}}, {"word": "oak"}]
    ask("POST", "/{i}/_bulk?refresh=true", put)
    assert ask("POST", "/{i}/_delete_by_query", {"query": {"match_all": {}}})[1]["deleted"] == 1
    again = [
        ask("PUT", f"/{{i}}/_doc/a?version={version}&version_type=external_gte", {})[0] for version in (9, 10)
    ]
    assert again == [409, 201]
