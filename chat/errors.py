"""Errors a person may be told about: each with a code, words for the person, and whether a retry helps.

ChatError
├── MessageRefused   the message itself cannot be taken (empty, too long, …)
├── NotFound         no such thing, or not yours: the answer is the same
├── ConversationClosed
├── NotAllowed       the application that asks was not given the right
├── NotSaved         the database could not take it
├── RateLimited      too often; it says when again
└── TurnFailed       a turn ended without an answer
    └── AllowanceSpent   the person's plan has no room for one, and says so
"""


class ChatError(Exception):
    """An outcome that the person is told.

    Args:
        code: stable name for programs.
        words: plain sentence for the person.
        retryable: whether the same request may succeed later.
    """

    code = "error"
    words = "Something went wrong."
    retryable = False

    def __init__(self, words: str | None = None, *, code: str | None = None, retryable: bool | None = None):
        self.words = words or self.words
        self.code = code or self.code
        self.retryable = self.retryable if retryable is None else retryable
        super().__init__(self.words)


class MessageRefused(ChatError):
    """The message itself cannot be taken."""

    code = "message_refused"
    words = "This message cannot be sent."


class NotFound(ChatError):
    """No such thing, or somebody else's: both get this answer, so that nothing is learnt from asking."""

    code = "not_found"
    words = "There is no such conversation."


class ConversationClosed(ChatError):
    """The conversation takes no more messages."""

    code = "conversation_closed"
    words = "This conversation is closed. Please start a new one."


class NotAllowed(ChatError):
    """An application of others asks for more than the person has granted."""

    code = "insufficient_scope"
    words = "This application has not been given the right to do this."


class NotSaved(ChatError):
    """The database could not take it; nothing was acknowledged."""

    code = "not_saved"
    words = "Saving is not possible right now. Your text is still here; please try again in a moment."
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
        seconds = "1 second" if retry_after == 1 else f"{retry_after} seconds"
        super().__init__(f"That was too much at once. You can send again in {seconds}.")


class TurnFailed(ChatError):
    """A turn ended without an answer."""

    code = "turn_failed"
    words = "The answer could not be finished. Please try again."
    retryable = True


class AllowanceSpent(TurnFailed):
    """The person's plan has no room for an answer before its next day or month."""

    code = "allowance_spent"
    words = "You have used what your plan allows for now."
    retryable = False
