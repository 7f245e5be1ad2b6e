"""Make flights for tests."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from knowledge.models import Flight

DAY = date(2026, 11, 21)


def a_flight(number: str = "LW214", day: date = DAY, *, delay_minutes: int = 0, **values: object) -> Flight:
    """Save a flight from Lisbon at 07:35 to Madrid, 80 minutes long, ``delay_minutes`` late."""
    departure = datetime.combine(day, time(7, 35), ZoneInfo("Europe/Lisbon"))
    arrival = departure + timedelta(minutes=80)
    delay = timedelta(minutes=delay_minutes)
    late = {
        "status": Flight.Status.DELAYED,
        "delay_reason": "fog",
        "estimated_departure": departure + delay,
        "estimated_arrival": arrival + delay,
    }
    planned = {
        "number": number,
        "date": day,
        "origin_id": "LIS",
        "destination_id": "MAD",
        "scheduled_departure": departure,
        "scheduled_arrival": arrival,
    }
    return Flight.objects.create(**planned | (late if delay_minutes else {}) | values)
