"""Asking again what got no whole answer."""

from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid5

from django.utils.translation import gettext

from chat.conversations import Submitted, submit
from chat.database import in_database
from chat.errors import NotFound, WrongState
from chat.models import Turn

if TYPE_CHECKING:
    from accounts.models import User

_NAMESPACE: Final = UUID("0c0f8d0a-1d5f-4a0e-9a55-3f2b6a7de0f1")


async def retry(user: "User", turn_id: UUID, client_id: UUID | None = None) -> Submitted:
    """Ask the question of a failed or stopped turn once more; what is answered is a turn of its own.

    A turn's events end with its final one, so the former turn stays as it is. Sent again, the same turn
    with the same ``client_id`` (or without one) gives the same new turn and begins nothing.

    Raises:
        NotFound: there is no such turn, or it is somebody else's.
        WrongState: ``turn_not_finished``, or ``turn_completed``: it has its answer.
        RateLimited, ConversationClosed, NotSaved: as a message that is sent.
    """
    turn = await in_database(_asked, user, turn_id)
    again = client_id or uuid5(_NAMESPACE, str(turn.pk))
    return await submit(user, turn.conversation_id, turn.question.text, again, over_http=True)


def _asked(user: "User", turn_id: UUID) -> Turn:
    turn = Turn.objects.visible_to(user).select_related("question").filter(pk=turn_id).first()
    if turn is None:
        raise NotFound(gettext("There is no such turn."))
    if not turn.is_finished:
        words = gettext("The answer is still being written. Stop it first, or wait for it.")
        raise WrongState(words, code="turn_not_finished", retryable=True)
    if turn.status == Turn.Status.COMPLETED:
        raise WrongState(gettext("This question has its answer. Ask it anew instead."), code="turn_completed")
    return turn
