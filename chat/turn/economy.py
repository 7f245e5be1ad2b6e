"""Stage 7: what the person's plan leaves for this answer, and what answers where it is not enough.

Down the steps: the usual models; near a limit the cheaper ones; beyond it answers already written and
quotations, or a notice where the plan says so. Whatever has its reply by now (a fixed text, an answer from
the cache) is free and never held back: a reply that must always be given, such as one to a person in
crisis, is to be set by a stage before this one.

What a model may cost is set aside only by the turn that asks it: who follows another's answer pays nothing.
"""

import asyncio
from functools import partial

import structlog
from django.conf import settings
from django.db import Error as DatabaseFailure

from accounts.spending.alerts import person_at_limit
from accounts.spending.ledger import Hold, StaleAttempt, add_to_reservation, reserve
from accounts.spending.plans import Allowance, known_plan_of, plan_of
from accounts.spending.prices import Tokens, cost
from accounts.spending.standing import Standing, standing_of
from chat.database import in_database
from chat.errors import AllowanceSpent
from chat.llm.base import Provider, Request
from chat.llm.registry import cheaper_providers, providers, quoting_provider
from chat.llm.vendor import prompt_characters
from chat.turn import answer_cache
from chat.turn.charge import FREE
from chat.turn.context import SteppedDown, TurnContext
from chat.turn.tool_results import MOST_CHARACTERS
from chat.turn.wording import instant, sentence

logger = structlog.get_logger(__name__)

# A token is four characters of English and hardly ever less than three of any European text.
CHARACTERS_PER_TOKEN = 3
TOKENS_PER_MESSAGE = 16
ROUND_TOKENS = MOST_CHARACTERS * 2 // CHARACTERS_PER_TOKEN  # that one round of look-ups is likely to add


async def economise(context: TurnContext) -> None:
    """Give the context its budget, and take the step that the plan leaves.

    Raises:
        AllowanceSpent: the plan has no room for an answer, and says that there is to be none then.
    """
    if context.reply is not None or all(provider.name in FREE for provider in providers()):
        return
    person = context.customer.id
    plan = known_plan_of(person)
    if plan is None:
        plan = await in_database(plan_of, person)
    if not plan.is_limited:
        return
    standing = await in_database(standing_of, person, context.today, plan)
    context.budget = budget = PlanBudget(context, standing)
    await budget.step_down()


