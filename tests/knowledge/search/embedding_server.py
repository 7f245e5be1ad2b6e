"""An embedding endpoint for tests, over real HTTP, that speaks OpenAI's protocol and can misbehave.

Its vectors are for plumbing only. A text's vector counts its stems and the runs of three letters in them,
hashed: texts that share words or parts of words are alike, texts that say the same in other words are not.
Nothing about the quality of search by meaning follows from them. ``EmbeddingServer.concepts`` makes chosen
stems mean the same.

``python -m tests.knowledge.search.embedding_server 8123`` serves it to a product started by hand.
"""

import base64
import json
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from hashlib import blake2b
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

import django
import numpy as np

DIMENSION = 256
STEM_WEIGHT, RUN_WEIGHT = 1.0, 0.2


@lru_cache(maxsize=200_000)
def _place(feature: str, dimension: int) -> tuple[int, float]:
    digest = int.from_bytes(blake2b(feature.encode(), digest_size=8).digest())
    return digest % dimension, 1.0 if digest >> 63 else -1.0


def embed(text: str, dimension: int = DIMENSION, concepts: Mapping[str, str] | None = None) -> np.ndarray:
    """Return the unit vector of a text: the same in every process and run."""
    from knowledge.search.terms import stems  # needs the settings, which a server by itself has to load first

    vector = np.zeros(dimension, np.float32)
    for word, count in Counter(stems(text, "en")).items():
        word = (concepts or {}).get(word, word)
        place, sign = _place(f"={word}", dimension)
        vector[place] += sign * STEM_WEIGHT * count**0.5
        marked = f"^{word}$"
        for first in range(len(marked) - 2):
            place, sign = _place(marked[first : first + 3], dimension)
            vector[place] += sign * RUN_WEIGHT
    length = float(np.linalg.norm(vector))
    if not length:
        vector[0] = length = 1.0
    return vector / length


class EmbeddingServer:
    """The endpoint; a context manager. Attributes are changed while it runs.

    Attributes:
        faults: what happens to the next requests, one a request: ``401``, ``400``, ``500``, ``429``,
            ``429:5`` (with Retry-After), ``quota``, ``reordered``, ``floats``, ``no_base64``, ``missing``,
            ``short``, ``nan``, ``zero``, ``garbage``, ``cut``, ``slow:0.5``; ``ok`` for none.
        always: what happens to every request once ``faults`` are used up.
        too_long: texts longer than this are refused with 400; None for any length.
        dimension: numbers in a vector.
        concepts: what a stem is taken for.
        requests: the bodies received, in order.
    """

    def __init__(self, port: int = 0, dimension: int = DIMENSION) -> None:
        self.faults: list[str] = []
        self.always = "ok"
        self.too_long: int | None = None
        self.dimension = dimension
        self.concepts: dict[str, str] = {}
        self.requests: list[dict[str, Any]] = []
        self.lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"endpoint": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        """The address up to and with /v1."""
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    @property
    def texts(self) -> list[str]:
        """Every text received, in order."""
        return [text for request in self.requests for text in request["input"]]

    def fault(self) -> str:
        """Return what happens to the next request."""
        with self.lock:
            return self.faults.pop(0) if self.faults else self.always

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


STATUSES = {
    "401": "invalid_api_key",
    "400": "bad_request",
    "500": "server_error",
    "quota": "insufficient_quota",
}


class _Handler(BaseHTTPRequestHandler):
    endpoint: EmbeddingServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        """Answer one request for embeddings."""
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        with self.endpoint.lock:
            self.endpoint.requests.append(body)
        fault, _, number = self.endpoint.fault().partition(":")
        too_long = self.endpoint.too_long
        if fault == "slow":
            time.sleep(float(number))
        if fault == "429":
            self._send(429, {"error": {"code": "rate_limit_exceeded"}}, {"Retry-After": number or "0"})
        elif fault == "no_base64" and body.get("encoding_format") == "base64":
            self._send(400, {"error": {"message": "unknown encoding_format"}})
        elif too_long is not None and any(len(text) > too_long for text in body["input"]):
            self._send(400, {"error": {"code": "context_length_exceeded"}})
        elif fault in STATUSES:
            status = 429 if fault == "quota" else int(fault)
            self._send(status, {"error": {"code": STATUSES[fault], "message": f"no: {body['input'][0]}"}})
        elif fault == "garbage":
            self._send_bytes(200, b"<html>Bad gateway</html>")
        elif fault == "cut":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{")
            self.close_connection = True
        else:
            self._send(200, self._answer(body, fault))

    def _answer(self, body: dict[str, Any], fault: str) -> dict[str, Any]:
        dimension = self.endpoint.dimension // 2 if fault == "short" else self.endpoint.dimension
        rows = [embed(text, dimension, self.endpoint.concepts) for text in body["input"]]
        if fault in ("nan", "zero"):
            rows[-1] = np.full(dimension, np.nan if fault == "nan" else 0.0, np.float32)
        is_base64 = body.get("encoding_format") == "base64" and fault != "floats"
        data = [
            {
                "object": "embedding",
                "index": index,
                "embedding": base64.b64encode(row.tobytes()).decode() if is_base64 else row.tolist(),
            }
            for index, row in enumerate(rows)
        ]
        if fault == "reordered":
            data.reverse()
        if fault == "missing":
            data.pop()
        return {"object": "list", "model": body["model"], "data": data}

    def _send(self, status: int, answer: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        self._send_bytes(status, json.dumps(answer).encode(), headers)

    def _send_bytes(self, status: int, content: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        with suppress(ConnectionError):  # a client that has lost its patience is part of the tests
            self.end_headers()
            self.wfile.write(content)

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")
    django.setup()
    with EmbeddingServer(int(sys.argv[1])) as _endpoint:
        print(_endpoint.url, flush=True)
        threading.Event().wait()
