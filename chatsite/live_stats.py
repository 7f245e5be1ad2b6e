"""``/stats`` and ``/stats/stream``: what goes on, as a page, as JSON, and as events while somebody watches.

One computation every ``EVERY_SECONDS`` serves all watchers of a process, and none is made while nobody
watches. Each round first asks who may still watch: a sign-out ends a stream within one round.
"""

import asyncio
import json
import signal
import threading
from collections.abc import AsyncIterator, Callable
from functools import partial
from random import randint
from types import FrameType
from typing import Any, Final

import structlog
from asgiref.sync import sync_to_async
from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.db import Error as DatabaseFailure
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from accounts.tokens.access import Access
from chat.database import in_database, release_connection
from chat.events.loops import PerLoop
from chatsite import stats
from chatsite.services import PROCESS
from chatsite.staff import Visitor, no_longer_staff, visitor
from chatsite.stats_page import page_parts, shown

logger = structlog.get_logger(__name__)

EVERY_SECONDS: Final = 2.0
HEARTBEAT_SECONDS: Final = 10.0
RETRY_MS: Final = (1_000, 3_000)  # spread, since a restart breaks all at once
MOST_WATCHERS: Final = 50  # in a process; each has a page of its own to fill every two seconds
_ENDED: Final = "event: ended\ndata: {}\n\n"
_AWAY: Final = "event: away\ndata: {}\n\n"


async def figures() -> dict[str, Any]:
    """Return the figures as they are now.

    Raises:
        django.db.Error: the database is away.
    """
    own, is_shared = stats.of_this_process(), await stats.cache_is_up()
    return await in_database(partial(stats.gather, PROCESS, own, is_shared=is_shared))


class Watcher:
    """One open stream. It holds the newest event only: whoever reads slowly misses the ones between."""

    def __init__(self, access: Access):
        self.access = access
        self._newest: asyncio.Queue[str] = asyncio.Queue(1)

    def tell(self, event: str) -> None:
        """Give it an event, in place of one that it has not taken."""
        if self._newest.full():
            self._newest.get_nowait()
        self._newest.put_nowait(event)

    async def events(self) -> AsyncIterator[str]:
        """Yield the events as they come, and comments while there are none; end with ``ended``."""
        yield f": watching\nretry: {randint(*RETRY_MS)}\n"  # spreads who comes back  # nosec B311
        while True:
            try:
                async with asyncio.timeout(HEARTBEAT_SECONDS):
                    event = await self._newest.get()
            except TimeoutError:
                yield ": still here\n"
                continue
            yield event
            if event == _ENDED:
                return


class LiveStats:
    """The watchers of one event loop, and the rounds that serve them."""

    def __init__(self) -> None:
        self._watchers: set[Watcher] = set()
        self._rounds: asyncio.Task[None] | None = None
        self._last = ""
        self._is_closing = False
        _call_at_the_servers_end(self.close)

    def __len__(self) -> int:
        return len(self._watchers)

    async def watch(self, access: Access) -> AsyncIterator[str]:
        """Yield the lines of one stream; it is over when the access is, or the server ends."""
        watcher = Watcher(access)
        self._watchers.add(watcher)
        if self._is_closing:
            watcher.tell(_ENDED)
        elif self._last:
            watcher.tell(self._last)
        if self._rounds is None or self._rounds.done():
            self._rounds = asyncio.create_task(self._serve(), name="live-stats")
        try:
            async for lines in watcher.events():
                yield lines
        finally:
            self._watchers.discard(watcher)

    def close(self) -> None:
        """End every stream: a server that is told to end waits for its answers, and these have no end."""
        self._is_closing = True
        for watcher in self._watchers:
            watcher.tell(_ENDED)

    async def _serve(self) -> None:
        while self._watchers and not self._is_closing:
            over: set[Access] = set()
            try:
                over = await in_database(no_longer_staff, {watcher.access for watcher in self._watchers})
                self._last = _event(await figures())
            except DatabaseFailure as error:
                logger.warning("stats_not_gathered", reason=str(error))
                self._last = _AWAY
            if not self._is_closing:
                for watcher in self._watchers:
                    watcher.tell(_ENDED if watcher.access in over else self._last)
                await asyncio.sleep(EVERY_SECONDS)
        self._last = ""


_live = PerLoop(LiveStats)


def live_stats() -> LiveStats:
    """Return the running loop's watchers."""
    return _live.get()


@never_cache
@require_safe
async def show_stats(request: HttpRequest) -> HttpResponseBase:
    """Show staff what goes on: a page to browsers, JSON to programs."""
    if request.get_preferred_type(["application/json", "text/html"]) == "text/html":
        if not await sync_to_async(admin.site.has_permission)(request):
            return redirect_to_login(request.get_full_path(), reverse("admin:login"))
        return await sync_to_async(_page)(request, await figures())
    found = await sync_to_async(visitor)(request, by_bearer=False)
    refused = _refusal(found)
    return refused if refused is not None else JsonResponse(await figures())


@never_cache
@require_GET
async def stream_stats(request: HttpRequest) -> HttpResponseBase:
    """Tell staff, by session or bearer, what goes on every two seconds, as server-sent events.

    ``stats`` has the figures as ``/stats`` has them, and under ``shown`` as the page shows them; ``away``:
    the database cannot be asked just now; ``ended``: the access is over, or this server ends.
    """
    found = await sync_to_async(visitor)(request)
    refused = _refusal(found)
    if found is None or refused is not None:
        return refused or _problem(401)
    if len(live_stats()) >= MOST_WATCHERS:
        return _problem(503)
    await release_connection()
    response = StreamingHttpResponse(
        live_stats().watch(found.access), content_type="text/event-stream; charset=utf-8"
    )
    response["Cache-Control"] = "no-cache, no-transform"
    response["X-Accel-Buffering"] = "no"  # nginx passes every event on at once
    return response


_WORDS: Final = {
    401: ("not_authenticated", "Please sign in."),
    404: ("not_found", "There is no such page."),
    503: ("too_many_watchers", "Too many people watch the figures just now. Please try again shortly."),
}


def _refusal(found: Visitor | None) -> JsonResponse | None:
    if found is None:
        return _problem(401)
    return None if found.is_staff else _problem(404)


def _problem(status: int) -> JsonResponse:
    code, title = _WORDS[status]
    return JsonResponse({"code": code, "title": title}, status=status)


def _page(request: HttpRequest, told: dict[str, Any]) -> HttpResponse:
    context = {**admin.site.each_context(request), **page_parts(told), "figures": told}
    return render(request, "admin/stats.html", context)


def _event(told: dict[str, Any]) -> str:
    data = json.dumps({**told, "shown": shown(told)}, separators=(",", ":"))
    return f"event: stats\ndata: {data}\n\n"


def _call_at_the_servers_end(close: Callable[[], None]) -> None:
    """Have ``close`` called as soon as this process is told to end.

    Servers hear of that by a signal, stop to listen, and wait for their answers: the lifespan's end, where
    all else is closed, comes only afterwards.
    """
    if threading.current_thread() is not threading.main_thread():
        return  # a test's loop: only the main thread hears signals
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        before = signal.getsignal(number)
        if callable(before) and before is not signal.default_int_handler:
            signal.signal(number, partial(_close_first, loop, close, before))


def _close_first(
    loop: asyncio.AbstractEventLoop,
    close: Callable[[], None],
    then: Callable[[int, FrameType | None], Any],
    number: int,
    frame: FrameType | None,
) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(close)
    then(number, frame)
