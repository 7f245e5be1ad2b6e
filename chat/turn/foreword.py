"""The desk's own words before an answer that no model wrote: they acknowledge how the person feels.

They are fixed, reviewed texts. They go in behind every filter that judges an answer's claims, hold no fact,
no number and no promise, and have no footnote.
"""

from chat.models import Turn
from chat.turn.context import TurnContext
from chat.turn.wording import sentence


class Foreword:
    """Puts words before a text as it flows; where no text comes, there are no words either.

    Args:
        words: what to put; empty for nothing.
    """

    def __init__(self, words: str) -> None:
        self._words = words

    def feed(self, piece: str) -> str:
        """Return the piece, the first with the words before it."""
        if not piece or not self._words:
            return piece
        words, self._words = self._words, ""
        return f"{words}\n\n{piece}"

    def finish(self) -> str:
        """Return nothing: nothing is held back."""
        return ""


def foreword(context: TurnContext, *, quoting: bool) -> str:
    """Return the words for an answer: none for one that a model writes, or wrote, in the strategy's tone.

    Args:
        context: with the strategy, and the ready reply where there is one.
        quoting: whether what comes is quoted.
    """
    is_fixed = context.reply is not None and context.reply.source == Turn.Source.FIXED
    if not context.strategy.acknowledges or not (quoting or is_fixed) or context.intent == "small_talk":
        return ""
    again = "_again" if context.strategy.is_repeated else ""
    return sentence(f"feel_{context.strategy.acknowledges}{again}", context.language)
