"""Unusual spending: staff are told once a day for each person and each rule of the whole desk.

Telling is a signal (``unusual_spend``), a line in the log, and an e-mail to the staff who have the permission
``accounts.receive_spend_alerts``. An e-mail that could not be sent is tried again with the next look.
"""

from datetime import date, timedelta
from statistics import median

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.db.models import Min, Sum
from django.dispatch import Signal
from django.utils import timezone

from accounts.models import Plan, SpendAlert, Spending, User
from accounts.models.money import from_nano, to_nano
from accounts.spending.days import today
from accounts.spending.ledger import release_abandoned
from accounts.spending.plans import plan_of

logger = structlog.get_logger(__name__)

unusual_spend = Signal()  # sender: SpendAlert; alert: the row

DESK_LIMIT, DESK_UNUSUAL, PERSON = "desk-limit", "desk-unusual", "person:"
MEDIAN_DAYS = 14
LEAST_DAYS = 7  # with spending; a new desk has no usual day yet


def look_after_spending() -> None:
    """Look for unusual spending, tell of it, and give back what turns that are gone had set aside."""
    day = today()
    find_unusual(day)
    send_mails(day)
    release_abandoned(
        timedelta(seconds=settings.TURN_DEADLINE_SECONDS * (settings.TURN_MAX_ATTEMPTS + 1) + 600)
    )


def find_unusual(day: date) -> None:
    """Tell of whatever is unusual about a day's spending and was not told of yet."""
    for user, spent, limit in _people_at_their_limit(day):
        person_at_limit(user, day, spent=spent, limit=limit)
    _look_at_the_desk(day)


def person_at_limit(user: int, day: date, *, spent: int, limit: int) -> None:
    """Tell, once a day, that a person has no room left in the day's money (billionths)."""
    _tell_once(day, f"{PERSON}{user}", spent, limit, user)


def send_mails(day: date) -> None:
    """Send one e-mail about the day's alerts that none was sent about."""
    now = timezone.now()
    pending = SpendAlert.objects.filter(day=day, mailed_at=None)
    alerts = list(pending.select_related("user"))
    # Taken before it is sent, so that of two processes one sends.
    taken = [alert for alert in alerts if pending.filter(pk=alert.pk).update(mailed_at=now)]
    staff = User.objects.with_perm(
        "accounts.receive_spend_alerts", backend="django.contrib.auth.backends.ModelBackend"
    )
    addresses = [
        address for address in staff.filter(is_staff=True).values_list("email", flat=True) if address
    ]
    if not taken or not addresses:
        return
    try:
        send_mail(
            f"{settings.COMPANY_NAME} support desk: unusual spending",
            "\n".join(
                [*(words(alert) for alert in taken), "", f"{settings.SITE_URL}/admin/accounts/spending/"]
            ),
            None,
            addresses,
        )
    except OSError:  # whatever a mail server that is away raises
        logger.exception("spend_mail_not_sent")
        SpendAlert.objects.filter(pk__in=[alert.pk for alert in taken]).update(mailed_at=None)


def words(alert: SpendAlert) -> str:
    """Return an alert as a sentence for staff."""
    spent, limit = _money(alert.money_nano), _money(alert.limit_nano)
    if alert.subject.startswith(PERSON):
        who = alert.user or "Somebody who has left"
        return f"{who} has no room left in the plan's money of {alert.day}: {spent} of {limit} are used."
    all_answers = f"All answers of {alert.day} together have cost {spent}"
    if alert.subject == DESK_LIMIT:
        return f"{all_answers}; the mark (DESK_MONEY_PER_DAY) is {limit}."
    return f"{all_answers}, far more than usual; the mark is {limit}."


def _money(nano: int) -> str:
    return f"{from_nano(nano):,.2f} {settings.CURRENCY}"


def _people_at_their_limit(day: date) -> list[tuple[int, int, int]]:
    least = Plan.objects.aggregate(least=Min("money_per_day"))["least"]
    if least is None:
        return []
    spenders = Spending.objects.filter(day=day, money_nano__gte=to_nano(least), user__isnull=False)
    people = [(user, spent, plan_of(user)) for user, spent in spenders.values_list("user", "money_nano")]
    return [
        (user, spent, plan.money_per_day)
        for user, spent, plan in people
        if plan.money_per_day is not None and spent >= plan.money_per_day
    ]


def _look_at_the_desk(day: date) -> None:
    since = day - timedelta(days=MEDIAN_DAYS)
    rows = Spending.objects.filter(day__gte=since, day__lte=day).order_by().values("day")
    by_day = dict(rows.annotate(sum=Sum("money_nano")).values_list("day", "sum"))
    spent = int(by_day.pop(day, 0))
    mark = settings.DESK_MONEY_PER_DAY
    if mark is not None and spent > to_nano(mark):
        _tell_once(day, DESK_LIMIT, spent, to_nano(mark))
    earlier = [int(sum_) for sum_ in by_day.values() if sum_]
    if settings.DESK_SPEND_TIMES_MEDIAN and len(earlier) >= LEAST_DAYS:
        usual = int(median(earlier) * settings.DESK_SPEND_TIMES_MEDIAN)
        if spent > usual:
            _tell_once(day, DESK_UNUSUAL, spent, usual)


def _tell_once(day: date, subject: str, spent: int, limit: int, user: int | None = None) -> None:
    alert, is_new = SpendAlert.objects.get_or_create(
        day=day, subject=subject, defaults={"user_id": user, "money_nano": spent, "limit_nano": limit}
    )
    if not is_new:
        return
    logger.warning(
        "unusual_spend",
        subject=subject,
        day=str(day),
        money=str(from_nano(spent)),
        limit=str(from_nano(limit)),
    )
    for receiver, answer in unusual_spend.send_robust(SpendAlert, alert=alert):
        if isinstance(answer, Exception):
            logger.error("spend_alert_receiver_failed", receiver=repr(receiver), exc_info=answer)
