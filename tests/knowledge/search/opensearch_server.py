"""A stand-in for OpenSearch over real HTTP: it checks requests as the documented interface takes them.

Written after the reference of OpenSearch 2 (document, bulk, search, delete by query, alias and index APIs).
What it does not know it refuses with 400, as OpenSearch does, so that a wrong request fails a test.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Json = dict[str, Any]


class Error(Exception):
    def __init__(self, status: int, kind: str, reason: str = "") -> None:
        super().__init__(kind)
        self.status, self.kind, self.reason = status, kind, reason or kind


class Index:
    def __init__(self, mapping: Json) -> None:
        self.fields = mapping["properties"]
        assert mapping["dynamic"] == "strict"
        self.documents: dict[str, tuple[int, int, Json]] = {}  # version, sequence, source
        self.searchable: dict[str, Json] = {}
        self.tombstones: dict[str, int] = {}
        self.sequence = 0

    def put(self, key: str, version: int, source: Json) -> tuple[int, str]:
        for field in source:
            if field not in self.fields:
                raise Error(400, "strict_dynamic_mapping_exception", field)
        held = self.documents[key][0] if key in self.documents else self.tombstones.get(key, 0)
        if version < held:
            reason = f"[{key}]: version conflict, current version [{held}] is higher than [{version}]"
            raise Error(409, "version_conflict_engine_exception", reason)
        created = key not in self.documents
        self.sequence += 1
        self.documents[key] = (version, self.sequence, source)
        return (201, "created") if created else (200, "updated")

    def delete(self, key: str) -> None:
        self.tombstones[key] = self.documents.pop(key)[0] + 1
        self.sequence += 1

    def refresh(self) -> None:
        self.searchable = {key: source for key, (_, _, source) in self.documents.items()}


def score(query: Json, source: Json) -> float | None:
    """Return a document's score, None where it does not match."""
    (kind, body), *others = query.items()
    if others:
        raise Error(400, "parsing_exception", "expected one query")
    return _KINDS[kind](body, source) if kind in _KINDS else _unknown(kind)


def _unknown(kind: str) -> float:
    raise Error(400, "parsing_exception", f"unknown query [{kind}]")


def _only(body: Json, *known: str) -> None:
    if wrong := set(body) - set(known):
        raise Error(400, "parsing_exception", f"unknown {sorted(wrong)}")


def _bool(body: Json, source: Json) -> float | None:
    _only(body, "filter", "should", "must_not", "minimum_should_match")
    if any(score(one, source) is None for one in body.get("filter", [])):
        return None
    if any(score(one, source) is not None for one in body.get("must_not", [])):
        return None
    should = [found for one in body.get("should", []) if (found := score(one, source)) is not None]
    return sum(should) if len(should) >= body.get("minimum_should_match", 0) else None


def _constant(body: Json, source: Json) -> float | None:
    _only(body, "filter", "boost")
    return body["boost"] if score(body["filter"], source) is not None else None


def _term(body: Json, source: Json) -> float | None:
    ((field, value),) = body.items()
    return _terms({field: [value]}, source)


def _terms(body: Json, source: Json) -> float | None:
    ((field, values),) = body.items()
    if not isinstance(values, list):
        raise Error(400, "parsing_exception", "[terms] needs a list")
    held = source.get(field)
    held = held if isinstance(held, list) else [held]
    return 1.0 if set(held) & set(values) else None


def _exists(body: Json, source: Json) -> float | None:
    _only(body, "field")
    return 1.0 if body["field"] in source else None


def _range(body: Json, source: Json) -> float | None:
    ((field, sides),) = body.items()
    _only(sides, "lte", "gte")
    held = source.get(field)
    fits = held is not None and held <= sides.get("lte", held) and held >= sides.get("gte", held)
    return 1.0 if fits else None


_KINDS: dict[str, Callable[[Json, Json], float | None]] = {
    "bool": _bool,
    "constant_score": _constant,
    "term": _term,
    "terms": _terms,
    "exists": _exists,
    "range": _range,
}


