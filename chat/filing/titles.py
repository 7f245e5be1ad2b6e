"""What a conversation may be called."""

import unicodedata

from django.utils.translation import gettext as _

from chat.errors import MessageRefused
from chat.models import Conversation, Message
from chat.models.conversations import TITLE_CHARACTERS


def checked_title(text: str) -> str:
    """Return a title as it will be saved: one line, without characters that nobody sees.

    Raises:
        MessageRefused: it is too long.
    """
    shown = "".join(
        " " if char.isspace() else char for char in text if char.isspace() or not _is_control(char)
    )
    title = " ".join(shown.split())
    if len(title) > TITLE_CHARACTERS:
        words = _("The title has %(length)s characters; %(most)s is the most.")
        words %= {"length": len(title), "most": TITLE_CHARACTERS}
        raise MessageRefused(words, code="title_too_long")
    return title


def title_of_first_question(conversation: Conversation) -> str:
    """Return the title that the first question gives; empty while nothing was asked."""
    asked = conversation.messages.filter(role=Message.Role.USER).order_by("position")
    first = asked.values_list("text", flat=True).first()
    return conversation.title_from(first) if first else ""


def _is_control(char: str) -> bool:
    """Tell whether a character commands instead of showing: C0, C1, and those that turn the line around."""
    return (
        unicodedata.category(char) in ("Cc", "Cs")
        or char in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    )
