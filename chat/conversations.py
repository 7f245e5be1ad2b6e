"""What every edge calls: open a conversation, submit a question, follow and stop its turn.

Acknowledged means saved: ``submit`` checks everything that can fail because of the person, then saves the
message and its turn in one transaction, and only then answers.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import Error as DatabaseFailure
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext

from accounts import audit, limits
from accounts.language import grouped
from accounts.limits.messages import uses_of_message
from accounts.spending.plans import known_plan_of, plan_of
from chat import erasure, privacy
from chat.database import in_database
from chat.dispatch import dispatch
from chat.errors import ConversationClosed, MessageRefused, NotFound, NotSaved, RateLimited
from chat.events import FIRST, EventId, Frame, frame_of, signals
from chat.events.log import event_log
from chat.events.types import MessageAccepted, TurnStopped
from chat.models import Conversation, Message, Turn
from chat.origin import request_id
from chat.safety.crisis import is_possible_crisis
from chat.turn.carrier import carrier
from chat.turn.ending import append_final, gone_frame
from chat.turn.outcome import final_event, message_json

if TYPE_CHECKING:
    from accounts.models import User

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Submitted:
    """A question that is saved.

    Attributes:
        accepted: the frame that says so; the first of the turn.
        is_new: False when the same client id had been sent before.
        limit_headers: what an answer over HTTP tells of the limits.
    """

    turn: Turn
    message: Message
    accepted: Frame
    is_new: bool
    limit_headers: dict[str, str]


def open_conversation(
    user: "User", conversation_id: UUID | None = None, *, accept_language: str = "", **first: Any
) -> Conversation:
    """Begin a conversation owned by ``user``; one with the same id, made of a key of theirs, is found again.

    ``accept_language`` is what the browser asks for; it tells where help lines are to be found. ``first`` are
    further fields of a new one.

    Raises:
        NotFound: the id is somebody else's.
    """
    first |= {"owner": user, "accept_language": accept_language[:64]}
    if conversation_id is None:
        return Conversation.objects.create(**first)
    conversation, _ = Conversation.objects.get_or_create(pk=conversation_id, defaults=first)
    if conversation.owner_id != user.pk:
        raise NotFound
    return conversation


def get_conversation(user: "User", conversation_id: UUID) -> Conversation:
    """Return a conversation that ``user`` may see.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    try:
        return Conversation.objects.visible_to(user).get(pk=conversation_id)
    except Conversation.DoesNotExist:
        raise NotFound from None


def get_turn(user: "User", turn_id: UUID) -> Turn:
    """Return a turn that ``user`` may see.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    try:
        return Turn.objects.visible_to(user).get(pk=turn_id)
    except Turn.DoesNotExist:
        raise NotFound(gettext("There is no such turn.")) from None


def check_message(text: str) -> str:
    """Return the text as it will be saved.

    Raises:
        MessageRefused: it is empty or too long.
    """
    text = text.replace("\x00", "").strip()
    if not text:
        raise MessageRefused(gettext("The message is empty."), code="message_empty")
    most = settings.MESSAGE_MAX_CHARACTERS
    if len(text) > most:
        words = gettext("The message has %(length)s characters; %(most)s is the most.")
        shown = {"length": grouped(len(text)), "most": grouped(most)}
        raise MessageRefused(words % shown, code="message_too_long")
    return text


def delete(user: "User", conversation_id: UUID) -> None:
    """Delete a conversation for good, wherever something of it stands; a running answer ends first.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    conversation = get_conversation(user, conversation_id)
    with transaction.atomic():
        if erasure.erase([conversation.pk]) == 0:  # somebody was quicker
            raise NotFound
        target = ("chat.conversation", conversation_id)
        audit.record(audit.Act.CONVERSATION_DELETED, actor=user, target=target)


