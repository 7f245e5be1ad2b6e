"""Where days and months begin: in the desk's own time zone, whatever anybody's clock says."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone


def today() -> date:
    """Return the desk's day."""
    return timezone.localdate(timezone=timezone.get_default_timezone())


def first_of_month(day: date) -> date:
    """Return the first day of a day's month."""
    return day.replace(day=1)


def next_month(day: date) -> date:
    """Return the first day of the month after a day's."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def begins(day: date) -> datetime:
    """Return the instant at which a day begins at the desk."""
    return datetime.combine(day, time.min, timezone.get_default_timezone())
