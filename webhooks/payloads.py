"""What receivers are told, as versioned JSON: ids and facts; texts only for an endpoint that wants them.

The form of ``VERSION`` only grows: fields may be added, none is renamed or taken away.
"""

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.urls import reverse

from chat.models import Citation, ConversationFlag, Turn
from knowledge.models import Version

VERSION: Final = "1"
Texts = Callable[[], tuple[str, str]]


def envelope(message_id: str, event: str, created_at: datetime, data: dict[str, Any]) -> str:
    """Return the body of a message."""
    whole = {
        "id": message_id,
        "type": event,
        "created_at": created_at,
        "api_version": VERSION,
        "data": data,
    }
    return json.dumps(whole, cls=DjangoJSONEncoder, ensure_ascii=False, separators=(",", ":"))


def turn_facts(turn: Turn, citations: Iterable[Citation]) -> dict[str, Any]:
    """Return what is told of a finished turn. What a record says is a person's, so it has no title here."""
    cited = [_citation(one) for one in citations]
    return {
        "conversation": {"id": turn.conversation_id},
        "turn": {
            "id": turn.pk,
            "status": turn.status,
            "intent": turn.intent,
            "language": turn.language,
            "grounding": turn.grounding,
            "source": turn.source,
            "asked_at": turn.created_at,
            "finished_at": turn.finished_at,
            "total_ms": turn.total_ms,
            "claims": turn.claims,
            "unsupported_claims": turn.unsupported_claims,
            "error": {"code": turn.error_code, "retryable": turn.error_retryable}
            if turn.error_code
            else None,
        },
        "citations": cited,
        "citation_count": len(cited),
    }


def texts_of(texts: Texts | None) -> dict[str, Any]:
    """Return question and answer, with placeholders for personal data; null where they cannot be masked."""
    question, answer = texts() if texts else ("", "")
    return {"text": {"question": question or None, "answer": answer or None}}


def flag_facts(flag: ConversationFlag) -> dict[str, Any]:
    """Return what is told of a conversation that somebody should look at: none of its words."""
    return {
        "conversation": {"id": flag.conversation_id},
        "turn": {"id": flag.turn_id},
        "flag": {
            "id": flag.pk,
            "kind": flag.kind,
            "cause": flag.cause,
            "at": flag.at,
            "url": settings.SITE_URL + reverse("admin:chat_conversationflag_change", args=[flag.pk]),
        },
    }


def version_facts(version: Version) -> dict[str, Any]:
    """Return what is told of a published or withdrawn version; its text is at the address."""
    document = version.document
    return {
        "document": {
            "slug": document.slug,
            "title": document.title,
            "category": document.category,
            "audience": document.audience,
            "language": document.language,
            "url": settings.SITE_URL + document.get_absolute_url(),
        },
        "version": {
            "number": version.number,
            "effective_from": version.effective_from,
            "effective_until": version.effective_until,
        },
    }


def _citation(citation: Citation) -> dict[str, Any]:
    is_passage = citation.kind == Citation.Kind.PASSAGE
    return {
        "number": citation.number,
        "kind": citation.kind,
        "title": citation.title if is_passage else None,
        "section": citation.section if is_passage else None,
        "version": citation.version_number,
        "page": citation.page,
    }