def export(user: "User", conversation_id: UUID) -> dict[str, Any]:
    """Return a conversation with everything that belongs to it (``privacy.markdown`` makes a text of it).

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    conversation = get_conversation(user, conversation_id)
    audit.record(audit.Act.CONVERSATION_EXPORTED, actor=user, target=conversation)
    return privacy.conversation_json(conversation)


async def submit(
    user: "User",
    conversation_id: UUID,
    text: str,
    client_id: UUID | None = None,
    *,
    over_http: bool = False,
    in_batch: bool = False,
) -> Submitted:
    """Take a question: save it with its turn, acknowledge, have it answered.

    The same ``client_id`` again gives the same message, begins nothing and counts under no limit.
    ``over_http`` tells that it did not come over the conversation's socket: such messages have a limit of
    their own. So have those of a batch (``in_batch``), counted when it was taken; only the rate of the
    person's plan holds for them, too.

    Raises:
        RateLimited: too many messages; it says when the next may come.
        MessageRefused, NotFound, ConversationClosed: because of the person; the same ``client_id`` with other
            words is refused too.
        NotSaved: the database could not take it; nothing was saved.
    """
    text = check_message(text)
    way = {"over_http": over_http, "in_batch": in_batch}
    counted = await _counted(user, conversation_id, text, client_id, **way)
    try:
        turn, message, is_new = await in_database(_save, user, conversation_id, text, client_id)
    except DatabaseFailure as error:
        await limits.give_back(counted)
        raise NotSaved from error
    if not is_new:
        await limits.give_back(counted)
        if message.text != text:
            raise MessageRefused(
                gettext("This id was sent before, with other words."), code="client_id_reused"
            )
    submitted = Submitted(turn, message, _accepted(turn, message), is_new, counted.headers)
    if is_new:
        logger.info("message_accepted", turn=str(turn.pk), conversation=str(conversation_id))
        event_log().append(turn.pk, submitted.accepted)
        await event_log().flush(turn.pk)
        await signals.turn_began(conversation_id, turn.pk)
        if turn.conversation.is_archived:  # until now: a question takes it back out
            await signals.conversation_changed(conversation_id)
        await dispatch(turn.pk)
    return submitted


async def follow(turn: Turn, after: EventId | None = None) -> AsyncIterator[Frame]:
    """Yield a turn's events after the cursor as they come, ending with the final one.

    The log tells what happens; the database knows the outcome, also when the log is gone. The whole state of
    a finished turn is its question and its final event; a cursor that cannot be right gives that.
    """
    if turn.is_finished:
        accepted, final = await in_database(_whole_state, turn.pk)
        if after is None or after > final.id:
            yield accepted
        if after != final.id:
            yield final
        return
    async for frame in event_log().follow(turn.pk, after):
        if frame is not None:
            yield frame
        elif (outcome := await _outcome_if_known(turn)) is not None:
            yield outcome
            return


async def stop(turn: Turn) -> None:
    """End a turn, whichever process runs it; what was written so far is kept."""
    stopped_in_queue = await in_database(_ask_to_stop, turn.pk)
    if stopped_in_queue:
        nothing_written = TurnStopped(message=None, citations=[])
        await append_final(turn.pk, turn.conversation_id, 0, nothing_written, seq=2)
    elif not carrier().stop(turn.pk):
        await signals.stop_turn(turn.pk)


def unfinished_turns(conversation_id: UUID) -> list[Turn]:
    """Return the conversation's queued and running turns in order."""
    return list(Turn.objects.unfinished().filter(conversation_id=conversation_id).order_by("position"))


def final_frame(turn_id: UUID) -> Frame | None:
    """Return the final event of a turn as its log has it; None while it is not finished, or gone."""
    turn = Turn.objects.select_related("answer").filter(pk=turn_id).first()
    if turn is None or not turn.is_finished:
        return None
    event = final_event(turn, list(turn.citations.all()))
    event_id = EventId(turn.attempt, turn.final_seq)
    return frame_of(event, turn=turn.pk, conversation=turn.conversation_id, event_id=event_id)


async def _outcome_if_known(turn: Turn) -> Frame | None:
    """Ask the database for the final event; None also while it is away: whoever follows asks again soon."""
    try:
        return await in_database(_outcome, turn)
    except DatabaseFailure as error:
        logger.warning("outcome_not_known", turn=str(turn.pk), reason=str(error))
        return None


