"""Dispatch: hands a saved turn to a carrier, and chooses which."""

import asyncio
from uuid import UUID
from weakref import WeakSet

import structlog
from django.conf import settings
from kombu.exceptions import OperationalError as BrokerError

from chat.database import in_database
from chat.spans import span
from chat.tasks import run_turn
from chat.turn import overdue
from chat.turn.carrier import carrier
from chat.turn.ending import announce

logger = structlog.get_logger(__name__)

SWEEP_SECONDS = 2.0

# Loops that live on after a request, so that a turn may run in their background. Elsewhere (a management
# command, a plain test client) the loop ends with the call, and the turn is run within it.
_serving: WeakSet[asyncio.AbstractEventLoop] = WeakSet()


def serve_here() -> None:
    """Mark the running loop as one that turns may run on."""
    _serving.add(asyncio.get_running_loop())


def serves_here() -> bool:
    """Tell whether the running loop lives on after the present call."""
    return asyncio.get_running_loop() in _serving


async def dispatch(turn_id: UUID) -> None:
    """Have a queued turn run: by a worker where there is a broker, otherwise in this process."""
    with span("dispatch"):
        if settings.REDIS_URL and await _sent_to_workers(turn_id):
            return
        await run_here(turn_id)


async def run_here(turn_id: UUID) -> None:
    """Run a turn in this process, in the background where the loop lives on."""
    if serves_here():
        carrier().start(turn_id)
    else:
        await carrier().run(turn_id)
        await carrier().drain(0)


async def sweep_here() -> None:
    """Begin again, in this process, what nobody works on. The embedded twin of the sweeping task."""
    for turn_id in await in_database(overdue.to_begin_again):
        await run_here(turn_id)
    await announce(await in_database(overdue.give_up))


async def _sent_to_workers(turn_id: UUID) -> bool:
    try:
        await asyncio.to_thread(run_turn.apply_async, (str(turn_id),), retry=False)
    except (BrokerError, OSError) as error:
        logger.warning("broker_unreachable", turn=str(turn_id), reason=str(error))
        return False
    return True
