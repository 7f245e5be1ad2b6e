"""The ledger: set aside before an answer, charge after it.

Before a model is asked, an upper estimate is set aside by one conditional update of the row that holds the
person's day: of any number of turns at once, only as many begin as the limits have room for. The charge is
made in the transaction that settles the turn, which happens once, whatever the number of attempts.

Locks are always taken in the order reservation, day, so that no two attempts wait for each other. The
statements are written out, since they run with every answer: built by the ORM they take twenty times the CPU.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import Reservation, Spending
from accounts.spending.days import first_of_month
from accounts.spending.plans import Allowance
from accounts.spending.prices import Cost, Tokens

_ADD_TO_DAY = """
INSERT INTO accounts_spending
  (user_id, day, answers, tokens, money_nano, tokens_reserved, money_nano_reserved)
VALUES (%s, %s, 1, %s, %s, 0, 0)
ON CONFLICT (user_id, day) DO UPDATE SET
  answers = accounts_spending.answers + 1,
  tokens = accounts_spending.tokens + excluded.tokens,
  money_nano = accounts_spending.money_nano + excluded.money_nano
"""
_ADD_TO_USAGE = """
INSERT INTO accounts_usage
  (user_id, day, source, provider, model, answers, prompt_tokens, completion_tokens, money_nano, unpriced)
VALUES (%s, %s, %s, %s, %s, 1, %s, %s, %s, %s)
ON CONFLICT (user_id, day, source, provider, model) DO UPDATE SET
  answers = accounts_usage.answers + 1,
  prompt_tokens = accounts_usage.prompt_tokens + excluded.prompt_tokens,
  completion_tokens = accounts_usage.completion_tokens + excluded.completion_tokens,
  money_nano = accounts_usage.money_nano + excluded.money_nano,
  unpriced = accounts_usage.unpriced + excluded.unpriced
