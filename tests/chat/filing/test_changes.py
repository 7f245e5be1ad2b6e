"""Changes of a conversation, as those who show it see them: in both modes, in this and other processes."""

import asyncio
from contextlib import aclosing

import pytest
from asgiref.sync import sync_to_async

from chat import conversations, filing
from chat.database import in_database
from chat.errors import Changed, NotFound
from chat.models import Conversation, Turn
from tests.chat.conftest import open_socket

pytestmark = pytest.mark.anyio


async def test_sockets_are_told_of_a_title_and_of_the_archive(alice, conversation):
    async with open_socket(alice, conversation.pk) as socket:
        await socket.receive()
        for change in ({"title": "Bags"}, {"archived": True}):
            await sync_to_async(filing.change)(alice, conversation.pk, **change)
            assert (await socket.receive())["type"] == "conversation.changed"


async def test_question_in_the_archive_is_told_too(alice, conversation, library):
    await sync_to_async(filing.change)(alice, conversation.pk, archived=True)
    async with open_socket(alice, conversation.pk) as socket:
        await socket.receive()
        await socket.ask("How heavy may a bag be?")
        frames = await socket.until("turn.completed")
        types = [frame["type"] for frame in frames]
        if "conversation.changed" not in types:  # the answer may be quicker
            types.append((await socket.receive())["type"])
    assert types.count("conversation.changed") == 1
    assert (await Conversation.objects.aget()).archived_at is None


async def test_change_that_is_refused_tells_nobody(alice, bob, conversation):
    def refuse(_conversation):
        raise Changed

    async with open_socket(alice, conversation.pk) as socket:
        await socket.receive()
        with pytest.raises(Changed):
            await sync_to_async(filing.change)(alice, conversation.pk, title="Bags", check=refuse)
        with pytest.raises(NotFound):
            await sync_to_async(filing.change)(bob, conversation.pk, title="Bags")
        assert await socket.is_silent()


async def test_deleting_what_was_seen_ends_its_running_answer(alice, conversation, library, provider):
    provider.script(text="Slow words. " * 200, interval=0.05)
    submitted = await conversations.submit(alice, conversation.pk, "How heavy may a bag be?")
    seen = []
    await sync_to_async(filing.delete)(alice, conversation.pk, check=seen.append)
    assert [one.pk for one in seen] == [conversation.pk]
    assert not await Turn.objects.aexists()
    async with asyncio.timeout(10), aclosing(conversations.follow(submitted.turn)) as frames:
        async for _ in frames:
            pass


async def test_deletion_that_is_refused_leaves_the_answer_alone(alice, conversation, library):
    submitted = await conversations.submit(alice, conversation.pk, "How heavy may a bag be?")

    def refuse(_conversation):
        raise Changed

    with pytest.raises(Changed):
        await sync_to_async(filing.delete)(alice, conversation.pk, check=refuse)
    async with asyncio.timeout(10), aclosing(conversations.follow(submitted.turn)) as frames:
        async for _ in frames:
            pass
    assert (await Turn.objects.aget()).status == "completed"


async def test_renaming_and_answering_at_once_lose_nothing(alice, conversation, library):
    submitted = await conversations.submit(alice, conversation.pk, "How heavy may a bag be?")
    changes = [in_database(filing.change, alice, conversation.pk, title=f"Bags {n}") for n in range(5)]
    await asyncio.gather(*changes)
    async with asyncio.timeout(10), aclosing(conversations.follow(submitted.turn)) as frames:
        async for _ in frames:
            pass
    stands = await Conversation.objects.aget()
    assert (stands.message_count, stands.revision, stands.title.startswith("Bags ")) == (2, 1, True)
