"""Where a question belongs: clients of this API send the conversation along each time, and seldom name it.

A question's ``client_id`` is made of itself and the question before it (a keyed digest), so that the question
after it finds its conversation by what the client sends along. What the client sends is only compared with
what the desk has kept. None of it is ever read by a model: the desk knows its own conversation.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Literal
from uuid import UUID, uuid4

from django.core.cache import cache
from django.db.models import Q, QuerySet
from django.utils import timezone

from chat import conversations
from chat.errors import NotFound
from chat.models import Conversation, Message, Turn
from chat.openai_api.errors import Refused
from chat.openai_api.messages import Said, Talk
from chat.sealing import Seal

if TYPE_CHECKING:
    from accounts.models import User

REPEAT_SECONDS: Final = 900  # a client waits ten minutes for an answer before it asks again
_SAME_AGAIN: Final = 8  # how often the same may be asked in one place and be found again
_CANDIDATES: Final = 20
_SEAL = Seal("openai-questions")
_FOOTNOTE: Final = re.compile(r"\[\^\d+\]")

History = Literal["begun", "continued", "repeated", "unknown"]


@dataclass(frozen=True, slots=True)
class Wish:
    """A question as it came, and what tells where it belongs.

    Attributes:
        talk: the question, and the history that the client holds.
        conversation: the one that the client names.
        after: the turn whose answer the client names.
        is_retry: whether the client says that it sends the request again.
        key: its Idempotency-Key.
        accept_language: what it asks for; tells where help lines are to be found.
    """

    talk: Talk
    conversation: UUID | None = None
    after: UUID | None = None
    is_retry: bool = False
    key: str = ""
    accept_language: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A conversation and the id under which the question is sent there.

    ``history`` tells what became of the client's: the conversation was begun with this question,
    is continued, had this very question from this very client, or begins since the history is not the desk's.
    """

    conversation: UUID
    client_id: UUID
    history: History
    is_new: bool = False


def place_of(user: "User", wish: Wish) -> Place:
    """Return where a question belongs; a conversation is begun where there is none for it.

    Raises:
        Refused: the conversation or answer that was named is not there, or somebody else's; or the one is not
            of the other.
    """
    named = _named(user, wish)
    if wish.key:
        return _by_key(user, wish, named)
    if named is not None:
        scope = f"turn {wish.after}" if wish.after else f"conversation {named.pk}"
        ids = _ids(user, scope, wish.talk.question)
        repeated = _repeated(user, wish, ids, within=named)
        return repeated or _in(named, ids, "continued")
    history = wish.talk.history
    ids = _ids(user, _scope(history), wish.talk.question)
    if (repeated := _repeated(user, wish, ids)) is not None:
        return repeated
    if not history:
        return _begun(user, wish, ids, "begun")
    found = _continued(user, history)
    return _in(found, ids, "continued") if found else _begun(user, wish, ids, "unknown")


def note_cut(turn_id: UUID) -> None:
    """Remember that an answer did not reach its client whole: the same request gets it, not another."""
    cache.set(_cut_key(turn_id), True, REPEAT_SECONDS)


def discard(conversation_id: UUID) -> None:
    """Take back a conversation in which nothing was said."""
    Conversation.objects.filter(pk=conversation_id, message_count=0).delete()


def _named(user: "User", wish: Wish) -> Conversation | None:
    try:
        if wish.after is None:
            return conversations.get_conversation(user, wish.conversation) if wish.conversation else None
        turn = conversations.get_turn(user, wish.after)
    except NotFound as error:
        param = "conversation" if wish.after is None else "previous_response_id"
        raise Refused(error.words, status=404, code=error.code, param=param) from None
    if wish.conversation not in (None, turn.conversation_id):
        words = "The previous response is not of this conversation."
        raise Refused(words, code="invalid_value", param="previous_response_id")
    return turn.conversation


def _by_key(user: "User", wish: Wish, named: Conversation | None) -> Place:
    """Return the place of a request with a key of the client's: wherever it was sent before, if it was."""
    client_id, first = (_digests(user, f"key {wish.key}", what)[0] for what in ("question", "conversation"))
    sent = _asked_by(user).filter(client_id=client_id).first()
    if sent is not None:
        return Place(sent.conversation_id, client_id, "repeated")
    history = wish.talk.history
    place = named or (_continued(user, history) if history else None)
    if place is not None:
        return Place(place.pk, client_id, "continued")
    begun = conversations.open_conversation(user, first, accept_language=wish.accept_language)
    return Place(begun.pk, client_id, "unknown" if history else "begun", is_new=True)


