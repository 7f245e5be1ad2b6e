"""What one message counts under."""

from uuid import UUID

from accounts.limits.rules import Use, rule
from accounts.models import User

MINUTE_SECONDS = 60


def uses_of_message(
    user: User, conversation: UUID, *, over_http: bool, plan_rate: int | None = None
) -> list[Use]:
    """Return all that a message of ``user`` counts under; taken together, in one round trip.

    Args:
        user: who sends it. A conversation's log is theirs, too: nobody can spend what is somebody else's.
        conversation: where it goes.
        over_http: whether it comes over REST or a form, and not over the conversation's socket.
        plan_rate: messages a minute that the person's plan allows, over all carriers and conversations
            together, instead of the desk's own limits; None: those hold.
    """
    of_user = rule("user_messages")
    if plan_rate is not None and of_user.limit:
        return [Use(of_user.at(plan_rate, MINUTE_SECONDS), user.pk)]
    uses = [Use(rule("conversation_messages"), f"{user.pk}:{conversation}")]
    if over_http:
        uses.append(Use(of_user, user.pk))
    return uses
