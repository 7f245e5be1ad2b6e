"""``/health`` and ``/stats``: how the parts are, and what goes on."""

import asyncio
from typing import Any, Literal

from django.conf import settings
from django.db import Error as DatabaseFailure
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from kombu.exceptions import OperationalError as BrokerError

from chat.database import in_database
from chat.events.away import AWAY
from chat.events.log import event_log
from chatsite import stats
from chatsite.celery import app as celery_app
from chatsite.services import PROCESS, web_services
from knowledge.search import index_state

State = Literal["ok", "degraded", "down"]
PING_SECONDS = 0.5


@never_cache
async def health(request: HttpRequest) -> JsonResponse:
    """Answer 200 while questions can be taken and answered, also in the fallback; 503 when they cannot."""
    web_services().begin()
    checks = await _checks()
    state = _overall(checks)
    return JsonResponse({"status": state, "checks": checks}, status=503 if state == "down" else 200)


@never_cache
async def show_stats(request: HttpRequest) -> JsonResponse:
    """Show staff the sockets, turns and cache of all processes."""
    user = await request.auser()
    if not user.is_authenticated:
        return JsonResponse({"code": "not_authenticated", "title": "Please sign in."}, status=401)
    if not user.is_staff:
        return JsonResponse({"code": "not_found", "title": "There is no such page."}, status=404)
    return JsonResponse(await in_database(stats.gather, PROCESS, stats.of_this_process()))


async def _checks() -> dict[str, Any]:
    database, index = await in_database(_database_and_index)
    checks: dict[str, Any] = {"database": database, "index": index}
    if settings.REDIS_URL:
        redis_is_up = await event_log().ping()
        checks["redis"] = {"ok": redis_is_up}
        workers = await asyncio.to_thread(_workers) if redis_is_up else 0
        checks["broker"] = {"ok": redis_is_up}
        checks["workers"] = {"ok": workers > 0, "count": workers}
    return checks


def _overall(checks: dict[str, Any]) -> State:
    if not checks["database"]["ok"]:
        return "down"
    return "ok" if all(check["ok"] for check in checks.values()) else "degraded"


def _database_and_index() -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return {"ok": True, "kind": connection.vendor}, index_state()
    except DatabaseFailure:
        return {"ok": False, "kind": connection.vendor}, {"ok": False}


def _workers() -> int:
    try:
        return len(celery_app.control.ping(timeout=PING_SECONDS) or [])
    except (BrokerError, *AWAY):  # gone since it was asked a moment ago
        return 0