def _repeated(
    user: "User", wish: Wish, ids: Sequence[UUID], *, within: Conversation | None = None
) -> Place | None:
    """Return the place of the same request, if this one is that again: the client says so, or what it was
    answered has not reached it.
    """
    since = timezone.now() - timedelta(seconds=REPEAT_SECONDS)
    sent = _asked_by(user).filter(client_id__in=ids, created_at__gte=since)
    if within is not None:
        sent = sent.filter(conversation=within)
    for message in sent.select_related("asked_in").order_by("-created_at")[:_CANDIDATES]:
        turn = message.asked_in
        if turn.status in (Turn.Status.FAILED, Turn.Status.STOPPED):
            continue
        history = wish.talk.history
        if not wish.is_retry and not cache.get(_cut_key(turn.pk)):
            continue
        if within is not None or not history or _holds(message.conversation_id, message.position, history):
            return Place(message.conversation_id, message.client_id, "repeated")
    return None


def _continued(user: "User", history: Sequence[Said]) -> Conversation | None:
    """Return the conversation that a history is of: one that ends with it, else the only one that has it.

    Where the same was said in several conversations, which may be those of several people behind one key,
    none is gone on with that has gone on elsewhere.
    """
    ids = _ids(user, _scope(history[:-1]), history[-1].question)
    found = _asked_by(user).filter(client_id__in=ids, conversation__closed_at=None)
    holding: dict[UUID, Conversation] = {}
    for message in found.select_related("conversation").order_by("-created_at")[:_CANDIDATES]:
        if not _holds(message.conversation_id, message.position + 1, history):
            continue
        if _is_last(message):
            return message.conversation
        holding[message.conversation_id] = message.conversation
    return next(iter(holding.values())) if len(holding) == 1 else None


def _holds(conversation_id: UUID, before: int, history: Sequence[Said]) -> bool:
    """Tell whether the turns of a conversation before a position end with what the client's history says."""
    turns = Turn.objects.filter(conversation_id=conversation_id, position__lt=before)
    turns = turns.select_related("question", "answer").order_by("-position")
    known = iter(turns[: 4 * len(history) + _SAME_AGAIN])
    return all(any(_is_same(said, turn) for turn in known) for said in reversed(history))


def _is_same(said: Said, turn: Turn) -> bool:
    """Tell whether the client has a turn as it was, as far as it came: marks and spaces may have gone."""
    ours = _letters(turn.answer.text) if turn.answer else ""
    return _words(said.question) == _words(turn.question.text) and ours.startswith(_letters(said.answer))


def _is_last(message: Message) -> bool:
    later = Turn.objects.filter(conversation_id=message.conversation_id, position__gt=message.position)
    return not later.filter(Q(answer__isnull=False) | Q(status__in=Turn.UNFINISHED)).exists()


def _in(conversation: Conversation, ids: Sequence[UUID], history: History) -> Place:
    used = set(
        Message.objects.filter(conversation=conversation, client_id__in=ids).values_list(
            "client_id", flat=True
        )
    )
    free = next((one for one in ids if one not in used), None) or uuid4()
    return Place(conversation.pk, free, history)


def _begun(user: "User", wish: Wish, ids: Sequence[UUID], history: History) -> Place:
    conversation = conversations.open_conversation(user, accept_language=wish.accept_language)
    return Place(conversation.pk, ids[0], history, is_new=True)


def _asked_by(user: "User") -> QuerySet[Message]:
    return Message.objects.filter(conversation__in=Conversation.objects.visible_to(user))


def _scope(history: Sequence[Said]) -> str:
    return f"question {_words(history[-1].question)}" if history else ""


def _ids(user: "User", scope: str, question: str) -> list[UUID]:
    """Return the ids that a question may have which is asked in a place, each for once."""
    words = _words(question)
    return [one for count in range(_SAME_AGAIN) for one in _digests(user, scope, f"{words}\0{count}")]


def _digests(user: "User", scope: str, what: str) -> list[UUID]:
    return [UUID(digest) for digest in _SEAL.digests(f"{scope}\0{what}", str(user.pk))]


def _words(text: str) -> str:
    return " ".join(text.replace("\0", "").split())


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, _FOOTNOTE.sub("", text))).casefold()


def _cut_key(turn_id: UUID) -> str:
    return f"openai-cut:{turn_id}"
