"""Requests to OpenSearch's REST interface over kept connections, safe in threads."""

import json
from base64 import b64encode
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

import urllib3
from django.conf import settings

from knowledge.search.opensearch.errors import Away, Refused

CONNECTIONS: Final = 16
CONNECT_SECONDS: Final = 5.0  # for a change; a question has less patience
_AWAY: Final = frozenset({429, 502, 503, 504})

Json = dict[str, Any]


class Client:
    """One OpenSearch.

    Args:
        url: its address, without a path.
        user: name for basic authentication; empty for none.
        password: its password.
        seconds: patience with a question.
        authority: PEM of the authority to trust with an https address; empty for the machine's own ones.
    """

    def __init__(self, url: str, user: str, password: str, seconds: float, authority: str = "") -> None:
        proof = b64encode(f"{user}:{password}".encode()).decode()  # read as UTF-8 by OpenSearch
        headers = {"Accept": "application/json", **({"Authorization": f"Basic {proof}"} if user else {})}
        trust = {"ca_cert_data": authority} if authority else {}
        self._url, self._seconds = url, seconds
        self._pool = urllib3.PoolManager(maxsize=CONNECTIONS, headers=headers, retries=False, **trust)

    def call(self, method: str, path: str, body: Json | None = None, *, seconds: float | None = None) -> Json:
        """Make one request and return its answer.

        Raises:
            Away: no usable answer came; asking again later may bring one.
            Refused: it is an error of another kind.
        """
        data = None if body is None else json.dumps(body).encode()
        return self._send(method, path, data, "application/json", seconds or self._seconds)

    def bulk(self, index: str, lines: Iterable[Json], *, seconds: float) -> list[Json]:
        """Send actions and documents for an index, one a line, and return what came of each action.

        The index stands in the path: a server may forbid it in the lines
        (``rest.action.multi.allow_explicit_index``), as managed ones do that guard single indexes.

        Raises:
            Away, Refused: as with ``call``; what came of single actions is for the caller to look at.
        """
        data = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
        answer = self._send("POST", f"/{index}/_bulk", data, "application/x-ndjson", seconds)
        return [next(iter(item.values())) for item in answer["items"]]

    def _send(self, method: str, path: str, data: bytes | None, kind: str, seconds: float) -> Json:
        headers = {**self._pool.headers, **({"Content-Type": kind} if data is not None else {})}
        timeout = urllib3.Timeout(connect=min(CONNECT_SECONDS, seconds), read=seconds)
        try:
            answer = self._pool.request(
                method, self._url + path, body=data, headers=headers, timeout=timeout, redirect=False
            )
        except urllib3.exceptions.HTTPError as error:
            raise Away(type(error).__name__) from error
        if answer.status in _AWAY:
            raise Away(f"{answer.status}")
        return _read(answer.status, answer.data)


def _read(status: int, data: bytes) -> Json:
    try:
        told = json.loads(data)
    except ValueError as error:
        raise Away(f"{status} without JSON: something else answers in its place") from error
    if status < 300 and isinstance(told, dict):
        return told
    error = told.get("error") if isinstance(told, dict) else None
    if isinstance(error, dict):
        raise Refused(status, str(error.get("type", "")), str(error.get("reason", "")))
    raise Refused(status, "not_found" if status == 404 else "", str(error or ""))


def client() -> Client:
    """Return the settings' OpenSearch."""
    return _client(
        settings.OPENSEARCH_URL,
        settings.OPENSEARCH_USER,
        settings.OPENSEARCH_PASSWORD,
        settings.OPENSEARCH_SECONDS,
        settings.OPENSEARCH_CA,
    )


_client = lru_cache(maxsize=4)(Client)