class PlanBudget:
    """What one person's plan leaves for one answer.

    Args:
        context: the attempt.
        standing: where the person stood when it began.
    """

    def __init__(self, context: TurnContext, standing: Standing):
        self.is_reserved = False
        self._context, self._standing = context, standing
        self._least_money = 0  # of an answer, by the cheapest step that was looked at
        self._steps: list[tuple[Provider, ...]] = [
            chain for chain in (providers(), cheaper_providers()) if chain
        ]

    async def step_down(self) -> None:
        """Leave out what the person can hardly pay, before anybody is asked or followed."""
        usual = self._steps[0]
        is_near = max(self._standing.shares.values()) >= settings.SPEND_STEP_DOWN_AT
        if is_near and len(self._steps) > 1:
            del self._steps[0]
        while self._steps and not await in_database(self._has_room, self._steps[0]):
            del self._steps[0]
        if not self._steps:
            await self._quote()
        elif self._steps[0] is not usual:
            await self._use_cheaper()

    async def affordable(self) -> tuple[Provider, ...]:
        """Set aside what an answer may cost, and return who may be asked for it.

        Raises:
            AllowanceSpent: as ``economise``, when other turns have used the room meanwhile.
        """
        first = self._steps[0] if self._steps else ()
        for chain in self._steps:
            if await self._reserve(chain):
                if chain is not first:
                    self._leave_the_crowd()
                    self._context.stepped_down = self._stepped("cheaper")
                return chain
        await self._quote()
        return (quoting_provider(),)

    async def has_room_for_a_round(self, provider: Provider, request: Request) -> bool:
        """Set aside what one more call of that provider may cost; tell whether there was room for it.

        Asked before the look-ups are offered: whoever is offered them can pay for what follows on them.
        """
        try:
            return await in_database(self._set_aside_more, provider, request)
        except StaleAttempt:
            self._context.give_up()
            await asyncio.sleep(0)  # where the cancellation arrives
        except DatabaseFailure as error:
            logger.warning("nothing_set_aside", reason=str(error))
        return False

    def _set_aside_more(self, provider: Provider, request: Request) -> bool:
        context = self._context
        prompt = most_prompt_tokens(request) + ROUND_TOKENS
        tokens = Tokens(prompt=prompt, completion=request.max_tokens)
        money = cost(provider.name, provider.model, tokens, context.today).nano
        hold = Hold(context.turn_id, context.attempt, context.customer.id, context.today, tokens.total, money)
        return add_to_reservation(hold, self._plan)

    async def _reserve(self, chain: tuple[Provider, ...]) -> bool:
        try:
            self.is_reserved = await in_database(self._set_aside, chain)
        except StaleAttempt:
            self._context.give_up()
            await asyncio.sleep(0)  # where the cancellation arrives
        except DatabaseFailure as error:
            # Nothing may be spent unseen, and quotations need no database.
            logger.warning("nothing_set_aside", reason=str(error))
        return self.is_reserved

    def _set_aside(self, chain: tuple[Provider, ...]) -> bool:
        context = self._context
        tokens, money = self._most(chain)
        hold = Hold(context.turn_id, context.attempt, context.customer.id, context.today, tokens, money)
        return reserve(hold, self._plan)

    def _has_room(self, chain: tuple[Provider, ...]) -> bool:
        """Tell whether an answer fits as things stand; what counts is ``_reserve``."""
        tokens, money = self._most(chain)
        self._least_money = min(self._least_money or money, money)
        day, month, plan = self._standing.day, self._standing.month, self._plan
        return (
            _fits(day.tokens + day.tokens_under_way + tokens, plan.tokens_per_day)
            and _fits(day.money_nano + day.money_nano_under_way + money, plan.money_per_day)
            and _fits(month.money_nano + month.money_nano_under_way + money, plan.money_per_month)
        )

    def _most(self, chain: tuple[Provider, ...]) -> tuple[int, int]:
        """Return the most tokens, and billionths of money, that an answer of the chain may take."""
        request = self._context.request
        if request is None:
            raise RuntimeError("the prompt is written by the stage before")
        tokens = Tokens(prompt=most_prompt_tokens(request), completion=request.max_tokens)
        day = self._context.today
        paid = [provider for provider in chain if provider.name not in FREE]
        return tokens.total, max(cost(each.name, each.model, tokens, day).nano for each in paid)

    async def _use_cheaper(self) -> None:
        """Share the answers of the cheaper model with all others who are to have it."""
        context, first = self._context, self._steps[0][0]
        context.stepped_down = self._stepped("cheaper")
        if context.cache_key:
            context.cache_key = answer_cache.key_of(context, first)
            context.cache_provider = first.name
            context.reply = await in_database(answer_cache.kept, context.cache_key)

    async def _quote(self) -> None:
        await self._tell_staff()
        step = self._stepped("quotes")
        if self._plan.stops:
            language = self._context.language
            raise AllowanceSpent(sentence("allowance_spent", language, until=instant(step.until, language)))
        self._context.stepped_down = step
        self._context.cache_provider = quoting_provider().name
        self._leave_the_crowd()

    async def _tell_staff(self) -> None:
        """Let staff know, once a day, of a person who has no room left in the day's money."""
        limit, day = self._plan.money_per_day, self._standing.day
        if limit is None or day.money_nano + day.money_nano_under_way + self._least_money <= limit:
            return
        context = self._context
        tell = partial(person_at_limit, context.customer.id, context.today, spent=day.money_nano, limit=limit)
        try:
            await in_database(tell)
        except DatabaseFailure as error:
            logger.warning("staff_not_told", reason=str(error))  # the next turn beyond the limit tells them

    def _leave_the_crowd(self) -> None:
        """Keep nothing of this answer under a key that stands for another model's."""
        self._context.cache_key = ""

    def _stepped(self, to: str) -> SteppedDown:
        return SteppedDown(to, self._standing.begins_anew(self._standing.tightest))

    @property
    def _plan(self) -> Allowance:
        return self._standing.plan


def most_prompt_tokens(request: Request) -> int:
    """Return more tokens than the prompt is likely to be."""
    characters = prompt_characters(request)
    return -(-characters // CHARACTERS_PER_TOKEN) + TOKENS_PER_MESSAGE * (1 + len(request.messages))


def _fits(used: int, limit: int | None) -> bool:
    return limit is None or used <= limit
