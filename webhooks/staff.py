"""Staff are told of an endpoint that was switched off; the audit trail, of every change of one."""

from functools import partial
from typing import Any
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts import audit
from accounts.models import User
from webhooks.models import Endpoint

logger = structlog.get_logger(__name__)

_MAIL = """\
The webhook endpoint “{name}” was switched off. {why}

What happened meanwhile is kept and is sent once it is switched on again:
{address}
"""


def switch_off(endpoint: Endpoint, why: str) -> None:
    """Switch an endpoint off and tell the staff who may switch it on; call it in a transaction."""
    endpoint.is_active, endpoint.switched_off_at, endpoint.switched_off_why = False, timezone.now(), why
    endpoint.save(update_fields=["is_active", "switched_off_at", "switched_off_why"])
    audit.record(audit.Act.WEBHOOK_SWITCHED_OFF, target=endpoint, reason=why)
    transaction.on_commit(partial(_mail, endpoint, why))


def note_change(endpoint: Endpoint, change: str, fields: list[str]) -> None:
    """Write that somebody made, changed or deleted an endpoint. An address's path may be a secret: no more
    than its host stands in the entry.
    """
    facts: dict[str, Any] = {
        "change": change,
        "name": endpoint.name,
        "host": urlsplit(endpoint.url).hostname or "",
        "events": list(endpoint.events),
        "texts": endpoint.include_text,
        "active": endpoint.is_active,
        "fields": sorted(fields),
    }
    audit.record(audit.Act.WEBHOOK_CHANGED, target=endpoint, **facts)


def note_secret(endpoint: Endpoint, change: str) -> None:
    """Write that a secret was made, rotated or ended."""
    audit.record(audit.Act.WEBHOOK_SECRET_CHANGED, target=endpoint, change=change)


def _mail(endpoint: Endpoint, why: str) -> None:
    logger.warning("webhook_switched_off", endpoint=str(endpoint.pk), reason=why)
    backend = "django.contrib.auth.backends.ModelBackend"
    people = User.objects.with_perm("webhooks.change_endpoint", backend=backend).filter(is_staff=True)
    addresses = [address for address in people.values_list("email", flat=True) if address]
    if not addresses:
        return
    try:
        page = settings.SITE_URL + reverse("admin:webhooks_endpoint_change", args=[endpoint.pk])
        words = _MAIL.format(name=endpoint.name, why=why, address=page)
        send_mail(f"[{settings.COMPANY_NAME}] A webhook was switched off", words, None, addresses)
    except Exception as error:  # noqa: BLE001 - a mail server can fail in many ways; the admin's list says it too
        logger.error("webhook_mail_failed", endpoint=str(endpoint.pk), reason=type(error).__name__)
