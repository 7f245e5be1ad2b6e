"""Opening, renaming, archiving and deleting a conversation; whoever shows it is told."""

import hashlib
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from asgiref.sync import async_to_sync
from django.db import transaction
from django.utils import timezone

from chat import conversations
from chat.errors import MessageRefused, NotFound
from chat.events import signals
from chat.filing.listing import listed
from chat.filing.titles import checked_title, title_of_first_question
from chat.models import Conversation, Turn

if TYPE_CHECKING:
    from accounts.models import User

Check = Callable[[Conversation], None]
_DIGEST_CHARACTERS = 32


def begin(
    user: "User", conversation_id: UUID | None = None, *, title: str = "", accept_language: str = ""
) -> Conversation:
    """Open a conversation; one with the same id, made of a key of the person's, is found again.

    Raises:
        MessageRefused: the title is too long, or the id was used before for another title.
        NotFound: the id is somebody else's.
    """
    title = checked_title(title)
    opening = hashlib.sha256(title.encode()).hexdigest()[:_DIGEST_CHARACTERS] if conversation_id else ""
    found = conversations.open_conversation(
        user, conversation_id, accept_language=accept_language, title=title, opening=opening
    )
    if found.opening not in ("", opening):
        words = "This Idempotency-Key was used before, for another request."
        raise MessageRefused(words, code="idempotency_key_reused")
    return listed(user).get(pk=found.pk)


def change(
    user: "User",
    conversation_id: UUID,
    *,
    title: str | None = None,
    archived: bool | None = None,
    check: Check | None = None,
) -> Conversation:
    """Rename a conversation, or put it away or take it back out; what is None stays.

    An empty title stands for the one that the first question gives. Archiving changes where a conversation is
    listed and nothing else: it can be read, and asking in it takes it back out.

    Args:
        check: called with the conversation as it is, held; whatever it raises changes nothing.

    Raises:
        NotFound: there is none, or it is somebody else's.
        MessageRefused: the title is too long.
    """
    with transaction.atomic():
        found = _held(user, conversation_id)
        if check:
            check(listed(user).get(pk=found.pk))
        before = (found.title, found.archived_at)
        if title is not None:
            found.title = checked_title(title) or title_of_first_question(found)
        if archived is not None and archived != found.is_archived:
            found.archived_at = timezone.now() if archived else None
        if (found.title, found.archived_at) != before:
            found.save(update_fields=["title", "archived_at"])
            transaction.on_commit(partial(async_to_sync(signals.conversation_changed), found.pk))
    return listed(user).get(pk=found.pk)


def delete(user: "User", conversation_id: UUID, *, check: Check | None = None) -> None:
    """Delete a conversation for good, if ``check`` does not object to it as it is.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    with transaction.atomic():
        if check:
            # Turns before their conversation, the order in which everybody takes the two.
            held = Turn.objects.visible_to(user).unfinished().filter(conversation_id=conversation_id)
            list(held.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
            check(listed(user).get(pk=_held(user, conversation_id).pk))
        conversations.delete(user, conversation_id)


def _held(user: "User", conversation_id: UUID) -> Conversation:
    found = Conversation.objects.visible_to(user).select_for_update().filter(pk=conversation_id).first()
    if found is None:
        raise NotFound
    return found
