"""An index of its own for each conformance case, and who asks for it over HTTP."""

import json
from typing import Any

import httpx

Json = dict[str, Any]

FIELDS = {
    "word": {"type": "keyword"},
    "hidden": {"type": "keyword", "doc_values": False},
    "number": {"type": "long"},
    "day": {"type": "date", "format": "strict_date"},
    "flag": {"type": "boolean"},
}


class Asking:
    """An index of its own, and who asks for it."""

    def __init__(self, url: str, alias: str) -> None:
        self.alias, self.index = alias, f"{alias}-case"
        self.client = httpx.Client(base_url=url, timeout=60.0)

    def __call__(self, method: str, path: str, body: Json | list[Json] | None = None) -> tuple[int, Json]:
        """Ask; a list goes as lines. ``{i}`` and ``{a}`` stand for the index and the alias."""
        path = path.format(i=self.index, a=self.alias)
        if isinstance(body, list):
            lines = "".join(json.dumps(line) + "\n" for line in body)
            return self.raw(method, path, lines, "application/x-ndjson")
        data = "" if body is None else json.dumps(body)
        return self.raw(method, path, data, "application/json" if data else "")

    def raw(self, method: str, path: str, data: str, kind: str) -> tuple[int, Json]:
        """Ask with a body just as it is."""
        headers = {"Content-Type": kind} if kind else {}
        told = self.client.request(method, path, content=data or None, headers=headers)
        return told.status_code, told.json()

    def make(self, **more: Any) -> None:
        """Make the index, with ``FIELDS`` and nothing else."""
        status, told = self("PUT", "/{i}", {"mappings": {"dynamic": "strict", "properties": FIELDS}, **more})
        assert (status, told) == (
            200,
            {"acknowledged": True, "shards_acknowledged": True, "index": self.index},
        )

    def fill(self, documents: dict[str, Json]) -> None:
        """Put documents in, by their ids, where searches see them."""
        lines = [line for key, source in documents.items() for line in ({"index": {"_id": key}}, source)]
        status, told = self("POST", "/{i}/_bulk?refresh=true", lines)
        assert status == 200 and told["errors"] is False

    def found(self, query: Json) -> list[str]:
        """Return the ids of what a query finds."""
        status, told = self("POST", "/{i}/_search", {"query": query})
        assert status == 200, told
        return sorted(hit["_id"] for hit in told["hits"]["hits"])


def refused(answer: tuple[int, Json]) -> tuple[int, str]:
    """Return status and kind of an error as every refusal tells it."""
    status, told = answer
    assert told["status"] == status
    return status, told["error"]["type"]
