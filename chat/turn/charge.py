"""What a finished turn is charged for: the call whose words stand, at the prices of the turn's day."""

from django.db import transaction

from accounts.models import Reservation
from accounts.spending import ledger
from accounts.spending.prices import Cost, Tokens, cost
from chat.database import in_database
from chat.errors import ChatError
from chat.llm.answer_stream import estimated_tokens
from chat.llm.base import Usage
from chat.models import Turn
from chat.turn.context import TurnContext

FREE = ("", "extractive")  # providers that nobody is paid for


def usage_of(context: TurnContext) -> Usage:
    """Return the tokens of the answer; of one that was cut short, about as many as it took."""
    usage, request = context.usage, context.request
    was_cut = context.source == Turn.Source.MODEL and context.raw_text and request is not None
    if not was_cut or usage != context.spent:
        return usage
    sent = len(request.system) + sum(len(message.text) for message in request.messages)
    cut = Usage(estimated_tokens(sent), estimated_tokens(len(context.raw_text)), estimated=True)
    return context.spent + cut


def charge(context: TurnContext, error: ChatError | None) -> None:
    """Charge the turn, inside the transaction that settles it."""
    reserved = context.budget is not None and context.budget.is_reserved
    source = "failed" if error is not None else str(context.source)
    ledger.settle(_charge(context, source), may_be_reserved=reserved or context.attempt > 1)


async def charge_deleted(context: TurnContext) -> bool:
    """Charge a turn that was deleted while it ran, if something was set aside: it was paid for all the same.

    Does nothing for a turn that was settled, or that another attempt has taken over; tells whether it did
    something.
    """
    if context.budget is None or not context.budget.is_reserved:
        return False
    return await in_database(_charge_deleted, context)


def _charge_deleted(context: TurnContext) -> bool:
    with transaction.atomic():
        held = Reservation.objects.select_for_update().filter(turn=context.turn_id, attempt=context.attempt)
        is_due = held.first() is not None and not Turn.objects.filter(pk=context.turn_id).exists()
        if is_due:
            ledger.settle(_charge(context, "deleted"), may_be_reserved=True)
    return is_due


def _charge(context: TurnContext, source: str) -> ledger.Charge:
    usage, tokens, money = usage_of(context), Tokens(), Cost(0, is_known=True)
    if context.provider not in FREE and (usage.prompt_tokens or usage.completion_tokens):
        tokens = Tokens(usage.prompt_tokens, usage.completion_tokens, usage.cached_tokens)
        money = cost(context.provider, context.model, tokens, context.today)
        context.cost_nano = money.nano
    return ledger.Charge(
        turn=context.turn_id,
        user=context.customer.id,
        day=context.today,
        source=source,
        provider=context.provider,
        model=context.model,
        tokens=tokens,
        cost=money,
    )
