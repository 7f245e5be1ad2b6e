"""Signals: rare and small, to everyone in a conversation, or to every carrier. Text never goes this way.

They travel on the Channels layer. A signal may be lost while Redis is away; whatever depends on one also has
a slower way to find out.
"""

import asyncio
from typing import Any
from uuid import UUID

import structlog
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from chat.events.away import AWAY

logger = structlog.get_logger(__name__)

CARRIERS = "carriers"
SOCKETS = "sockets"  # every process that has any
_SEND_SECONDS = 1.0
_sending: set[asyncio.Task[None]] = set()


def conversation_group(conversation: UUID) -> str:
    """Return the group of the sockets that show a conversation."""
    return f"conversation.{conversation}"


async def turn_began(conversation: UUID, turn: UUID) -> None:
    """Have every socket of the conversation follow a turn."""
    signal = {"type": "turn.began", "conversation": str(conversation), "turn": str(turn)}
    await _send(conversation_group(conversation), signal)


async def conversation_changed(conversation: UUID) -> None:
    """Have clients fetch the conversation's title and state again."""
    signal = {"type": "conversation.changed", "conversation": str(conversation)}
    await _send(conversation_group(conversation), signal)


async def conversation_gone(conversation: UUID) -> None:
    """Have every socket of a deleted conversation tell so and close."""
    signal = {"type": "conversation.gone", "conversation": str(conversation)}
    await _send(conversation_group(conversation), signal)


async def turn_gone(conversation: UUID, turn: UUID) -> None:
    """Have the carrier of a deleted turn end it, and every process forget its events."""
    signal = {"type": "turn.gone", "conversation": str(conversation), "turn": str(turn)}
    await _send(CARRIERS, signal)


async def stop_turn(turn: UUID) -> None:
    """Have the carrier that runs a turn end it."""
    await _send(CARRIERS, {"type": "turn.stop", "turn": str(turn)})


def tell_all_sockets(signal: dict[str, Any]) -> None:
    """Tell every process with open sockets; from any thread, inside an event loop or outside of one."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        async_to_sync(_send)(SOCKETS, signal)
        return
    task = loop.create_task(_send(SOCKETS, signal))
    _sending.add(task)
    task.add_done_callback(_sending.discard)


async def _send(group: str, signal: dict[str, Any]) -> None:
    try:
        async with asyncio.timeout(_SEND_SECONDS):
            await get_channel_layer().group_send(group, signal)
    except AWAY as error:
        logger.warning("signal_not_sent", group=group, signal=signal["type"], reason=str(error))
