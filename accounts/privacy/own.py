"""The part of the accounts themselves: profile, sign-ins, sessions, keys, and the trail of what was done."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.db.models import Model, QuerySet

from accounts.models import AuditEntry
from accounts.privacy.parts import File, register

if TYPE_CHECKING:
    from accounts.models import User

BATCH = 500
_OURS = ("accounts", "account", "mfa", "usersessions", "socialaccount", "allauth_idp_oidc")
# Never exported: what would let whoever gets hold of the file sign in.
_SECRETS = ("password", "hash", "digest", "secret", "token", "data", "session_key")


def connect() -> None:
    """Offer the parts; called once, when the application is ready."""
    register("account", exporter=export, eraser=erase)
    register("audit", exporter=export_audit, old=old_entries, days_setting="AUDIT_RETENTION_DAYS")
    register("sessions", old=expired_sessions)


def export(user: "User") -> Iterator[File]:
    """Yield who the person is to us, without anything one could sign in with."""
    yield as_file("profile.json", plain_row(user) | {"groups": [group.name for group in user.groups.all()]})
    for name, rows in _belonging(user):
        yield as_file(f"account/{name}.json", [plain_row(row) for row in rows])


def _belonging(user: "User") -> Iterator[tuple[str, QuerySet[Model]]]:
    """Return whatever else has a key to the account here: addresses, sessions, keys, factors, usage."""
    for relation in user._meta.get_fields(include_hidden=True):
        model = relation.related_model if relation.one_to_many or relation.one_to_one else None
        if model is None or model._meta.app_label not in _OURS or model._meta.auto_created:
            continue
        name = str(model._meta.verbose_name_plural).replace(" ", "-")
        yield name, model._base_manager.filter(**{relation.field.name: user.pk}).order_by("pk")


def export_audit(user: "User") -> Iterable[File]:
    """Yield the audit entries of what the person did and what was done to their account."""
    entries = AuditEntry.objects.about(user.pk).order_by("id")
    yield as_file("audit.json", [_entry(entry, user) for entry in entries.iterator()])


def _entry(entry: AuditEntry, user: "User") -> dict[str, Any]:
    is_own = entry.actor_id == user.pk
    return {
        "at": entry.at,
        "act": entry.act,
        "by": "you" if is_own else ("staff" if entry.actor_id else "the desk"),
        "on": f"{entry.object_kind} {entry.object_id}".strip(),
        "address": entry.address if is_own or entry.actor_id is None else "",
        "details": entry.details,
    }


def erase(user: "User") -> None:
    """Sign the person out everywhere, and take their name out of the admin's own log."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    for session in UserSession.objects.filter(user=user):
        store().delete(session.session_key)
    kind = ContentType.objects.get_for_model(user)
    entries = LogEntry.objects.filter(content_type=kind, object_id=str(user.pk))
    entries.update(object_repr=f"user {user.pk}", change_message="")


def old_entries(before: datetime, *, dry_run: bool) -> int:
    """Delete audit entries older than ``before``: the one way that the database lets through."""
    old = AuditEntry.objects.filter(at__lt=before)
    if dry_run:
        return old.count()
    count = 0
    while ids := list(old.order_by("id").values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic(), connection.cursor() as cursor:
            # The window of migration 0004; nobody else sees it, since it is closed before the commit.
            cursor.execute("INSERT INTO accounts_audit_window VALUES (%s)", [_instant(before)])
            # Not through the model, which refuses. No value of a person's is part of the statement.
            cursor.execute(
                "DELETE FROM accounts_auditentry WHERE at < %s AND id <= %s", [_instant(before), ids[-1]]
            )
            count += max(cursor.rowcount, 0)
            cursor.execute("DELETE FROM accounts_audit_window WHERE opened_before = %s", [_instant(before)])
    return count


def _instant(moment: datetime) -> Any:
    """Return a moment as the database compares it: SQLite has text."""
    return connection.ops.adapt_datetimefield_value(moment)


def expired_sessions(before: datetime, *, dry_run: bool) -> int:
    """Delete sessions that ran out before ``before``."""
    expired = Session.objects.filter(expire_date__lt=before)
    if dry_run:
        return expired.count()
    count = 0
    while keys := list(expired.values_list("pk", flat=True)[:BATCH]):
        UserSession.objects.filter(session_key__in=keys).delete()
        count += Session.objects.filter(pk__in=keys).delete()[0]
    return count


def plain_row(row: Model) -> dict[str, Any]:
    """Return a row as JSON can have it, without secrets and without keys to other rows' insides."""
    return {
        field.name: field.value_from_object(row)
        for field in row._meta.concrete_fields
        if not field.name.endswith(_SECRETS) or field.name.startswith("extra")
    }


def as_file(path: str, content: object) -> File:
    """Return something as a JSON file."""
    return File(path, json.dumps(content, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1))
