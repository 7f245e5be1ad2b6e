"""Sockets that say nothing: what each costs in memory, what all of them cost in processor time."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks import cpu
from benchmarks.load_client import Crowd, Visitor
from benchmarks.systems import System

SETTLE_SECONDS = 1.0
QUIET_SECONDS = 4.0


@dataclass(frozen=True, slots=True)
class Idle:
    """What idle sockets cost.

    Attributes:
        system: name of the system.
        sockets: how many were open.
        refused: how many could not be opened.
        bytes_each: growth of the server's memory a socket.
        redis_bytes_each: growth of Redis's memory a socket.
        connect_ms: processor milliseconds of the whole system to open one.
        cores_before: cores in use with no socket open.
        cores: cores in use with all of them open.
    """

    system: str
    sockets: int
    refused: int
    bytes_each: float
    redis_bytes_each: float
    connect_ms: float
    cores_before: float
    cores: float


async def measure_idle(system: System, visitors: Sequence[Visitor]) -> Idle:
    """Open a socket for every visitor, leave them alone, and return what they cost.

    The system should be warm and should not have had as many sockets open before: memory it has freed is
    used again and would make them look free.
    """
    redis = system.parts.get("redis", [])
    cores_before = await _cores_in_use(system)
    memory, redis_memory = cpu.memory_bytes(system.server_pids), cpu.memory_bytes(redis)
    before = cpu.read(system.parts)
    async with Crowd(system.place, visitors) as crowd:
        opening = cpu.read(system.parts).since(before).total
        await asyncio.sleep(SETTLE_SECONDS)
        count = max(len(crowd.customers), 1)
        return Idle(
            system=system.name,
            sockets=len(crowd.customers),
            refused=len(crowd.errors),
            bytes_each=(cpu.memory_bytes(system.server_pids) - memory) / count,
            redis_bytes_each=(cpu.memory_bytes(redis) - redis_memory) / count,
            connect_ms=1_000 * opening / count,
            cores_before=cores_before,
            cores=await _cores_in_use(system),
        )


async def _cores_in_use(system: System) -> float:
    before, began = cpu.read(system.parts), time.monotonic()
    await asyncio.sleep(QUIET_SECONDS)
    return cpu.read(system.parts).since(before).total / (time.monotonic() - began)
