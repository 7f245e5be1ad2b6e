"""Stage 1: make the person's text plain before anything reads it."""

from django.utils.translation import gettext

from chat.errors import TurnFailed
from chat.safety.sanitise import sanitise
from chat.turn.context import TurnContext


async def screen(context: TurnContext) -> None:
    """Take what is invisible out of the question.

    Raises:
        TurnFailed: nothing readable is left.
    """
    context.question = sanitise(context.question)
    if not context.question:
        raise TurnFailed(
            gettext("There was nothing readable in that message."), code="message_empty", retryable=False
        )
