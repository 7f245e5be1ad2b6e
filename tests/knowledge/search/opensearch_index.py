"""One index of the stand-in for OpenSearch: its mapping, documents with versions, and what a search sees."""

import re
from collections import defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

Json = dict[str, Any]

_CAN_HOLD: dict[str, Callable[[object], bool]] = {
    "keyword": lambda value: isinstance(value, str | int | bool),
    "long": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "date": lambda value: isinstance(value, str) and bool(re.fullmatch(r"\d{4}-\d\d-\d\d", value)),
}


class Error(Exception):
    """An error as OpenSearch tells it: ``details`` stand beside its type and reason."""

    def __init__(self, status: int, kind: str, reason: str = "", **details: Any) -> None:
        super().__init__(kind)
        self.status = status
        self.told = {"type": kind, "reason": reason or kind, **details}


@dataclass(frozen=True)
class Held:
    """A document: its source and where it stands."""

    version: int
    sequence: int
    source: Json


@dataclass
class View:
    """What searches see of an index since its last refresh."""

    documents: dict[str, Held] = field(default_factory=dict)

    @cached_property
    def _keys(self) -> dict[str, dict[Hashable, set[str]]]:
        """Keys of documents by field and value."""
        keys: dict[str, dict[Hashable, set[str]]] = defaultdict(lambda: defaultdict(set))
        for key, held in self.documents.items():
            for name in held.source:
                for value in self.values(key, name):
                    keys[name][value].add(key)
        return keys

    def values(self, key: str, name: str) -> list[Any]:
        """Return what a document holds in a field: always a list."""
        value = self.documents[key].source.get(name)
        return value if isinstance(value, list) else [] if value is None else [value]

    def having(self, name: str, value: Hashable) -> set[str]:
        """Return the documents that hold a value."""
        return self.by_value(name).get(value, set())

    def by_value(self, name: str) -> dict[Hashable, set[str]]:
        """Return the documents by what they hold in a field."""
        return self._keys.get(name, {})


class Index:
    """Documents under one mapping; ``None`` for one that a write made by itself."""

    def __init__(self, name: str, mapping: Json | None) -> None:
        self.name = name
        self.fields: Json = (mapping or {}).get("properties", {})
        self.is_strict = (mapping or {}).get("dynamic") == "strict"
        for name, how in self.fields.items():
            if how["type"] not in _CAN_HOLD:
                reason = f"No handler for type [{how['type']}] declared on field [{name}]"
                raise Error(400, "mapper_parsing_exception", reason)
        self.documents: dict[str, Held] = {}
        self.view = View()
        self._versions: dict[str, int] = {}  # also of deleted documents
        self._sequence = -1

    def put(self, key: str, source: Json, given: Json) -> Json:
        """Keep a document under the version that is given, or the next one."""
        self._check(source)
        version = self._next_version(key, given)
        made = key not in self.documents
        self._sequence += 1
        self._versions[key] = version
        self.documents[key] = Held(version, self._sequence, source)
        return self._done(key, 201 if made else 200, "created" if made else "updated")

    def delete(self, key: str, given: Json) -> Json:
        """Take a document out; its version goes on."""
        version = self._next_version(key, given)
        was_there = self.documents.pop(key, None) is not None
        self._sequence += 1
        self._versions[key] = version
        return self._done(key, 200 if was_there else 404, "deleted" if was_there else "not_found")

    def delete_seen(self, keys: set[str]) -> list[Json]:
        """Take out what a search has seen, where it is still the same; return the conflicts."""
        conflicts = []
        for key in sorted(keys):
            seen, now = self.view.documents[key], self.documents.get(key)
            if now is not None and now.sequence == seen.sequence:
                self.delete(key, {})
                continue
            reason = f"[{key}]: version conflict, required seqNo [{seen.sequence}], primary term [1]."
            cause = self._conflict(reason).told
            conflicts.append({"index": self.name, "id": key, "cause": cause, "status": 409})
        return conflicts

    def refresh(self) -> None:
        """Let searches see everything."""
        self.view = View(dict(self.documents))

    def _check(self, source: Json) -> None:
        for name, value in source.items():
            if name not in self.fields:
                if self.is_strict:
                    reason = f"mapping set to strict, dynamic introduction of [{name}] within [_doc]"
                    reason += " is not allowed"
                    raise Error(400, "strict_dynamic_mapping_exception", reason)
                continue
            kind = self.fields[name]["type"]
            values = value if isinstance(value, list) else [value]
            if not all(one is None or _CAN_HOLD[kind](one) for one in values):
                reason = f"failed to parse field [{name}] of type [{kind}] in document"
                raise Error(400, "mapper_parsing_exception", reason)

    def _next_version(self, key: str, given: Json) -> int:
        held = self._versions.get(key)
        kind = given.get("version_type", "internal")
        if kind == "internal":
            if "version" in given:
                reason = "internal versioning can not be used for optimistic concurrency control"
                raise Error(400, "action_request_validation_exception", reason)
            return (held or 0) + 1
        if kind not in ("external", "external_gte"):
            raise Error(400, "illegal_argument_exception", f"No version type match [{kind}]")
        version = int(given["version"])
        if held is not None and (version < held or (version == held and kind == "external")):
            than = "higher or equal to" if kind == "external" else "higher than"
            now = f"[{key}]: version conflict, current version [{held}]"
            raise self._conflict(f"{now} is {than} the one provided [{version}]")
        return version

    def _conflict(self, reason: str) -> Error:
        where = {"index": self.name, "shard": "0", "index_uuid": f"uuid-of-{self.name}"}
        return Error(409, "version_conflict_engine_exception", reason, **where)

    def _done(self, key: str, status: int, result: str) -> Json:
        return {
            "_index": self.name,
            "_id": key,
            "_version": self._versions[key],
            "result": result,
            "_shards": {"total": 2, "successful": 1, "failed": 0},
            "_seq_no": self._sequence,
            "_primary_term": 1,
            "status": status,
        }
