"""A stand-in for OpenSearch: it answers the requests that the desk makes as a real server does.

Held to OpenSearch's own conformance cases by ``test_opensearch_conformance`` and to the official types by
``test_opensearch_types``. What it does not know it refuses with 400, as OpenSearch does, so that a wrong
request fails a test.
"""

import fnmatch
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.knowledge.search import opensearch_queries as queries
from tests.knowledge.search.opensearch_index import Error, Index, Json

Answer = tuple[int, Any]  # status and body, mostly an object

_SETTINGS = {"refresh_interval", "number_of_shards", "number_of_replicas"}
_PREFERENCES = ("_primary", "_primary_first", "_replica", "_replica_first", "_local", "_only_local")
_SHARDS = {"total": 1, "successful": 1, "failed": 0}
_JSON, _LINES = "application/json", "application/x-ndjson"


class StandIn:
    """Every index of one server, and the requests it takes."""

    def __init__(self) -> None:
        self.indexes: dict[str, Index] = {}
        self.aliases: dict[str, set[str]] = {}
        self._lock = threading.Lock()

    def answer(self, method: str, target: str, kind: str, data: bytes) -> Answer:
        """Return status and body of the answer to a request."""
        url = urlsplit(target)
        parts = [unquote(part) for part in url.path.strip("/").split("/")]
        given = {name: values[0] for name, values in parse_qs(url.query).items()}
        taken = (_JSON, _LINES) if parts[-1] == "_bulk" else (_JSON,)
        if data and kind not in taken:
            return 406, {"error": f"Content-Type header [{kind}] is not supported", "status": 406}
        try:
            with self._lock:
                status, body = self._route(method, parts, given, data)
                if given:
                    reason = f"request [{url.path}] contains unrecognized parameter: [{min(given)}]"
                    raise Error(400, "illegal_argument_exception", reason)
                return status, body
        except Error as error:
            told = {"root_cause": [error.told], **error.told}
            return error.status, {"error": told, "status": error.status}

    def _route(self, method: str, parts: list[str], given: dict[str, str], data: bytes) -> Answer:  # noqa: C901
        match method, parts:
            case "GET", ["_cat", "indices", pattern]:
                _taken(given, "format", "h")
                return 200, [{"index": name} for name in fnmatch.filter(sorted(self.indexes), pattern)]
            case "GET", ["_alias", alias]:
                return self._get_alias(alias)
            case "POST", ["_aliases"]:
                return self._update_aliases(_read(data))
            case "POST" | "PUT", ["_bulk"]:
                return 200, self._bulk(data, "", _taken(given, "refresh"))
            case "POST" | "PUT", [name, "_bulk"]:
                return 200, self._bulk(data, name, _taken(given, "refresh"))
            case "PUT", [name]:
                return self._create(name, _read(data))
            case "DELETE", [name]:
                return self._drop(name)
            case "GET" | "POST", [name, "_refresh"]:
                for index in self._behind(name):
                    index.refresh()
                return 200, {"_shards": {"total": 2, "successful": 1, "failed": 0}}
            case "GET", [name, "_doc", key]:
                return self._get(name, key, _taken(given, "realtime", "preference"))
            case "PUT" | "POST", [name, "_doc", key]:
                how = _taken(given, "version", "version_type", "refresh")
                return self._index(name, key, _read(data), how)
            case "DELETE", [name, "_doc", key]:
                told = self._only(name).delete(key, _taken(given, "version", "version_type"))
                return told.pop("status"), told
            case "POST", [name, "_delete_by_query"]:
                how = _taken(given, "conflicts", "preference", "refresh")
                return self._delete_by_query(name, _read(data), how)
            case "GET" | "POST", [name, "_search"]:
                return self._search(name, _read(data), _taken(given, "preference"))
        raise Error(400, "illegal_argument_exception", f"no handler found for {method} {parts}")

    def _behind(self, name: str) -> list[Index]:
        """Return the indexes that a name stands for."""
        names = self.aliases.get(name) or {name}
        if not names <= self.indexes.keys():
            where = {"resource.type": "index_or_alias", "resource.id": name, "index_uuid": "_na_"}
            raise Error(404, "index_not_found_exception", f"no such index [{name}]", index=name, **where)
        return [self.indexes[one] for one in sorted(names)]

    def _only(self, name: str) -> Index:
        """Return the one index that a name stands for."""
        indexes = self._behind(name)
        if len(indexes) > 1:
            names = ", ".join(index.name for index in indexes)
            reason = f"alias [{name}] has more than one index associated with it [{names}]"
            raise Error(400, "illegal_argument_exception", reason)
        return indexes[0]

    def _to_write(self, name: str) -> Index:
        """Return the index for a write, which makes it where it is missing."""
        if name not in self.aliases and name not in self.indexes:
            self.indexes[name] = Index(name, None)
        return self._only(name)

    def _get_alias(self, alias: str) -> Answer:
        if alias not in self.aliases:
            return 404, {"error": f"alias [{alias}] missing", "status": 404}
        return 200, {name: {"aliases": {alias: {}}} for name in sorted(self.aliases[alias])}

    def _update_aliases(self, body: Json) -> Answer:
        aliases = {alias: set(names) for alias, names in self.aliases.items()}  # all of the actions, or none
        for action in body["actions"]:
            ((what, how),) = action.items()
            name, alias = how["index"], how["alias"]
            self._behind(name)
            if what == "add":
                aliases.setdefault(alias, set()).add(name)
            elif what == "remove" and name in aliases.get(alias, ()):
                aliases[alias].remove(name)
            elif what == "remove":
                raise Error(404, "aliases_not_found_exception", f"aliases [{alias}] missing")
            else:
                raise Error(400, "x_content_parse_exception", f"[alias_action] unknown field [{what}]")
        self.aliases = {alias: names for alias, names in aliases.items() if names}
        return 200, {"acknowledged": True}

    def _create(self, name: str, body: Json) -> Answer:
        for key in body:
            if key not in ("settings", "mappings", "aliases"):
                raise Error(400, "parse_exception", f"unknown key [{key}] for create index")
        if name in self.indexes:
            raise Error(400, "resource_already_exists_exception", f"index [{name}/uuid] already exists")
        if name in self.aliases:
            reason = f"Invalid index name [{name}], already exists as alias"
            raise Error(400, "invalid_index_name_exception", reason)
        for setting in body.get("settings", {}).get("index", body.get("settings", {})):
            if setting not in _SETTINGS:
                raise Error(400, "illegal_argument_exception", f"unknown setting [index.{setting}]")
        for alias in body.get("aliases", {}):
            if alias in self.indexes:
                reason = f"Invalid alias name [{alias}]: an index exists with the same name as the alias"
                raise Error(400, "invalid_alias_name_exception", reason)
        self.indexes[name] = Index(name, body.get("mappings"))
        for alias in body.get("aliases", {}):
            self.aliases.setdefault(alias, set()).add(name)
        return 200, {"acknowledged": True, "shards_acknowledged": True, "index": name}

    def _drop(self, name: str) -> Answer:
        if name in self.aliases:
            reason = f"The provided expression [{name}] matches an alias"
            raise Error(400, "illegal_argument_exception", reason)
        self._behind(name)
        del self.indexes[name]
        aliases = {alias: names - {name} for alias, names in self.aliases.items()}
        self.aliases = {alias: names for alias, names in aliases.items() if names}
        return 200, {"acknowledged": True}

    def _get(self, name: str, key: str, how: Json) -> Answer:
        _check_preference(how)
        index = self._only(name)
        documents = index.view.documents if how.get("realtime") == "false" else index.documents
        if key not in documents:
            return 404, {"_index": index.name, "_id": key, "found": False}
        held = documents[key]
        where = {"_version": held.version, "_seq_no": held.sequence, "_primary_term": 1}
        return 200, {"_index": index.name, "_id": key, **where, "found": True, "_source": held.source}

    def _index(self, name: str, key: str, source: Json, how: Json) -> Answer:
        refresh = how.pop("refresh", "false")
        index = self._to_write(name)
        told = index.put(key, source, how)
        if refresh in ("true", ""):
            index.refresh()
        return told.pop("status"), told

    def _delete_by_query(self, name: str, body: Json, how: Json) -> Answer:
        queries.only(body, "query", "max_docs")
        _check_preference(how)
        index = self._only(name)
        keys = set(queries.find(index, body["query"]))
        conflicts = index.delete_seen(keys)
        if how.get("refresh") == "true":
            index.refresh()
        goes_on = how.get("conflicts") == "proceed"
        return 200 if goes_on or not conflicts else 409, {
            "took": 1, "timed_out": False, "total": len(keys), "deleted": len(keys) - len(conflicts),
            "batches": 1 if keys else 0, "version_conflicts": len(conflicts), "noops": 0,
            "retries": {"bulk": 0, "search": 0}, "throttled_millis": 0, "requests_per_second": -1.0,
            "throttled_until_millis": 0, "failures": [] if goes_on else conflicts,
        }  # fmt: skip

    def _search(self, name: str, body: Json, how: Json) -> Answer:
        _check_preference(how)
        found = [queries.search(index, body) for index in self._behind(name)]
        if len(found) > 1:
            raise Error(400, "illegal_argument_exception", "the stand-in searches one index at a time")
        return 200, {"took": 1, "timed_out": False, "_shards": {**_SHARDS, "skipped": 0}, **found[0]}

    def _bulk(self, data: bytes, name: str, given: Json) -> Json:
        if not data.endswith(b"\n"):
            reason = "The bulk request must be terminated by a newline [\\n]"
            raise Error(400, "illegal_argument_exception", reason)
        actions = list(_actions(data.splitlines()))
        items = [self._act(what, {"_index": name, **how}, source) for what, how, source in actions]
        if given.get("refresh") == "true":
            for one in {one["_index"] for item in items for one in item.values()} & self.indexes.keys():
                self.indexes[one].refresh()
        failed = any("error" in one for item in items for one in item.values())
        return {"took": 1, "errors": failed, "items": items}

    def _act(self, what: str, how: Json, source: Json) -> Json:
        name, key = how.pop("_index"), how.pop("_id")
        try:
            if not key:
                raise Error(400, "illegal_argument_exception", "if _id is specified it must not be empty")
            index = self._to_write(name)
            return {what: index.put(key, source, how) if what == "index" else index.delete(key, how)}
        except Error as error:
            return {what: {"_index": name, "_id": key, "status": error.status, "error": error.told}}


