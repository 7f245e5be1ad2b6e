"""A desk elsewhere, over its REST interface and server-sent events.

A question is sent under one client id until it is acknowledged, so that sending it again after a cut
connection makes nothing new; its events are followed from the cursor on, as often as the connection breaks.
"""

import asyncio
import ipaddress
import json
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any, Self
from urllib.parse import urljoin, urlsplit
from uuid import UUID

import aiohttp

from chat.errors import ChatError
from chat.events import EventId
from chat.llm.errors import MalformedStream
from chat.llm.sse import EventParser
from chat.terminal.desk import CONNECTION_LOST, FINAL, Event, Thread, Unreachable

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 60.0
SILENT_SECONDS = 45.0  # three heartbeats of the server
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 5.0
MOST_PAGES = 50
MOST_BYTES = 8 * 1024 * 1024  # of one answer
_AWAY = frozenset({502, 503, 504})
_CUT = (aiohttp.ClientError, TimeoutError, OSError, MalformedStream)


class RemoteDesk:
    """Talks to ``url`` under a bearer token.

    Args:
        patience: seconds for which a desk that was reached before may be away.

    Raises:
        ValueError: the address is none, or would send the token in clear over a network.
    """

    def __init__(self, url: str, token: str, *, allow_http: bool = False, patience: float = 60.0):
        self.site = _checked(url, allow_http=allow_http)
        self.who = sha256(token.encode()).hexdigest()[:16]
        self._patience = patience
        if not token.isascii() or not token.isprintable() or not token:
            raise ValueError("the token has characters that no token has")
        self._headers = {"Authorization": f"Bearer {token}", "User-Agent": "chatsite-terminal"}
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.close()

    async def begin(self) -> Thread:
        """Open a conversation."""
        return _thread(await self._call("POST", "conversations/"))

    async def find(self, conversation_id: UUID) -> Thread:
        """Return a conversation of the person's."""
        return _thread(await self._call("GET", f"conversations/{conversation_id}/"))

    async def recent(self) -> list[Thread]:
        """Return the newest conversations in which something was said."""
        page = await self._call("GET", "conversations/")
        with _of_a_desk():
            return [_thread(row) for row in page["results"] if row["last_message_at"]]

    async def messages(self, conversation_id: UUID) -> list[dict[str, Any]]:
        """Return what was said, page by page."""
        path: str | None = f"conversations/{conversation_id}/messages/"
        rows: list[dict[str, Any]] = []
        for _ in range(MOST_PAGES):
            page = await self._call("GET", path)
            with _of_a_desk():
                rows += page["results"]
                path = page["next"]
            if not path:
                break
            path = f"conversations/{conversation_id}/messages/?{urlsplit(path).query}"
        return rows

    async def ask(self, conversation_id: UUID, text: str, client_id: UUID) -> AsyncIterator[Event]:
        """Send a question, again under the same id while nothing is known of it, and yield its events."""
        body = {"text": text, "client_id": str(client_id)}
        retry = _Retry(self._patience)
        while True:
            try:
                accepted = await self._call("POST", f"conversations/{conversation_id}/messages/", body)
                break
            except Unreachable as error:
                retry.reason = error
                yield await retry.pause()
        with _of_a_desk():
            turn_id = UUID(accepted["turn"])
        async for event in self.follow(turn_id):
            yield event

    async def follow(self, turn_id: UUID) -> AsyncIterator[Event]:
        """Yield the events of a turn; a cut connection is taken up again after the last of them."""
        cursor: EventId | None = None
        retry = _Retry(self._patience)
        while True:
            try:
                async for event in self._events(turn_id, cursor):
                    event_id, is_final = EventId.parse(event["id"]), event["type"] in FINAL
                    if not is_final and cursor is not None and event_id <= cursor:
                        continue
                    cursor = event_id
                    retry.begin_anew()
                    yield event
                    if is_final:
                        return
            except Unreachable as error:
                retry.reason = error
            yield await retry.pause()

    async def stop(self, turn_id: UUID) -> None:
        """End an answer."""
        await self._call("POST", f"turns/{turn_id}/stop")

    async def close(self) -> None:
        """Close the connections."""
        if self._http is not None:
            await self._http.close()
            self._http = None

    def _session(self) -> aiohttp.ClientSession:
        if self._http is None:  # belongs to the loop it is made on
            self._http = aiohttp.ClientSession(headers=self._headers, trust_env=True)
        return self._http

    async def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        limits = aiohttp.ClientTimeout(total=ANSWER_SECONDS, connect=CONNECT_SECONDS)
        address = f"{self.site}/api/v1/{path}"
        headers = {"Accept": "application/json"}
        try:
            async with self._session().request(
                method, address, json=body, headers=headers, timeout=limits, allow_redirects=False
            ) as answer:
                raw = await _body(answer)
                _check(answer, raw)
                return json.loads(raw) if raw else None
        except _CUT as error:
            raise Unreachable(f"{self.site} cannot be reached: {_reason(error)}.") from error
        except ValueError as error:
            raise Unreachable(f"{self.site} answers, but not as a desk does.") from error

    async def _events(self, turn_id: UUID, cursor: EventId | None) -> AsyncIterator[Event]:
        limits = aiohttp.ClientTimeout(total=None, connect=CONNECT_SECONDS, sock_read=SILENT_SECONDS)
        headers = {"Accept": "text/event-stream"}
        if cursor is not None:
            headers["Last-Event-ID"] = str(cursor)
        address = f"{self.site}/api/v1/turns/{turn_id}/events"
        parser = EventParser()
        try:
            async with self._session().get(
                address, headers=headers, timeout=limits, allow_redirects=False
            ) as answer:
                if answer.status == 204:  # the cursor is the final event
                    return
                if answer.status != 200:
                    _check(answer, await _body(answer))
                async for chunk in answer.content.iter_any():
                    for data in parser.feed(chunk):
                        yield _event(data)
        except _CUT as error:
            raise Unreachable(f"The connection to {self.site} was lost: {_reason(error)}.") from error
        except ValueError as error:
            raise Unreachable(f"{self.site} answers, but not as a desk does.") from error


