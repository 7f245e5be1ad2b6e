"""What runs beside the requests ends when it is told to."""

import asyncio

import pytest

from chatsite import services

pytestmark = pytest.mark.anyio


async def test_task_that_takes_a_cancellation_for_something_else_is_told_again(monkeypatch) -> None:
    monkeypatch.setattr(services, "CANCEL_SECONDS", 0.01)
    heard = []

    async def deaf_once() -> None:
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                heard.append(1)
                if len(heard) > 1:
                    raise

    task = asyncio.create_task(deaf_once())
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await services._cancel([task])
    assert task.cancelled() and len(heard) == 2