def _read(data: bytes) -> Json:
    try:
        return json.loads(data) if data else {}
    except ValueError as error:
        raise Error(400, "parsing_exception", str(error), line=1, col=1) from error


def _taken(given: dict[str, str], *names: str) -> Json:
    """Return the parameters that a request takes, and leave the others, which nobody takes."""
    return {name: given.pop(name) for name in names if name in given}


def _check_preference(how: Json) -> None:
    preference = how.get("preference", "")
    if preference.startswith("_") and preference not in _PREFERENCES:
        raise Error(400, "illegal_argument_exception", f"no Preference for [{preference}]")


def _actions(lines: list[bytes]) -> Iterator[tuple[str, Json, Json]]:
    """Yield action, parameters and source of each action; refuse all of them for a malformed one."""
    rest: Iterator[tuple[int, bytes]] = iter(enumerate(lines, 1))
    take: Callable[[], tuple[int, bytes]] = lambda: next(rest, (0, b""))  # noqa: E731
    while (numbered := take())[0]:
        number, line = numbered
        action = _read(line)
        place = f"Malformed action/metadata line [{number}]"
        if not isinstance(action, dict) or len(action) != 1:
            reason = f"{place}, expected FIELD_NAME but found [END_OBJECT]"
            raise Error(400, "illegal_argument_exception", reason)
        ((what, how),) = action.items()
        if what not in ("index", "delete"):
            reason = f"{place}, expected field [create], [delete], [index] or [update] but found [{what}]"
            raise Error(400, "illegal_argument_exception", reason)
        if wrong := sorted(set(how) - {"_index", "_id", "version", "version_type"}):
            reason = f"Action/metadata line [{number}] contains an unknown parameter [{wrong[0]}]"
            raise Error(400, "illegal_argument_exception", reason)
        yield what, dict(how), _read(take()[1]) if what == "index" else {}
