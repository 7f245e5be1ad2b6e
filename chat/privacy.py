"""What the chat keeps of a person: how it is exported, and how it goes."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts import privacy
from chat import erasure
from chat.models import Conversation, Message, Rating, Turn
from chat.turn.outcome import citation_json, rating_json, source_json, tool_json

if TYPE_CHECKING:
    from accounts.models import User

_SPEAKERS = {
    Message.Role.USER: _("You"),
    Message.Role.ASSISTANT: _("Desk (automated)"),
    Message.Role.AGENT: _("Desk (a person)"),
    Message.Role.SYSTEM: _("Notice"),
}


def connect() -> None:
    """Offer the chat's part to exports, deletions and retention; called when the application is ready."""
    privacy.register(
        "conversations",
        exporter=export,
        eraser=erase,
        old=old_conversations,
        days_setting="CONVERSATION_RETENTION_DAYS",
    )


def export(user: "User") -> Iterator[privacy.File]:
    """Yield each conversation of a person twice: as JSON with everything, and as Markdown to be read."""
    for conversation in Conversation.objects.visible_to(user).order_by("created_at", "pk").iterator():
        name = f"conversations/{conversation.created_at:%Y-%m-%d}-{conversation.pk}"
        whole = conversation_json(conversation)
        yield privacy.File(
            f"{name}.json", json.dumps(whole, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
        )
        yield privacy.File(f"{name}.md", markdown(whole))


def erase(user: "User") -> None:
    """Delete every conversation of a person."""
    owned = list(Conversation.objects.visible_to(user).values_list("pk", flat=True))
    for begin in range(0, len(owned), erasure.BATCH):
        erasure.erase(owned[begin : begin + erasure.BATCH])


def old_conversations(before: datetime, *, dry_run: bool) -> int:
    """Delete the conversations in which nothing was said since ``before``; return how many there are."""
    said = Conversation.objects.annotate(last=Coalesce("last_message_at", "created_at")).filter(
        last__lt=before
    )
    if dry_run:
        return said.count()
    count = 0
    # A batch is a transaction, so nobody waits long; a second run at once finds what this one has left.
    while batch := list(said.order_by("pk").values_list("pk", flat=True)[: erasure.BATCH]):
        count += erasure.erase(batch)
    return count


def conversation_json(conversation: Conversation) -> dict[str, Any]:
    """Return a conversation with all its messages, what they cite, and how each answer came about."""
    return {
        "id": conversation.pk,
        "title": conversation.title,
        "created_at": conversation.created_at,
        "last_message_at": conversation.last_message_at,
        "closed_at": conversation.closed_at,
        "archived_at": conversation.archived_at,
        "messages": [_message(message) for message in _messages(conversation)],
    }


def markdown(conversation: dict[str, Any]) -> str:
    """Return a conversation, as ``conversation_json`` gives it, as a text to be read."""
    parts = [
        f"# {conversation['title'] or _('Conversation')}",
        _("Begun %(when)s UTC") % {"when": f"{conversation['created_at']:%Y-%m-%d %H:%M}"},
    ]
    for message in conversation["messages"]:
        parts.append(f"## {_SPEAKERS[message['role']]}, {message['created_at']:%Y-%m-%d %H:%M} UTC")
        parts.append(message["text"])
        parts += [_note(citation) for citation in message.get("citations", ())]
        parts += [_rating(message["rating"])] if message.get("rating") else []
    return "\n\n".join(parts) + "\n"


def _note(citation: dict[str, Any]) -> str:
    place = " › ".join(filter(None, (citation["title"], citation["section"])))
    quote = citation["quote"].replace("\n", "\n> ")
    return f"[{citation['number']}] {place}\n\n> {quote}"


def _rating(rating: dict[str, Any]) -> str:
    words = [str(Rating.Value(rating["value"]).label)]
    words += [str(Rating.Reason(reason).label) for reason in rating["reasons"]]
    comment = rating["comment"].replace("\n", "\n> ")
    return f"Rated: {', '.join(words)}" + (f"\n\n> {comment}" if comment else "")


def _messages(conversation: Conversation) -> QuerySet[Message]:
    related = conversation.messages.select_related("asked_in", "answered_in__rating")
    return related.prefetch_related("answered_in__citations", "answered_in__tool_calls").order_by("position")


def _message(message: Message) -> dict[str, Any]:
    said = {
        "id": message.pk,
        "role": message.role,
        "text": message.text,
        "created_at": message.created_at,
    }
    if asked := getattr(message, "asked_in", None):
        return said | {"turn": _turn(asked)}
    if answered := getattr(message, "answered_in", None):
        return said | _answer(answered)
    return said


def _turn(turn: Turn) -> dict[str, Any]:
    return {
        "id": turn.pk,
        "status": turn.status,
        "intent": turn.intent,
        "language": turn.language,
        "understood": turn.slots,
        "tone": turn.tone,
        "urgent": turn.is_urgent,
        "error": turn.error_words,
    }


def _answer(turn: Turn) -> dict[str, Any]:
    return {
        "citations": [citation_json(citation) for citation in turn.citations.all()],
        "notices": turn.notices,
        "source": source_json(turn),
        "rating": rating_json(turn),
        "tools": [tool_json(call) for call in turn.tool_calls.all()],
        "prompt_tokens": turn.prompt_tokens,
        "completion_tokens": turn.completion_tokens,
    }
