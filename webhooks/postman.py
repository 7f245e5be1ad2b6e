"""Delivering: claim what is due, send it, note what came of it, and when to try again.

A claim is a lease: what a killed process was sending is due again when its lease has run out. So a message
may come twice, with the same id. Nothing promises an order.
"""

import random
import time
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from django.conf import settings
from django.db import close_old_connections, transaction
from django.utils import timezone

from chat.sealing import Unreadable
from webhooks import metrics, signing, staff
from webhooks.models import MOST_ATTEMPTS, TEST_EVENT, Attempt, Delivery, Endpoint
from webhooks.outcomes import Outcome

logger = structlog.get_logger(__name__)

# Seconds until the next try, after the first, the second …
BACKOFF: Final = (5, 30, 120, 600, 3_600, 21_600, 86_400)
JITTER: Final = 0.2  # a share of the wait, either way, so that what failed together does not come together
LONGEST_WAIT: Final = 86_400.0
LEASE: Final = timedelta(seconds=60)  # a try takes twenty seconds at most
AT_ONCE: Final = 2  # tries at one endpoint, of all processes; one while it fails
WORK_SECONDS: Final = 10.0  # then whoever works lets others have the thread
USER_AGENT: Final = "Chatsite-Webhooks/1"


def endpoints_with_mail() -> list[str]:
    """Return the ids of the active endpoints that something is due for."""
    due = Delivery.objects.due(timezone.now()).filter(endpoint__is_active=True)
    return [str(pk) for pk in due.order_by().values_list("endpoint_id", flat=True).distinct()]


def work(endpoint: UUID) -> bool:
    """Send what is due for one endpoint, one by one; return whether time ran out before it was done."""
    end = time.monotonic() + WORK_SECONDS
    while (delivery := claim(endpoint)) is not None:
        # A connection of the pool is not held while somebody else's server takes its time.
        close_old_connections()
        finish(delivery, _try(delivery))
        if time.monotonic() > end:
            return True
    return False


def claim(endpoint_id: UUID) -> Delivery | None:
    """Take the delivery of an endpoint that has waited longest; None where there is none, or no room."""
    if not Delivery.objects.due(timezone.now()).filter(endpoint_id=endpoint_id).exists():
        return None  # asked first, as the lock below is a write on SQLite
    with transaction.atomic():
        # The endpoint's row is locked first, here and in ``finish``: tries are counted one claim at a time.
        endpoint = Endpoint.objects.select_for_update().filter(pk=endpoint_id, is_active=True).first()
        now = timezone.now()
        if endpoint is None or _is_busy(endpoint, now):
            return None
        for delivery in (
            Delivery.objects.due(now).filter(endpoint=endpoint).order_by("next_at")[: AT_ONCE * 8]
        ):
            if _take(delivery, now):
                delivery.endpoint = endpoint
                return delivery
    return None


def _is_busy(endpoint: Endpoint, now: datetime) -> bool:
    room = 1 if endpoint.failing_since else AT_ONCE
    return Delivery.objects.being_sent(now).filter(endpoint=endpoint).count() >= room


def _take(delivery: Delivery, now: datetime) -> bool:
    """Begin the next try; note the one before if its process ended, and give up where it was the last."""
    if delivery.lease_until is not None:
        _note(delivery, Outcome(error="interrupted"))
    if delivery.attempts >= delivery.most_attempts:
        _give_up(delivery)
        delivery.save()
        return False
    delivery.attempts += 1
    delivery.lease_until = now + LEASE
    delivery.save(update_fields=["attempts", "lease_until"])
    return True


def _try(delivery: Delivery) -> Outcome:
    body = delivery.body.encode()
    try:
        keys = delivery.endpoint.secrets()
    except Unreadable:
        return Outcome(error="secret")
    signed = signing.headers(keys, delivery.message_id, int(time.time()), body)
    from webhooks.sending import send  # with aiohttp, which no start should wait for

    return send(delivery.endpoint.url, body, {"User-Agent": USER_AGENT, **signed})


def finish(tried: Delivery, outcome: Outcome) -> None:
    """Note what came of a try, unless the delivery was taken over, erased or deleted meanwhile.

    Raises:
        DatabaseError: nothing is noted; the try is made again when its lease has run out.
    """
    with transaction.atomic():
        endpoint = Endpoint.objects.select_for_update().filter(pk=tried.endpoint_id).first()
        held = Delivery.objects.select_for_update().filter(
            pk=tried.pk, attempts=tried.attempts, state=Delivery.State.PENDING
        )
        delivery = held.exclude(lease_until=None).first()
        if endpoint is None or delivery is None:
            return
        _note(delivery, outcome)
        delivery.lease_until = None
        if not outcome.error:
            delivery.state, delivery.next_at = Delivery.State.DELIVERED, None
            delivery.finished_at = timezone.now()
            Endpoint.objects.filter(pk=endpoint.pk).exclude(failing_since=None).update(failing_since=None)
        else:
            _put_off(delivery, outcome)
            _look_after(endpoint, delivery, outcome)
        delivery.save()
    metrics.tried(outcome.error, outcome.ms)
    logger.info(
        "webhook_tried", endpoint=str(endpoint.pk), event_type=delivery.event, state=delivery.state,
        status=outcome.status, error=outcome.error, ms=outcome.ms, attempt=delivery.attempts,
    )  # fmt: skip


def wait_after(attempt: int, asked: float = 0.0) -> float:
    """Return the seconds to wait after a try: the steps of ``BACKOFF`` with jitter, or longer if asked to.

    Args:
        attempt: number of the try, from 1.
        asked: seconds of the receiver's Retry-After; more than a day is taken for a day.
    """
    step = BACKOFF[min(attempt, len(BACKOFF)) - 1]
    spread = random.uniform(1 - JITTER, 1 + JITTER)  # nosec B311
    return max(step * spread, min(asked, LONGEST_WAIT))


def _put_off(delivery: Delivery, outcome: Outcome) -> None:
    left = delivery.most_attempts - delivery.attempts
    if left <= 0:
        _give_up(delivery)
        return
    wait = wait_after(max(MOST_ATTEMPTS - left, 1), outcome.retry_after)
    delivery.next_at = timezone.now() + timedelta(seconds=wait)


def _give_up(delivery: Delivery) -> None:
    delivery.state, delivery.next_at, delivery.lease_until = Delivery.State.FAILED, None, None
    delivery.finished_at = timezone.now()


def _note(delivery: Delivery, outcome: Outcome) -> None:
    Attempt.objects.create(
        delivery=delivery,
        number=delivery.attempts,
        at=timezone.now(),
        status=outcome.status,
        error=outcome.error,
        ms=outcome.ms,
        response=outcome.response,
    )


def _look_after(endpoint: Endpoint, delivery: Delivery, outcome: Outcome) -> None:
    """Note since when an endpoint fails; switch it off when that is days, or when it says that it is gone."""
    if delivery.event == TEST_EVENT:
        return
    now = timezone.now()
    if outcome.status == 410:
        staff.switch_off(endpoint, "It answered 410: gone.")
    elif endpoint.failing_since is None:
        Endpoint.objects.filter(pk=endpoint.pk).update(failing_since=now)
    elif now - endpoint.failing_since > timedelta(days=settings.WEBHOOK_SWITCH_OFF_DAYS):
        staff.switch_off(
            endpoint, f"Nothing could be delivered since {endpoint.failing_since:%Y-%m-%d %H:%M} UTC."
        )
