"""Writing entries."""

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

import structlog
from django.apps import apps
from django.conf import settings
from django.db.models import Model
from django.http import HttpRequest

from accounts.audit.acts import Act
from accounts.audit.asking import present_request

if TYPE_CHECKING:
    from accounts.models import AuditEntry, User

logger = structlog.get_logger(__name__)

LONGEST_DETAIL: Final = 200
_apart: ContextVar[bool] = ContextVar("apart", default=False)
Plain = str | int | float | bool | None | list[str] | list[int] | dict[str, object]
Target = Model | tuple[str, object]


def record(
    act: Act | str,
    *,
    actor: "User | None" = None,
    target: Target | None = None,
    request: HttpRequest | None = None,
    **details: Plain,
) -> "AuditEntry":
    """Write one entry, in the transaction that is open: where the act does not take place, neither does it.

    Args:
        act: what was done.
        actor: who did it; by default whoever the request belongs to, and nobody outside requests.
        target: what it was done to, as a row or as (kind, id).
        request: where it came from; by default the request being answered.
        details: further facts. Never texts of people, never secrets; words are cut at 200 characters.

    Raises:
        ValueError: there is no such act.
        DatabaseError: it could not be written. Whoever would show or change something must not go on then.
    """
    request = request or present_request()
    actor = actor or _person_of(request)
    kind, pk = _named(target)
    entry = apps.get_model("accounts", "AuditEntry")(
        act=Act(act),
        actor_id=actor.pk if actor else None,
        actor_label=label_of(actor),
        object_kind=kind,
        object_id=pk,
        address=_address_of(request),
        request_id=str(getattr(request, "request_id", "") or "")[:64],
        details={name: _short(value) for name, value in details.items()},
    )
    if _apart.get():
        return entry
    entry.save()
    # A second copy for whoever collects logs elsewhere: there nobody with the database's password reaches it.
    # What commands and tasks do (a library loaded) is many lines at once, and nobody's act.
    log = logger.debug if request is None and actor is None else logger.info
    log("audit", act=str(entry.act), actor=entry.actor_id, kind=kind, object=pk, entry=entry.pk)
    return entry


@contextmanager
def apart() -> Iterator[None]:
    """Write nothing of what is done inside: it is done to a library of its own, which has no trail."""
    kept = _apart.set(True)
    try:
        yield
    finally:
        _apart.reset(kept)


def is_apart() -> bool:
    """Tell whether what is done now is done to a library of its own."""
    return _apart.get()


def label_of(actor: "User | None") -> str:
    """Return what an entry calls a person: staff by name, customers not."""
    if actor is None:
        return ""
    return actor.get_username() if actor.is_staff else "customer"


def digest(words: str) -> str:
    """Return a keyed digest by which the same words are known again and cannot be read."""
    folded = " ".join(words.casefold().split())
    return hmac.new(settings.SECRET_KEY.encode(), f"audit:{folded}".encode(), hashlib.sha256).hexdigest()[:16]


def _person_of(request: HttpRequest | None) -> "User | None":
    user = getattr(request, "user", None)
    return user if user is not None and user.is_authenticated else None


def _named(target: Target | None) -> tuple[str, str]:
    if target is None:
        return "", ""
    kind, pk = (target._meta.label_lower, target.pk) if isinstance(target, Model) else target
    return kind, str(pk)


def _address_of(request: HttpRequest | None) -> str:
    if request is None or not settings.AUDIT_ADDRESSES:
        return ""
    return str(request.META.get("REMOTE_ADDR") or "")[:45]


def _short(value: Plain) -> Plain:
    return value[:LONGEST_DETAIL] if isinstance(value, str) else value
