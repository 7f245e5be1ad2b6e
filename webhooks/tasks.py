"""Background tasks, and where they run: at a worker where there is a broker, else in threads of this process.

Here each endpoint has a thread of its own while something is due for it, so that a slow one holds up itself.
"""

import threading
import time
from uuid import UUID

import structlog
from celery import shared_task
from django.conf import settings
from kombu.exceptions import OperationalError as BrokerError

from knowledge.background import BackgroundThread
from webhooks import postman

logger = structlog.get_logger(__name__)


@shared_task(name="webhooks.tasks.send_due", ignore_result=True)
def send_due(endpoint: str) -> None:
    """Send what is due for an endpoint; redelivery is harmless, since deliveries are claimed."""
    if postman.work(UUID(endpoint)):
        soon(endpoint)


@shared_task(name="webhooks.tasks.sweep", ignore_result=True)
def sweep() -> None:
    """Have everything sent that is due: further tries, and what a process that ended had claimed."""
    for endpoint in postman.endpoints_with_mail():
        soon(endpoint)


@shared_task(name="webhooks.tasks.hand_over", ignore_result=True)
def hand_over(endpoint: str) -> None:
    """Ask the workers to send what is due for an endpoint; while the broker is away it is sent here."""
    try:
        send_due.apply_async((endpoint,), retry=False)
    except (BrokerError, OSError) as error:
        logger.warning("broker_unreachable", webhook=endpoint, reason=str(error))
        _in_its_thread(endpoint)


def soon(endpoint: str) -> None:
    """Have what is due for an endpoint sent. Returns at once: nobody waits for a broker that is away."""
    if settings.REDIS_URL:
        _to_the_broker.add((endpoint,))
    else:
        _in_its_thread(endpoint)


def wait_for_threads(seconds: float) -> bool:
    """Wait until nothing is sent by this process, at most so long; return whether that is so."""
    end = time.monotonic() + seconds
    handed_over = _to_the_broker.wait(seconds)  # which may begin threads
    with _making:
        threads = list(_sending.values())
    return handed_over and all([thread.wait(max(end - time.monotonic(), 0)) for thread in threads])


_to_the_broker = BackgroundThread(hand_over)
_sending: dict[str, BackgroundThread] = {}
_making = threading.Lock()


def _in_its_thread(endpoint: str) -> None:
    with _making:
        thread = _sending.setdefault(endpoint, BackgroundThread(send_due))
    thread.add((endpoint,))
