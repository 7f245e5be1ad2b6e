"""The carrier of one process: the turns it runs, their leases, and the stops it hears of."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import Error as DatabaseFailure

from chat.database import in_database
from chat.events.away import AWAY
from chat.events.log import event_log
from chat.events.loops import PerLoop
from chat.events.signals import CARRIERS
from chat.models import Turn
from chat.origin import begin_anew, nobodys
from chat.turn.context import TurnContext
from chat.turn.ending import gone_frame
from chat.turn.runner import run_turn

logger = structlog.get_logger(__name__)

RETRY_SECONDS = 1.0


class Carrier:
    """Runs turns on one event loop."""

    def __init__(self) -> None:
        self._running: dict[UUID, TurnContext] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._services: list[asyncio.Task[None]] = []

    def __len__(self) -> int:
        return len(self._running)

    async def run(self, turn_id: UUID) -> None:
        """Run a turn, then whatever waits behind it in its conversation."""
        self._serve()
        next_turn: UUID | None = turn_id
        while next_turn is not None:
            next_turn = await run_turn(next_turn, self._holding)
            if next_turn is not None:
                begin_anew()  # another request asked for it

    def start(self, turn_id: UUID) -> None:
        """Run a turn in the background of the loop."""
        task = asyncio.get_running_loop().create_task(self.run(turn_id), name=f"turn-{turn_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def stop(self, turn_id: UUID) -> bool:
        """End a turn that runs here; tell whether it does."""
        context = self._running.get(turn_id)
        if context is not None:
            context.stop()
        return context is not None

    def give_up(self, turn_id: UUID) -> None:
        """End a turn that was deleted, without an outcome."""
        if context := self._running.get(turn_id):
            context.give_up()

    async def drain(self, seconds: float) -> None:
        """Wait for the turns in the background to end, ``seconds`` at most, then end the services."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        for service in (*self._services, *self._tasks):
            service.cancel()
        await asyncio.gather(*self._services, *self._tasks, return_exceptions=True)
        self._services.clear()

    @contextmanager
    def _holding(self, context: TurnContext) -> Iterator[None]:
        self._running[context.turn_id] = context
        try:
            yield
        finally:
            del self._running[context.turn_id]

    def _serve(self) -> None:
        if not self._services:
            self._services = [
                asyncio.create_task(self._renew_leases(), name="lease-renewal", context=nobodys()),
                asyncio.create_task(self._hear_stops(), name="stop-listener", context=nobodys()),
            ]

    async def _renew_leases(self) -> None:
        lease = timedelta(seconds=settings.TURN_LEASE_SECONDS)
        while True:
            await asyncio.sleep(settings.TURN_LEASE_SECONDS / 3)
            mine = list(self._running)
            if not mine:
                continue
            try:
                held = await in_database(Turn.objects.renew, mine, lease)
            except DatabaseFailure as error:
                logger.warning("leases_not_renewed", reason=str(error))
                continue
            for turn_id in mine:
                self._heed(turn_id, held.get(turn_id))

    def _heed(self, turn_id: UUID, row: tuple[int, bool] | None) -> None:
        context = self._running.get(turn_id)
        if context is None:
            return
        if row is None:  # settled, by this very attempt as a rule; a turn still being written was deleted
            if context.generation is not None:
                context.give_up()
            return
        attempt, stop = row
        if attempt != context.attempt:
            context.give_up()
        elif stop and not context.stop_requested:
            context.stop()

    async def _hear_stops(self) -> None:
        """Hear of stops at once. One that is missed is found at the next renewal of the lease."""
        layer = get_channel_layer()
        while True:
            try:
                channel = await layer.new_channel("carrier")
                await layer.group_add(CARRIERS, channel)
                while True:
                    signal = await layer.receive(channel)
                    await self._heed_signal(signal)
            except AWAY as error:
                logger.warning("stops_not_heard", reason=str(error))
                await asyncio.sleep(RETRY_SECONDS)

    async def _heed_signal(self, signal: dict[str, Any]) -> None:
        turn_id = UUID(signal["turn"])
        if signal["type"] == "turn.gone":
            self.give_up(turn_id)
            await event_log().forget(turn_id, gone_frame(turn_id, UUID(signal["conversation"])))
        else:
            self.stop(turn_id)


_carriers = PerLoop(Carrier)


def carrier() -> Carrier:
    """Return the running loop's carrier."""
    return _carriers.get()
