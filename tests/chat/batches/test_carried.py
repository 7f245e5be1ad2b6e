"""Whole batches over the carrier of this run: the process itself, or a worker."""

import asyncio
from typing import Any

import pytest
from django.conf import settings

from accounts.models import User
from chat import batches
from chat.batches.releasing import release_task
from chat.database import in_database
from chat.models import Batch, BatchItem, Message, Turn

pytestmark = pytest.mark.anyio
QUESTIONS = [batches.NewItem(text=f"How heavy may checked bag number {n} be?") for n in range(5)]


async def tick() -> None:
    """Do what beat does in the scaled run; in the embedded one the process looks by itself, if less often."""
    if settings.REDIS_URL:
        await asyncio.to_thread(release_task.delay)
    else:
        await batches.release()


async def all_done(batch: Batch) -> dict[str, int]:
    """Tick until everything has its end; return the counts. Never may more run than there is room for."""
    async with asyncio.timeout(30):
        while True:
            await tick()
            running = await in_database(Turn.objects.unfinished().filter(batch_item__isnull=False).count)
            assert running <= settings.BATCH_TURNS_AT_ONCE
            progress = (await in_database(batches.progress_of, [batch]))[batch.pk]
            if not progress["waiting"] + progress["running"]:
                return progress
            await asyncio.sleep(0.1)


async def test_all_items_are_answered(desk: None, alice: User, library: Any):
    batch = await in_database(batches.take, alice, QUESTIONS)
    progress = await all_done(batch)
    assert progress["completed"] == len(QUESTIONS)
    assert await Message.objects.filter(role="user").acount() == len(QUESTIONS)
    assert not await BatchItem.objects.exclude(text="").aexists()


async def test_many_who_send_at_once_send_each_item_once(desk: None, alice: User, library: Any):
    batch = await in_database(batches.take, alice, QUESTIONS)
    await asyncio.gather(*(tick() for _ in range(8)))
    assert (await all_done(batch))["completed"] == len(QUESTIONS)
    assert await Message.objects.filter(role="user").acount() == len(QUESTIONS)
