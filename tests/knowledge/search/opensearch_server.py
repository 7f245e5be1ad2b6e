"""OpenSearch for tests, over real HTTP: a stand-in, or the real server at ``TEST_OPENSEARCH_URL``.

Whichever it is, the desk talks to a front that records what is asked and answered, and can fail as a server
does. Everything it is told to look at goes through the interface, so that the tests hold for both.
"""

import base64
import json
import os
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import httpx

from tests.knowledge.search.opensearch_standin import Answer, StandIn

Json = dict[str, Any]

REAL = os.environ.get("TEST_OPENSEARCH_URL", "").rstrip("/")
# So that tests side by side, and what others keep on a real server, are left alone.
PREFIX = f"chatsite-test-{uuid4().hex[:12]}"
_FULL = {"type": "rejected_execution_exception", "reason": "rejected execution of coordinating operation"}


class RealServer:
    """The server at an address; its own user and password stand in the address.

    The authority behind a certificate of its own is that of ``SSL_CERT_FILE``.
    """

    def __init__(self, address: str) -> None:
        url = urlsplit(address)
        self._address = url._replace(netloc=url.netloc.rpartition("@")[2]).geturl()
        user = f"{unquote(url.username or '')}:{unquote(url.password or '')}"
        proof = f"Basic {base64.b64encode(user.encode()).decode()}"
        headers = {"Authorization": proof} if url.username else {}
        self._client = httpx.Client(timeout=60.0, headers=headers, verify=ssl.create_default_context())

    def answer(self, method: str, target: str, kind: str, data: bytes) -> Answer:
        """Return status and body of the answer to a request."""
        headers = {"Content-Type": kind} if data else {}
        told = self._client.request(method, self._address + target, content=data or None, headers=headers)
        return told.status_code, told.json()


@dataclass(frozen=True)
class Exchange:
    """One request with its answer."""

    method: str
    target: str
    sent: bytes
    status: int
    told: Json


class OpenSearchServer:
    """What tests have the server do, and what they ask it."""

    def __init__(self) -> None:
        self.url = ""
        self.alias = f"{PREFIX}-{uuid4().hex[:12]}"
        self.asked: list[str] = []
        self.exchanges: list[Exchange] = []
        self.authorization: set[str] = set()
        self.fails_with = 0  # a status for every request
        self.refuses_bulk_after = -1  # actions; the others get 429 each
        self.before_search: Callable[[], None] = lambda: None
        self.answers_with: bytes | None = None
        self._behind: StandIn | RealServer = RealServer(REAL) if REAL else StandIn()

    def call(self, method: str, path: str, body: Json | list[Json] | None = None) -> Answer:
        """Ask it past the front; a list goes as lines."""
        if isinstance(body, list):
            lines = "".join(json.dumps(line) + "\n" for line in body)
            return self._behind.answer(method, path, "application/x-ndjson", lines.encode())
        data = b"" if body is None else json.dumps(body).encode()
        return self._behind.answer(method, path, "application/json", data)

    def served(self) -> list[str]:
        """Return the names of the indexes behind the desk's alias."""
        status, told = self.call("GET", f"/_alias/{self.alias}")
        return sorted(told) if status == 200 else []

    def kept(self) -> list[str]:
        """Return the names of all indexes that the desk has made."""
        _, told = self.call("GET", f"/_cat/indices/{self.alias}*?format=json&h=index")
        return sorted(one["index"] for one in told)

    def seen(self) -> list[Json]:
        """Return the passages that a search may find."""
        body = {"size": 10_000, "query": {"term": {"kind": "passage"}}}
        _, told = self.call("POST", f"/{self.alias}/_search?preference=_primary", body)
        return [hit["_source"] for hit in told["hits"]["hits"]]

    def answer(self, method: str, target: str, kind: str, data: bytes) -> Answer:
        """Answer the desk."""
        path = urlsplit(target).path
        self.asked.append(f"{method} {path}")
        if self.fails_with:
            return self.fails_with, {"error": {**_FULL, "root_cause": [_FULL]}, "status": self.fails_with}
        if path.endswith("/_search"):
            self.before_search()
        if path.endswith("/_bulk") and self.refuses_bulk_after >= 0:
            status, told = self._bulk_while_full(method, target, kind, data)
        else:
            status, told = self._behind.answer(method, target, kind, data)
        self.exchanges.append(Exchange(method, target, data, status, told))
        return status, told

    def clean(self) -> None:
        """Leave nothing on a real server."""
        if REAL:
            for name in self.kept():
                self.call("DELETE", f"/{name}")

    def _bulk_while_full(self, method: str, target: str, kind: str, data: bytes) -> Answer:
        """Have the first actions done, and answer for the others as a server does that is full."""
        lines = data.splitlines(keepends=True)
        done, left = lines[: 2 * self.refuses_bulk_after], lines[2 * self.refuses_bulk_after :: 2]
        told: Json = {"took": 1, "errors": False, "items": []}
        if done:
            _, told = self._behind.answer(method, target, kind, b"".join(done))
        name = urlsplit(target).path.split("/")[1]
        for line in left:
            refused = {"_index": name, "_id": json.loads(line)["index"]["_id"], "status": 429, "error": _FULL}
            told = {**told, "errors": True, "items": [*told["items"], {"index": refused}]}
        return 200, told


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = (
        65_536  # head and body in one packet: a second one waits 40 ms for the first to be acknowledged
    )
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
def opensearch_server(wrap: Callable[[Any], Any] | None = None) -> Iterator[OpenSearchServer]:
    """Serve until the end; ``wrap`` makes another socket of the listening one, as TLS does."""
    held = OpenSearchServer()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"held": held}))
    server.daemon_threads = True
    if wrap:
        server.socket = wrap(server.socket)
    held.url = f"{'https' if wrap else 'http'}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield held
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        held.clean()
