"""Errors a person may be told about: each with a code, words for the person, and whether a retry helps.

ChatError
├── MessageRefused   the message itself cannot be taken (empty, too long, …)
├── NotFound         no such thing, or not yours: the answer is the same
├── ConversationClosed
├── Changed          it is not any more what the client has seen
├── WrongState       the turn is not in a state for this
├── NotAllowed       the application that asks was not given the right
├── NotSaved         the database could not take it
├── RateLimited      too often; it says when again
└── TurnFailed       a turn ended without an answer
    └── AllowanceSpent   the person's plan has no room for one, and says so
"""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext


class ChatError(Exception):
    """An outcome that the person is told, in the language that is active where it is raised.

    Args:
        code: stable name for programs.
        words: plain sentence for the person.
        retryable: whether the same request may succeed later.
    """

    code = "error"
    words = _("Something went wrong.")
    retryable = False

    def __init__(self, words: str | None = None, *, code: str | None = None, retryable: bool | None = None):
        self.words = str(words or self.words)
        self.code = code or self.code
        self.retryable = self.retryable if retryable is None else retryable
        super().__init__(self.words)


class MessageRefused(ChatError):
    """The message itself cannot be taken."""

    code = "message_refused"
    words = _("This message cannot be sent.")


class NotFound(ChatError):
    """No such thing, or somebody else's: both get this answer, so that nothing is learnt from asking."""

    code = "not_found"
    words = _("There is no such conversation.")


class ConversationClosed(ChatError):
    """The conversation takes no more messages."""

    code = "conversation_closed"
    words = _("This conversation is closed. Please start a new one.")


class WrongState(ChatError):
    """What is asked for does not fit the state that the turn is in; ``code`` tells which."""

    code = "wrong_state"
    words = _("This cannot be done with this answer.")


class Changed(ChatError):
    """The thing is not any more what the client has seen; nothing was done."""

    code = "changed"
    words = _("This was changed meanwhile. Fetch it again, and send the ETag you then get.")


class NotAllowed(ChatError):
    """An application of others asks for more than the person has granted."""

    code = "insufficient_scope"
    words = _("This application has not been given the right to do this.")


class NotSaved(ChatError):
    """The database could not take it; nothing was acknowledged."""

    code = "not_saved"
    words = _("Saving is not possible right now. Your text is still here; please try again in a moment.")
    retryable = True


class RateLimited(ChatError):
    """Something was done too often; nothing was saved.

    Args:
        retry_after: whole seconds until the same may be done.
        headers: what an answer over HTTP tells of the limit.
    """

    code = "rate_limited"
    retryable = True

    def __init__(self, retry_after: int, headers: dict[str, str] | None = None):
        self.retry_after, self.headers = retry_after, headers or {}
        words = ngettext(
            "That was too much at once. You can send again in %(seconds)s second.",
            "That was too much at once. You can send again in %(seconds)s seconds.",
            retry_after,
        )
        super().__init__(words % {"seconds": retry_after})


class TurnFailed(ChatError):
    """A turn ended without an answer."""

    code = "turn_failed"
    words = _("The answer could not be finished. Please try again.")
    retryable = True


class AllowanceSpent(TurnFailed):
    """The person's plan has no room for an answer before its next day or month."""

    code = "allowance_spent"
    words = _("You have used what your plan allows for now.")
    retryable = False