def _outcome(turn: Turn) -> Frame | None:
    if (final := final_frame(turn.pk)) is not None or Turn.objects.filter(pk=turn.pk).exists():
        return final
    return gone_frame(turn.pk, turn.conversation_id)  # deleted, and its log with it


async def _counted(
    user: "User", conversation_id: UUID, text: str, client_id: UUID | None, *, over_http: bool, in_batch: bool
) -> limits.Decision:
    """Count a message; one that was sent before goes through, as it begins nothing, and so does one of a
    person in danger.
    """
    try:
        plan = known_plan_of(user.pk) or await in_database(plan_of, user.pk)
    except DatabaseFailure as error:
        raise NotSaved from error
    rate = plan.messages_per_minute
    if in_batch and rate is None:
        return limits.UNLIMITED
    uses = uses_of_message(user, conversation_id, over_http=over_http, plan_rate=rate)
    decision = await limits.take_all(*uses)
    if decision.allowed:
        return decision
    if is_possible_crisis(text):
        return limits.UNLIMITED
    try:
        was_sent = await in_database(_was_sent, user, conversation_id, client_id)
    except DatabaseFailure as error:
        raise NotSaved from error
    if not was_sent:
        raise RateLimited(decision.retry_seconds, decision.headers)
    return limits.UNLIMITED


def _was_sent(user: "User", conversation_id: UUID, client_id: UUID | None) -> bool:
    sent = Message.objects.filter(conversation_id=conversation_id, conversation__owner=user)
    return client_id is not None and sent.filter(client_id=client_id).exists()


def _whole_state(turn_id: UUID) -> tuple[Frame, Frame]:
    turn = Turn.objects.select_related("question").get(pk=turn_id)
    return _accepted(turn, turn.question), final_frame(turn_id)


def _save(
    user: "User", conversation_id: UUID, text: str, client_id: UUID | None
) -> tuple[Turn, Message, bool]:
    try:
        with transaction.atomic():
            return *_insert(user, conversation_id, text, client_id), True
    except IntegrityError:
        before = Message.objects.filter(
            conversation_id=conversation_id, client_id=client_id, conversation__owner=user
        )
        message = before.select_related("asked_in").first()
        if client_id is None or message is None:
            raise
        return message.asked_in, message, False


def _insert(user: "User", conversation_id: UUID, text: str, client_id: UUID | None) -> tuple[Turn, Message]:
    conversation = (
        Conversation.objects.visible_to(user).select_for_update().filter(pk=conversation_id).first()
    )
    if conversation is None:
        raise NotFound
    if not conversation.is_open:
        raise ConversationClosed
    now = timezone.now()
    position = conversation.message_count + 1
    message = Message.objects.create(
        conversation=conversation,
        position=position,
        role=Message.Role.USER,
        text=text,
        client_id=client_id,
        created_at=now,
    )
    turn = Turn.objects.create(
        conversation=conversation,
        position=position,
        question=message,
        request_id=request_id(),
        created_at=now,
        deadline_at=Turn.new_deadline(),
    )
    Conversation.objects.filter(pk=conversation_id).update(
        message_count=F("message_count") + 1,
        last_message_at=now,
        title=conversation.title or conversation.title_from(text),
        archived_at=None,
    )
    return turn, message


def _accepted(turn: Turn, message: Message) -> Frame:
    event = MessageAccepted(message=message_json(message, turn=turn.pk))
    return frame_of(event, turn=turn.pk, conversation=turn.conversation_id, event_id=FIRST)


def _ask_to_stop(turn_id: UUID) -> bool:
    """Note the wish; tell whether the turn had not begun and is thereby stopped."""
    now = timezone.now()
    turn = Turn.objects.filter(pk=turn_id)
    if turn.filter(status=Turn.Status.QUEUED).update(
        status=Turn.Status.STOPPED, stop_requested_at=now, finished_at=now, final_seq=2
    ):
        return True
    turn.filter(status=Turn.Status.RUNNING).update(stop_requested_at=now)
    return False
