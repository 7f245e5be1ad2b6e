"""``/health``: how the desk is, for whoever watches it; each part's state for its staff."""

import asyncio
import time
from typing import Final, Literal

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import Error as DatabaseFailure
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from chat.events.loops import PerLoop
from chatsite.health_checks import Check, run_checks
from chatsite.services import web_services
from chatsite.staff import visitor

State = Literal["ok", "degraded", "down"]
KEPT_SECONDS: Final = 1.0  # nobody can have the parts asked more often
WHO_SECONDS: Final = 0.9


class Health:
    """The checks of one event loop: whoever asks while they run gets the same ones."""

    def __init__(self) -> None:
        self._asked: asyncio.Task[dict[str, Check]] | None = None
        self._asked_at = 0.0

    async def checks(self) -> dict[str, Check]:
        """Return the state of each part, ``KEPT_SECONDS`` old at most when it was begun."""
        if self._asked is None or time.monotonic() - self._asked_at > KEPT_SECONDS:
            self._asked_at = time.monotonic()
            self._asked = asyncio.create_task(run_checks(), name="health")
        return await asyncio.shield(self._asked)


_health = PerLoop(Health)


@never_cache
async def health(request: HttpRequest) -> JsonResponse:
    """Answer 200 while questions can be taken and answered, also in the fallback; 503 when they cannot.

    Staff, by session or bearer, are told the state of each part too. Answers within a second, whatever part
    is silent.
    """
    web_services().begin()
    checks, is_staff = await asyncio.gather(_health.get().checks(), _asked_by_staff(request))
    state = _overall(checks)
    told = {"status": state} | ({"checks": checks} if is_staff else {})
    return JsonResponse(told, status=503 if state == "down" else 200)


async def _asked_by_staff(request: HttpRequest) -> bool:
    """Tell whether staff ask; a database that cannot say in time says no."""
    if "Authorization" not in request.headers and settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return False
    looking = asyncio.ensure_future(sync_to_async(_is_staff)(request))
    done, _ = await asyncio.wait({looking}, timeout=WHO_SECONDS)
    return bool(done) and looking.result()


def _is_staff(request: HttpRequest) -> bool:
    try:
        found = visitor(request)
    except DatabaseFailure:
        return False
    return found is not None and found.is_staff


def _overall(checks: dict[str, Check]) -> State:
    if not checks["database"]["ok"]:
        return "down"
    return "ok" if all(check["ok"] for check in checks.values()) else "degraded"
