"""Customers who ask while a fault happens."""

import asyncio
import random
from collections.abc import Awaitable, Callable

from benchmarks.questions import mark_of
from tests.faults.customers import Asked, Customer
from tests.faults.desk import Desk


class Crowd:
    """Customers with a conversation each, who may ask again and again; no two questions share a mark."""

    def __init__(self, desk: Desk, number: int):
        self._desk = desk
        self._customers = [
            Customer(session, conversation, desk.ports, random.Random(seed))
            for seed, (session, conversation) in enumerate(desk.visitors(number))
        ]
        self._marks = 0

    async def ask_during(
        self, fault: Callable[[Desk], Awaitable[None]], *, spread: float, give_up_after: float
    ) -> list[Asked]:
        """Let everybody ask once, half of them before the fault and half while it lasts.

        Args:
            fault: begins in the middle.
            spread: seconds between the first question and the last.
            give_up_after: seconds that a customer waits for an answer.
        """
        asking = [
            asyncio.create_task(self._ask(customer, number * spread / len(self._customers), give_up_after))
            for number, customer in enumerate(self._customers)
        ]
        await asyncio.sleep(spread / 2)
        await fault(self._desk)
        return await asyncio.gather(*asking)

    async def _ask(self, customer: Customer, after: float, give_up_after: float) -> Asked:
        self._marks += 1
        mark = mark_of(self._marks)
        await asyncio.sleep(after)
        return await customer.ask(mark, give_up_after=give_up_after)
