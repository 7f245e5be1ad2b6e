"""The register of the parts: an app says here what it keeps of people and how that goes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True, slots=True)
class File:
    """One file of an export: its path in the archive, and its text."""

    path: str
    text: str


class DeletesOld(Protocol):
    """Deletes what is older than an instant, in batches; returns how much that is."""

    def __call__(self, before: datetime, *, dry_run: bool) -> int:
        """Delete, or only count."""
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """What one app offers.

    Attributes:
        name: for reports.
        exporter: yields the files of a person.
        eraser: deletes what is a person's, within the transaction that deletes the account.
        old: deletes what is past its retention.
        days_setting: the setting that says for how many days things are kept (0: for ever); without one,
            ``old`` is asked every night, with the present instant.
    """

    name: str
    exporter: Callable[["User"], Iterable[File]] | None = None
    eraser: Callable[["User"], None] | None = None
    old: DeletesOld | None = None
    days_setting: str = ""


_parts: dict[str, Part] = {}


def register(
    name: str,
    *,
    exporter: Callable[["User"], Iterable[File]] | None = None,
    eraser: Callable[["User"], None] | None = None,
    old: DeletesOld | None = None,
    days_setting: str = "",
) -> None:
    """Offer a part; called when the app is ready. The same name again takes its place."""
    _parts[name] = Part(name, exporter, eraser, old, days_setting)


def parts() -> list[Part]:
    """Return all parts in the order in which they were offered."""
    return list(_parts.values())
