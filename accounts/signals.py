"""Signals of accounts: an access ended, or a session goes on under another key. Sent once it is committed.

``accounts`` does not know who listens; the sockets do. A signal may be lost on its way to another process:
whoever holds something open on an access also asks now and then (``accounts.tokens.access.ended_among``).
"""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction
from django.dispatch import Signal

if TYPE_CHECKING:
    from accounts.models import ApiKey

access_ended = Signal()  # ended: Ended
access_moved = Signal()  # moved: Moved


@dataclass(frozen=True, slots=True)
class Ended:
    """What ended.

    Attributes:
        user_id: whose it was.
        handle: of what ended (``accounts.tokens.access.handle_of``); empty: all that the person has open.
        kept: handle of the one that goes on even so; empty: none does.
    """

    user_id: int
    handle: str = ""
    kept: str = ""


@dataclass(frozen=True, slots=True)
class Moved:
    """A session that was given a new key, as Django does when a password is changed.

    Attributes:
        user_id: whose it is.
        handle: of the session as it was.
        source: the new key, a secret.
        stamp: its new proof of the password.
    """

    user_id: int
    handle: str
    source: str
    stamp: str


def end(ended: Ended) -> None:
    """Tell that an access ended, once the present transaction is committed (now, if there is none)."""
    transaction.on_commit(partial(access_ended.send_robust, Ended, ended=ended), robust=True)


def end_key(key: "ApiKey") -> None:
    """Tell that a personal API key ended."""
    from accounts.tokens.access import Kind, handle_of  # which needs the models

    end(Ended(key.user_id, handle_of(Kind.KEY, key.pk)))
