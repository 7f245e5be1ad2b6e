"""How the stand-in for OpenSearch reads a search: what it does not know it refuses, as OpenSearch does."""

import struct
from collections.abc import Callable
from typing import Any

from tests.knowledge.search.opensearch_index import Error, Index, Json, View

Scores = dict[str, float]  # by document; who does not match is not in it

MOST_CLAUSES = 1_024  # indices.query.bool.max_clause_count
MOST_DEEP = 20  # indices.query.bool.max_nested_depth
MOST_RESULTS = 10_000  # index.max_result_window
MOST_DOCVALUES = 100  # index.max_docvalue_fields_search
MOST_BUCKETS = 65_535  # search.max_buckets
_KEYS = ("size", "from", "_source", "docvalue_fields", "track_total_hits", "query", "sort", "aggs")


def search(index: Index, body: Json) -> Json:
    """Return what a search finds, without what surrounds it."""
    only(body, *_KEYS)
    _within_limits(body)
    scores = find(index, body.get("query", {"match_all": {}}))
    hits = _hits(index, body, scores)
    found: Json = {"hits": {"max_score": None, "hits": hits}}
    if body.get("track_total_hits", True) is not False:
        found["hits"]["total"] = {"value": len(scores), "relation": "eq"}
    if "sort" not in body and hits:
        found["hits"]["max_score"] = hits[0]["_score"]
    if asked := body.get("aggs"):
        found["aggregations"] = {
            name: _composite(index.view, one["composite"], scores) for name, one in asked.items()
        }
    return found


def find(index: Index, query: Json) -> Scores:
    """Return the documents that match a query."""
    if _clauses(query, 0) > MOST_CLAUSES:
        raise Error(400, "too_many_clauses", f"maxClauseCount is set to {MOST_CLAUSES}")
    return {key: _single(score) for key, score in _match(query, index.view).items()}


def only(body: Json, *known: str) -> None:
    """Refuse what nobody knows."""
    if wrong := sorted(set(body) - set(known)):
        raise Error(400, "parsing_exception", f"Unknown key in [{wrong[0]}].", line=1, col=2)


def _single(score: float) -> float:
    """Return a score as the 32 bits that it is kept in."""
    return float(struct.unpack("f", struct.pack("f", score))[0])


def _within_limits(body: Json) -> None:
    window = body.get("from", 0) + body.get("size", 10)
    if window > MOST_RESULTS:
        reason = f"Result window is too large, from + size must be less than or equal to: [{MOST_RESULTS}]"
        raise _of_every_shard("illegal_argument_exception", f"{reason} but was [{window}]")
    if len(body.get("docvalue_fields", ())) > MOST_DOCVALUES:
        raise _of_every_shard("illegal_argument_exception", "Trying to retrieve too many docvalue_fields.")


def _of_every_shard(kind: str, reason: str) -> Error:
    return Error(
        400, "search_phase_execution_exception", "all shards failed", phase="query", grouped=True,
        failed_shards=[{"shard": 0, "index": "?", "reason": {"type": kind, "reason": reason}}],
        caused_by={"type": kind, "reason": reason},
    )  # fmt: skip


def _clauses(query: Json, depth: int) -> int:
    """Return how many conditions a query has in all, however deep."""
    if len(query) != 1:
        raise Error(400, "parsing_exception", "[bool] malformed query, expected [END_OBJECT]", line=1, col=2)
    ((kind, body),) = query.items()
    if kind not in _KINDS:
        raise Error(400, "parsing_exception", f"unknown query [{kind}]", line=1, col=2)
    if kind == "constant_score":
        only(body, "filter", "boost")
        return _clauses(body["filter"], depth)
    if kind != "bool":
        return 1
    if depth > MOST_DEEP:
        raise Error(400, "illegal_argument_exception", "The nested depth of the query exceeds the maximum")
    only(body, "must", "filter", "should", "must_not", "minimum_should_match", "boost")
    kinds = ("must", "filter", "should", "must_not")
    return sum(_clauses(one, depth + 1) for name in kinds for one in body.get(name, []))


def _match(query: Json, view: View) -> Scores:
    ((kind, body),) = query.items()
    return _KINDS[kind](body, view)


def _bool(body: Json, view: View) -> Scores:
    needed = [_match(one, view) for one in [*body.get("must", []), *body.get("filter", [])]]
    keys = set(view.documents) if not needed else set.intersection(*map(set, needed))
    keys = keys.difference(*(_match(one, view) for one in body.get("must_not", [])))
    chosen = [_match(one, view) for one in body.get("should", [])]
    met: dict[str, list[float]] = {}
    for scores in chosen:
        for key in scores.keys() & keys:
            met.setdefault(key, []).append(scores[key])
    least = int(body.get("minimum_should_match", 0 if needed else min(1, len(chosen))))
    if least:
        keys = {key for key, scores in met.items() if len(scores) >= least}
    scoring = needed[: len(body.get("must", []))]
    return {key: sum(met.get(key, ())) + sum(one[key] for one in scoring) for key in keys}


