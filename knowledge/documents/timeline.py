"""What a step changes: on which days, from today on, another text of a document will hold than now."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone
from django.utils.formats import date_format

from knowledge.models import Document, Version

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Change:
    """From ``first`` until ``last`` (None: for good) version ``after`` holds where ``before`` did."""

    first: date
    last: date | None
    before: int | None
    after: int | None


def after_publishing(version: Version, today: date | None = None) -> list[Change]:
    """Return what publishing ``version`` changes; empty when a newer version covers all its days."""
    published = _published(version.document)
    return changes(published, [*published, version], today)


def after_withdrawing(versions: Sequence[Version], today: date | None = None) -> list[Change]:
    """Return what withdrawing ``versions``, all of one document, changes."""
    gone = {version.pk for version in versions}
    published = _published(versions[0].document)
    return changes(published, [version for version in published if version.pk not in gone], today)


def changes(before: Sequence[Version], after: Sequence[Version], today: date | None = None) -> list[Change]:
    """Return how the versions in force differ between two sets of published versions, from ``today`` on."""
    today = today or timezone.localdate()
    found: list[Change] = []
    days = _days_of_change([*before, *after], today)
    for first, following in zip(days, [*days[1:], None], strict=True):
        last = following - _DAY if following else None
        change = Change(first, last, _holding(before, first), _holding(after, first))
        former = found[-1] if found else None
        if former and (former.before, former.after) == (change.before, change.after):
            found[-1] = Change(former.first, last, change.before, change.after)
        else:
            found.append(change)
    return [change for change in found if change.before != change.after]


def in_words(change: Change, today: date | None = None) -> str:
    """Return the change as a sentence for staff."""
    today = today or timezone.localdate()
    days = "From today" if change.first == today else f"From {long_date(change.first)}"
    if change.last:
        days = f"On {long_date(change.first)}" if change.last == change.first else days
        days += "" if change.last == change.first else f" until {long_date(change.last)}"
    if change.after is None:
        return f"{days} no text holds: customers find nothing of this document."
    if change.before is None:
        return f"{days} version {change.after} holds."
    return f"{days} version {change.after} holds in place of version {change.before}."


def long_date(day: date) -> str:
    """Return a day as staff read it, such as 1 December 2026."""
    return date_format(day, "j F Y")


def _published(document: Document) -> list[Version]:
    return list(document.versions.published().defer("text", "page_starts"))


def _days_of_change(versions: Iterable[Version], today: date) -> list[date]:
    """Return today and the later days on which a version begins, or has just ended."""
    days = {today}
    for version in versions:
        days.add(version.effective_from or today)
        if version.effective_until and version.effective_until < date.max:
            days.add(version.effective_until + _DAY)
    return sorted(day for day in days if day >= today)


def _holding(versions: Iterable[Version], on: date) -> int | None:
    """Return the number of the version that holds on a day: the newest of those that cover it."""
    return max((version.number for version in versions if version.covers(on)), default=None)