"""

_PUT_DOWN = """
INSERT INTO accounts_reservation (turn, attempt, user_id, day, tokens, money_nano, made_at)
VALUES (%s, %s, %s, %s, %s, %s, %s)
"""
_PUT_MORE = """
UPDATE accounts_reservation SET tokens = tokens + %s, money_nano = money_nano + %s
WHERE turn = %s AND attempt = %s
"""
_TAKE_OUT = "DELETE FROM accounts_reservation WHERE turn = %s RETURNING tokens, money_nano, user_id, day"
_TAKE_OUT_EARLIER = _TAKE_OUT.replace("turn = %s", "turn = %s AND attempt < %s")
_THE_DAY = "user_id = %s AND day = %s"
_ADD_RESERVED = """
UPDATE accounts_spending
SET tokens_reserved = tokens_reserved + %s, money_nano_reserved = money_nano_reserved + %s WHERE
"""
_SUBTRACT = _ADD_RESERVED.replace("+", "-") + _THE_DAY
_EARLIER_THIS_MONTH = """(
SELECT COALESCE(SUM(earlier.money_nano + earlier.money_nano_reserved), 0) FROM accounts_spending AS earlier
WHERE earlier.user_id = %s AND earlier.day >= %s AND earlier.day < %s)"""


class StaleAttempt(Exception):
    """A later attempt has set aside for this turn; this one has no say any more."""


class _NoRoom(Exception):
    """A limit leaves no room for it."""


@dataclass(frozen=True, slots=True)
class Hold:
    """What is to be set aside for one attempt at a turn."""

    turn: UUID
    attempt: int
    user: int
    day: date
    tokens: int
    money_nano: int


@dataclass(frozen=True, slots=True)
class Charge:
    """What one finished turn has used.

    Attributes:
        source: where the words came from; ``failed``: there are none.
        tokens: paid ones; none of cached, quoted and fixed answers.
    """

    turn: UUID
    user: int
    day: date
    source: str
    provider: str
    model: str
    tokens: Tokens
    cost: Cost


def reserve(hold: Hold, plan: Allowance) -> bool:
    """Set aside what an answer may use, if every limit of the plan has room for it; tell whether it has.

    What an earlier attempt at the same turn had set aside is given back first.

    Raises:
        StaleAttempt: a later attempt was here before.
    """
    if hold.attempt > 1:
        _give_back(hold.turn, before_attempt=hold.attempt)
    try:
        with transaction.atomic():
            _put_down(hold)
            if not _take(hold, plan):
                raise _NoRoom
    except _NoRoom:
        return False
    except IntegrityError as error:
        raise StaleAttempt(f"turn {hold.turn} attempt {hold.attempt}") from error
    return True


def add_to_reservation(more: Hold, plan: Allowance) -> bool:
    """Set aside more for an attempt that has something set aside, if every limit has room; tell whether.

    Raises:
        StaleAttempt: nothing is set aside for it any more.
    """
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(_PUT_MORE, [more.tokens, more.money_nano, _id(more.turn), more.attempt])
                if cursor.rowcount != 1:
                    raise StaleAttempt(f"turn {more.turn} attempt {more.attempt}")
            if not _add_where_it_fits(more, plan):
                raise _NoRoom
    except _NoRoom:
        return False
    return True


def settle(charge: Charge, *, may_be_reserved: bool) -> None:
    """Charge a finished turn, and give back what was set aside for it. Once a turn, inside its transaction.

    Args:
        charge: what it has used.
        may_be_reserved: False spares the question where nothing can have been set aside.
    """
    if may_be_reserved:
        release([charge.turn])
    tokens, money = charge.tokens, charge.cost.nano
    day = connection.ops.adapt_datefield_value(charge.day)
    with connection.cursor() as cursor:
        if tokens.total:
            cursor.execute(_ADD_TO_DAY, [charge.user, day, tokens.total, money])
        unpriced = int(tokens.total > 0 and not charge.cost.is_known)
        where = [charge.user, day, charge.source, charge.provider, charge.model]
        cursor.execute(_ADD_TO_USAGE, [*where, tokens.prompt, tokens.completion, money, unpriced])


def release(turns: list[UUID]) -> None:
    """Give back what is set aside for turns that were settled, given up or deleted."""
    for turn in turns:
        _give_back(turn)


def release_abandoned(older_than: timedelta) -> int:
    """Give back what was set aside so long ago that no turn can still be at work on it; return how many."""
    old = Reservation.objects.filter(made_at__lt=timezone.now() - older_than)
    turns = list(old.values_list("turn", flat=True)[:1_000])
    release(turns)
    return len(turns)


def _give_back(turn: UUID, *, before_attempt: int | None = None) -> None:
    """Take the turn's reservation out, if there is one, and its amounts out of the day's reserved sums."""
    taken, params = _TAKE_OUT, [_id(turn)]
    if before_attempt is not None:
        taken, params = _TAKE_OUT_EARLIER, [_id(turn), before_attempt]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(taken, params)
        held = cursor.fetchone()
        if held is not None:
            cursor.execute(_SUBTRACT, held)


def _put_down(hold: Hold) -> None:
    ops = connection.ops
    made_at = ops.adapt_datetimefield_value(timezone.now())
    row = [_id(hold.turn), hold.attempt, hold.user, ops.adapt_datefield_value(hold.day)]
    with connection.cursor() as cursor:
        cursor.execute(_PUT_DOWN, [*row, hold.tokens, hold.money_nano, made_at])


def _take(hold: Hold, plan: Allowance) -> bool:
    """Add to the day's reserved sums where they fit; the row is made with the day's first reservation."""
    if _add_where_it_fits(hold, plan):
        return True
    Spending.objects.bulk_create([Spending(user_id=hold.user, day=hold.day)], ignore_conflicts=True)
    return _add_where_it_fits(hold, plan)


def _add_where_it_fits(hold: Hold, plan: Allowance) -> bool:
    day = connection.ops.adapt_datefield_value(hold.day)
    conditions, params = [_THE_DAY], [hold.tokens, hold.money_nano, hold.user, day]
    if plan.tokens_per_day is not None:
        conditions.append("tokens + tokens_reserved + %s <= %s")
        params += [hold.tokens, plan.tokens_per_day]
    if plan.money_per_day is not None:
        conditions.append("money_nano + money_nano_reserved + %s <= %s")
        params += [hold.money_nano, plan.money_per_day]
    if plan.money_per_month is not None:
        conditions.append(f"money_nano + money_nano_reserved + %s + {_EARLIER_THIS_MONTH} <= %s")
        first = connection.ops.adapt_datefield_value(first_of_month(hold.day))
        params += [hold.money_nano, hold.user, first, day, plan.money_per_month]
    with connection.cursor() as cursor:
        cursor.execute(f"{_ADD_RESERVED} {' AND '.join(conditions)}", params)
        return cursor.rowcount == 1


def _id(turn: UUID) -> object:
    """Return a turn's id as the database keeps it."""
    return Reservation._meta.pk.get_db_prep_value(turn, connection)
