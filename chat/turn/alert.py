"""Telling staff that somebody may be in danger: a flag with the outcome, an audit entry, a signal, an e-mail.

The flag and the entry are written in the transaction that settles the turn, so that the person is never shown
that staff were told when they were not. Nothing here holds a word of what was said.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import structlog
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.dispatch import Signal
from django.urls import reverse

from accounts import audit
from chat.models import ConversationFlag, Turn
from chat.safety.crisis.decision import Decision

logger = structlog.get_logger(__name__)

# Sent after the commit with ``flag``, in the process that settled the turn; receivers must be quick.
conversation_flagged = Signal()

_MAIL = """\
{kind}.

Please look at the conversation and mark it as handled:
{address}

This message holds none of what was said.
"""

# One thread, so that a mail server that hangs holds up other mails and nothing else.
_mails = ThreadPoolExecutor(max_workers=1, thread_name_prefix="crisis-mail")


def flag(turn: Turn, decision: Decision | None) -> None:
    """Flag the turn's conversation if that was decided; call it in the transaction that settles the turn.

    Raises:
        DatabaseError: it could not be written; then the turn must not be settled either.
    """
    if decision is None or not decision.is_flagged:
        return
    flagged, is_new = ConversationFlag.objects.update_or_create(
        turn=turn,
        defaults={"kind": decision.kind, "cause": decision.cause},
        create_defaults={
            "conversation_id": turn.conversation_id,
            "kind": decision.kind,
            "cause": decision.cause,
        },
    )
    if is_new:
        target = ("chat.conversation", turn.conversation_id)
        audit.record(audit.Act.CRISIS_FLAGGED, target=target, kind=decision.kind, cause=decision.cause)
        transaction.on_commit(partial(_tell, flagged))


def _tell(flagged: ConversationFlag) -> None:
    logger.warning("conversation_flagged", kind=flagged.kind, conversation=str(flagged.conversation_id))
    for receiver, outcome in conversation_flagged.send_robust(sender=ConversationFlag, flag=flagged):
        if isinstance(outcome, Exception):
            logger.error("flag_receiver_failed", receiver=str(receiver), reason=type(outcome).__name__)
    if settings.CRISIS_ALERT_EMAILS:
        _mails.submit(_mail, flagged)


def _mail(flagged: ConversationFlag) -> None:
    try:
        address = settings.SITE_URL + reverse("admin:chat_conversationflag_change", args=[flagged.pk])
        subject = f"[{settings.COMPANY_NAME}] A conversation needs a person"
        words = _MAIL.format(kind=flagged.get_kind_display(), address=address)
        send_mail(subject, words, None, settings.CRISIS_ALERT_EMAILS)
    except Exception as error:  # noqa: BLE001 - a mail server can fail in many ways; the flag waits in the admin
        logger.error("crisis_mail_failed", flag=flagged.pk, reason=type(error).__name__)
