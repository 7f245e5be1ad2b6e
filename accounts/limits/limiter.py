"""The one function that counts: ``take`` for tasks, ``take_now`` for threads.

With ``REDIS_URL`` all processes count together in Redis; without it the one process counts in its memory.
While Redis is away each process counts alone: rules that guard models and passwords hold at a part of their
limit, the others are open. What was counted alone is not carried over when Redis is back.
"""

from collections.abc import Sequence
from functools import lru_cache, partial

from django.conf import settings

from accounts.limits.decision import UNLIMITED, Decision, Where
from accounts.limits.errors import LimitReachedError
from accounts.limits.memory import MemoryStore
from accounts.limits.metrics import decided
from accounts.limits.reach import Reach
from accounts.limits.rules import Away, Rule, Use
from accounts.limits.shared import AWAY, SharedStore

_here = MemoryStore(Where.HERE)
_alone = MemoryStore(Where.ALONE)


class _Shared:
    """Redis at one address, and whether it is worth asking."""

    def __init__(self, url: str, patience: float):
        self.store = SharedStore(url, patience=patience)
        self.reach = Reach()

    def still(self, failures: int) -> bool:
        """Tell whether Redis has not failed since then: who waited for a connection need not find out too."""
        return self.reach.failures == failures


_shared = lru_cache(maxsize=8)(_Shared)


async def take(rule: Rule, key: object) -> Decision:
    """Do something once, if the rule allows it now."""
    return await take_all(Use(rule, key))


async def take_all(*uses: Use) -> Decision:
    """Do something that counts under several rules: it counts under all of them, or is refused by one and
    counts under none. One round trip.
    """
    counted = [use for use in uses if use.rule.limit]
    if not counted:
        return UNLIMITED
    shared = _redis()
    if shared is None:
        return decided(counted, _here.take_all(counted))
    if shared.reach.is_worth_it():
        try:
            decision = await shared.store.take_all(counted, partial(shared.still, shared.reach.failures))
        except AWAY as error:
            shared.reach.lost(error)
        else:
            if decision is not None:
                shared.reach.found()
                return decided(counted, decision)
    return decided(counted, _take_alone(counted))


def take_now(rule: Rule, key: object) -> Decision:
    """Do the same as ``take`` from a thread."""
    return take_all_now(Use(rule, key))


def take_all_now(*uses: Use) -> Decision:
    """Do the same as ``take_all`` from a thread."""
    counted = [use for use in uses if use.rule.limit]
    if not counted:
        return UNLIMITED
    shared = _redis()
    if shared is None:
        return decided(counted, _here.take_all(counted))
    if shared.reach.is_worth_it():
        try:
            decision = shared.store.take_all_now(counted, partial(shared.still, shared.reach.failures))
        except AWAY as error:
            shared.reach.lost(error)
        else:
            if decision is not None:
                shared.reach.found()
                return decided(counted, decision)
    return decided(counted, _take_alone(counted))


def take_or_refuse(rule: Rule, key: object) -> None:
    """Do something once, in a thread that answers a request.

    Raises:
        LimitReachedError: the rule does not allow it now; the request is answered with 429.
    """
    decision = take_now(rule, key)
    if not decision.allowed:
        raise LimitReachedError(decision)


def take_here(rule: Rule, key: object) -> Decision:
    """Do something once, counted by this process alone: for what is too frequent to ask Redis each time."""
    if not rule.limit:
        return UNLIMITED
    uses = [Use(rule, key)]
    return decided(uses, _here.take_all(uses))


async def give_back(decision: Decision) -> None:
    """Uncount what turned out not to count. Where Redis is away it stays counted until its window passes."""
    shared = _redis()
    if decision.where is not Where.SHARED or shared is None:
        _give_back_here(decision)
        return
    try:
        await shared.store.give_back(decision)
    except AWAY as error:
        shared.reach.lost(error)


def give_back_now(decision: Decision) -> None:
    """Do the same as ``give_back`` from a thread."""
    shared = _redis()
    if decision.where is not Where.SHARED or shared is None:
        _give_back_here(decision)
        return
    try:
        shared.store.give_back_now(decision)
    except AWAY as error:
        shared.reach.lost(error)


async def close() -> None:
    """Close the running loop's connections."""
    shared = _redis()
    if shared is not None:
        await shared.store.aclose()


def forget_here() -> None:
    """Forget what this process has counted by itself."""
    _here.clear()
    _alone.clear()


def _redis() -> _Shared | None:
    url = settings.REDIS_URL
    return _shared(url, settings.LIMITS_REDIS_SECONDS) if url else None


def _take_alone(uses: Sequence[Use]) -> Decision:
    share = settings.LIMITS_ALONE_SHARE
    stricter = [Use(use.rule.alone(share), use.key) for use in uses if use.rule.away is Away.STRICTER]
    return _alone.take_all(stricter) if stricter else UNLIMITED


def _give_back_here(decision: Decision) -> None:
    if decision.where is Where.HERE:
        _here.give_back(decision)
    elif decision.where is Where.ALONE:
        _alone.give_back(decision)