class _Retry:
    """How long a desk may be away, and how long to wait before it is asked again."""

    def __init__(self, patience: float):
        self._patience = patience
        self.reason = Unreachable()
        self.begin_anew()

    def begin_anew(self) -> None:
        self._until = time.monotonic() + self._patience
        self._pause = FIRST_PAUSE_SECONDS

    async def pause(self) -> Event:
        """Wait, and return what to tell of it.

        Raises:
            Unreachable: the desk was away for too long.
        """
        if time.monotonic() + self._pause > self._until:
            raise self.reason
        await asyncio.sleep(self._pause)
        self._pause = min(self._pause * 2, LONGEST_PAUSE_SECONDS)
        return {"type": CONNECTION_LOST, "words": self.reason.words}


def _check(answer: aiohttp.ClientResponse, raw: bytes) -> None:
    """Return if the answer is one of success.

    Raises:
        Unreachable: it is a proxy's, or a redirect, or comes from a desk that is down.
        ChatError: the desk refuses, with its code and words.
    """
    if answer.status < 300:
        return
    if answer.status < 400:
        there = answer.headers.get("Location", "elsewhere")
        raise ChatError(f"The desk is at another address: {there[:200]}", code="moved")
    try:
        problem = json.loads(raw)
        words, code = str(problem["title"]), str(problem["code"])
    except (ValueError, KeyError, TypeError):
        if answer.status == 401:
            raise ChatError("The token is not accepted.", code="not_authenticated") from None
        raise Unreachable(f"There is no desk: HTTP {answer.status}.") from None
    if answer.status in _AWAY:
        raise Unreachable(words)
    raise ChatError(words, code=code, retryable=bool(problem.get("retryable", False)))


def _checked(url: str, *, allow_http: bool) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("the address must be like https://desk.example.org")
    if parts.username or parts.password:
        raise ValueError("the address must hold no password")
    if parts.scheme == "http" and not (allow_http or _is_this_machine(parts.hostname)):
        raise ValueError("over http the token could be read on the way; use https, or --allow-http")
    return url.rstrip("/")


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _thread(row: Any) -> Thread:
    with _of_a_desk():
        return Thread(UUID(row["id"]), row["title"])


def _event(data: bytes) -> Event:
    with _of_a_desk():
        event = json.loads(data)
        EventId.parse(event["id"])
        return event | {"type": str(event["type"])}


async def _body(answer: aiohttp.ClientResponse) -> bytes:
    raw = bytearray()
    async for chunk in answer.content.iter_any():
        raw += chunk
        if len(raw) > MOST_BYTES:
            raise Unreachable("The desk's answer is longer than any should be.")
    return bytes(raw)


@contextmanager
def _of_a_desk() -> Iterator[None]:
    """Take what has another shape than a desk's answers for no desk."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Unreachable("What answers is no desk, or one of another version.") from error


def _reason(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorError):
        return os.strerror(error.os_error.errno) if error.os_error.errno else str(error.os_error)
    if isinstance(error, aiohttp.ClientPayloadError | aiohttp.ServerDisconnectedError):
        return "it broke off"
    return "it took too long" if isinstance(error, TimeoutError) else (str(error) or type(error).__name__)


def absolute(site: str, address: str) -> str:
    """Return the whole address of something the desk names by its path."""
    return urljoin(f"{site}/", address)