def _constant(body: Json, view: View) -> Scores:
    return dict.fromkeys(_match(body["filter"], view), float(body.get("boost", 1.0)))


def _term(body: Json, view: View) -> Scores:
    ((name, value),) = body.items()
    value = value["value"] if isinstance(value, dict) else value
    return dict.fromkeys(view.having(name, value), 1.0)


def _terms(body: Json, view: View) -> Scores:
    ((name, values),) = body.items()
    if not isinstance(values, list):
        raise Error(400, "parsing_exception", "[terms] query does not support this value", line=1, col=2)
    return dict.fromkeys(set().union(*(view.having(name, value) for value in values)), 1.0)


def _exists(body: Json, view: View) -> Scores:
    only(body, "field", "boost")
    return dict.fromkeys(set().union(*view.by_value(body["field"]).values()), 1.0)


def _range(body: Json, view: View) -> Scores:
    ((name, sides),) = body.items()
    only(sides, "lte", "gte", "lt", "gt", "format")
    tests: dict[str, Callable[[Any, Any], bool]] = {
        "lte": lambda held, side: held <= side,
        "gte": lambda held, side: held >= side,
        "lt": lambda held, side: held < side,
        "gt": lambda held, side: held > side,
    }
    fits = [
        keys
        for value, keys in view.by_value(name).items()
        if all(tests[side](value, bound) for side, bound in sides.items() if side in tests)
    ]
    return dict.fromkeys(set().union(*fits), 1.0)


def _all(body: Json, view: View) -> Scores:
    only(body, "boost")
    return dict.fromkeys(view.documents, 1.0)


_KINDS: dict[str, Callable[[Json, View], Scores]] = {
    "bool": _bool,
    "constant_score": _constant,
    "term": _term,
    "terms": _terms,
    "exists": _exists,
    "range": _range,
    "match_all": _all,
}


def _hits(index: Index, body: Json, scores: Scores) -> list[Json]:
    view, sort = index.view, body.get("sort", [{"_score": "desc"}])
    keys = sorted(scores)
    for one in reversed(sort):
        ((name, order),) = one.items()
        if name != "_score" and name not in index.fields:
            reason = f"No mapping found for [{name}] in order to sort on"
            raise _of_every_shard("query_shard_exception", reason)
        keys.sort(key=lambda key: _sort_value(view, scores, name, key), reverse=order == "desc")
    begin = body.get("from", 0)
    hits = []
    for key in keys[begin : begin + body.get("size", 10)]:
        hit: Json = {"_index": index.name, "_id": key, "_score": scores[key]}
        if body.get("_source", True) is not False:
            hit["_source"] = view.documents[key].source
        if fields := {name: _doc_values(index, key, name) for name in body.get("docvalue_fields", [])}:
            hit["fields"] = {name: values for name, values in fields.items() if values}
        if "sort" in body:
            hit["sort"] = [_sort_value(view, scores, next(iter(one)), key) for one in sort]
        hits.append(hit)
    return hits


def _sort_value(view: View, scores: Scores, name: str, key: str) -> Any:
    return scores[key] if name == "_score" else min(view.values(key, name))


def _doc_values(index: Index, key: str, name: str) -> list[Any]:
    how = index.fields.get(name, {})
    if how.get("doc_values") is False:
        raise _of_every_shard("illegal_argument_exception", f"Can't load fielddata on [{name}]")
    return sorted(set(index.view.values(key, name)))


def _composite(view: View, asked: Json, scores: Scores) -> Json:
    only(asked, "size", "sources", "after")
    size = asked.get("size", 10)
    if size > MOST_BUCKETS:
        raise _of_every_shard("too_many_buckets_exception", "Trying to create too many buckets.")
    fields = {name: how["terms"]["field"] for one in asked["sources"] for name, how in one.items()}
    counts: dict[tuple, int] = {}
    for key in scores:
        combinations: list[tuple] = [()]
        for name in fields.values():
            values = sorted(set(view.values(key, name)))
            combinations = [(*before, value) for before in combinations for value in values]
        for one in combinations:
            counts[one] = counts.get(one, 0) + 1
    after = tuple(asked["after"][name] for name in fields) if "after" in asked else None
    keys = sorted(key for key in counts if after is None or key > after)[:size]
    buckets = [{"key": dict(zip(fields, key, strict=True)), "doc_count": counts[key]} for key in keys]
    return {"buckets": buckets, **({"after_key": buckets[-1]["key"]} if buckets else {})}