class OpenSearchServer:
    """What the server holds, and what tests have it do."""

    def __init__(self) -> None:
        self.url = ""
        self.indexes: dict[str, Index] = {}
        self.aliases: dict[str, str] = {}
        self.asked: list[str] = []
        self.authorization: set[str] = set()
        self.fails_with = 0  # a status for every request
        self.refuses_bulk_after = -1  # actions; the others get 429 each
        self.before_search: Callable[[], None] = lambda: None
        self.answers_with: bytes | None = None
        self._lock = threading.Lock()

    def index(self, name: str) -> Index:
        held = self.indexes.get(self.aliases.get(name, name))
        if held is None:
            raise Error(404, "index_not_found_exception", f"no such index [{name}]")
        return held

    @property
    def served(self) -> Index:
        """The index behind the only alias."""
        return self.index(next(iter(self.aliases)))

    def answer(self, method: str, target: str, kind: str, data: bytes) -> tuple[int, Json]:
        url = urlsplit(target)
        parts = url.path.strip("/").split("/")
        given = {name: values[0] for name, values in parse_qs(url.query).items()}
        self.asked.append(f"{method} {url.path}")
        if self.fails_with:
            return self.fails_with, {"error": {"type": "es_rejected_execution_exception", "reason": "full"},
                                     "status": self.fails_with}  # fmt: skip
        expected = "application/x-ndjson" if parts == ["_bulk"] else "application/json"
        if data and kind != expected:
            return 406, {"error": f"Content-Type header [{kind}] is not supported", "status": 406}
        try:
            if parts == ["_bulk"]:
                return 200, self._bulk(data)
            if parts[-1] == "_search":
                self.before_search()
            with self._lock:
                return self._route(method, parts, given, json.loads(data) if data else {})
        except Error as error:
            told = {"type": error.kind, "reason": error.reason}
            return error.status, {"error": {**told, "root_cause": [told]}, "status": error.status}

    def _route(self, method: str, parts: list[str], given: dict[str, str], body: Json) -> tuple[int, Json]:  # noqa: C901
        match method, parts:
            case "GET", ["_alias", alias]:
                if alias not in self.aliases:
                    return 404, {"error": f"alias [{alias}] missing", "status": 404}
                return 200, {self.aliases[alias]: {"aliases": {alias: {}}}}
            case "POST", ["_aliases"]:
                for action in body["actions"]:
                    ((what, how),) = action.items()
                    if what == "add":
                        self.index(how["index"])
                        self.aliases[how["alias"]] = how["index"]
                    elif self.aliases.get(how["alias"]) == how["index"]:
                        del self.aliases[how["alias"]]
                return 200, {"acknowledged": True}
            case "PUT", [name]:
                _only(body, "settings", "mappings", "aliases")
                if name in self.indexes or name in self.aliases:
                    raise Error(400, "resource_already_exists_exception")
                self.indexes[name] = Index(body["mappings"])
                self.aliases |= dict.fromkeys(body.get("aliases", {}), name)
                return 200, {"acknowledged": True, "shards_acknowledged": True, "index": name}
            case "DELETE", [name]:
                self.index(name)
                del self.indexes[name]
                return 200, {"acknowledged": True}
            case "POST", [name, "_refresh"]:
                self.index(name).refresh()
                return 200, {"_shards": {"total": 1, "successful": 1, "failed": 0}}
            case "GET", [name, "_doc", key]:
                return self._get(name, key)
            case "PUT", [name, "_doc", key]:
                if given["version_type"] != "external_gte":
                    raise Error(400, "illegal_argument_exception")
                status, result = self.index(name).put(key, int(given["version"]), body)
                return status, {"_index": name, "_id": key, "result": result}
            case "POST", [name, "_delete_by_query"]:
                _only(given, "conflicts")
                _only(body, "query")
                index = self.index(name)
                keys = [
                    key for key, held in index.searchable.items() if score(body["query"], held) is not None
                ]
                for key in keys:
                    if key in index.documents:
                        index.delete(key)
                return 200, {"deleted": len(keys), "version_conflicts": 0, "failures": [], "timed_out": False}
            case "POST", [name, "_search"]:
                return 200, self._search(self.index(name), body)
        raise Error(400, "illegal_argument_exception", f"no handler found for {method} {parts}")

    def _get(self, name: str, key: str) -> tuple[int, Json]:
        index = self.index(name)
        real = self.aliases.get(name, name)
        if key not in index.documents:
            return 404, {"_index": real, "_id": key, "found": False}
        version, sequence, source = index.documents[key]
        return 200, {"_index": real, "_id": key, "_version": version, "_seq_no": sequence, "_primary_term": 1,
                     "found": True, "_source": source}  # fmt: skip

    def _search(self, index: Index, body: Json) -> Json:
        _only(body, "size", "_source", "docvalue_fields", "track_total_hits", "query", "sort", "aggs")
        scored = [
            (found, source) for source in index.searchable.values() if (found := score(body["query"], source))
        ]
        shell = {"took": 1, "timed_out": False, "_shards": {"total": 1, "successful": 1, "failed": 0}}
        if "aggs" in body:
            return {
                **shell,
                "hits": {"hits": []},
                "aggregations": {"versions": self._composite(body, scored)},
            }
        assert body["sort"] == [{"_score": "desc"}, {"passage": "asc"}]
        scored.sort(key=lambda one: (-one[0], one[1]["passage"]))
        hits = [
            {"_score": found, "fields": {name: [source[name]] for name in body["docvalue_fields"]}}
            for found, source in scored[: body["size"]]
        ]
        return {**shell, "hits": {"hits": hits}}

    def _composite(self, body: Json, scored: list[tuple[float, Json]]) -> Json:
        composite = body["aggs"]["versions"]["composite"]
        names = [next(iter(source)) for source in composite["sources"]]
        counts: dict[tuple, int] = {}
        for _, source in scored:
            key = tuple(source[name] for name in names)
            counts[key] = counts.get(key, 0) + 1
        after = tuple(composite["after"][name] for name in names) if "after" in composite else None
        keys = sorted(key for key in counts if after is None or key > after)[: composite["size"]]
        buckets = [{"key": dict(zip(names, key, strict=True)), "doc_count": counts[key]} for key in keys]
        return {"buckets": buckets, **({"after_key": buckets[-1]["key"]} if buckets else {})}

    def _bulk(self, data: bytes) -> Json:
        if not data.endswith(b"\n"):
            raise Error(400, "illegal_argument_exception", "The bulk request must be terminated by a newline")
        lines = [json.loads(line) for line in data.splitlines()]
        items = []
        for number, (action, source) in enumerate(zip(lines[::2], lines[1::2], strict=True)):
            ((what, how),) = action.items()
            if what != "index" or how["version_type"] != "external_gte":
                raise Error(400, "illegal_argument_exception")
            try:
                if 0 <= self.refuses_bulk_after <= number:
                    raise Error(429, "es_rejected_execution_exception")
                status, result = self.index(how["_index"]).put(how["_id"], how["version"], source)
                items.append({"index": {"_id": how["_id"], "status": status, "result": result}})
            except Error as error:
                told = {"type": error.kind, "reason": error.reason}
                items.append({"index": {"_id": how["_id"], "status": error.status, "error": told}})
        return {"took": 1, "errors": any("error" in item["index"] for item in items), "items": items}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    held: OpenSearchServer

    def _handle(self) -> None:
        data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.held.authorization.add(self.headers.get("Authorization", ""))
        kind = self.headers.get("Content-Type", "")
        status, body = self.held.answer(self.command, self.path, kind, data)
        sent = self.held.answers_with or json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=UTF-8")
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    do_GET = do_POST = do_PUT = do_DELETE = _handle  # noqa: N815 (http.server finds them by name)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextmanager
def opensearch_server() -> Iterator[OpenSearchServer]:
    held = OpenSearchServer()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"held": held}))
    server.daemon_threads = True
    held.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield held
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
