"""What comes of a try, and the words for it."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a try.

    Attributes:
        status: of the answer; None without one.
        error: a code of ``ERRORS``; empty where it was delivered.
        ms: how long it took.
        response: the beginning of the answer, or words about the failure.
        retry_after: seconds that the receiver asks to be left alone.
    """

    status: int | None = None
    error: str = ""
    ms: int = 0
    response: str = ""
    retry_after: float = 0.0


ERRORS: Final = {
    "status": "The receiver refused it",
    "redirect": "The receiver redirects, which is not followed",
    "timeout": "No answer in time",
    "connect": "No connection",
    "tls": "The receiver's certificate is not good",
    "protocol": "The answer was not HTTP",
    "url": "The address is not allowed",
    "name": "The name was not found",
    "address": "The name leads to an address that is not allowed",
    "secret": "The secret cannot be read: the desk's SECRET_KEY was changed. Rotate the secret",
    "interrupted": "The process that sent it ended; the receiver may have got it",
}
