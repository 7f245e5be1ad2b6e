"""How customers sound and how soon they travel, understood from cues, or by a model where that is set."""

from chat.turn.tone.reading import Mood, Reading, Sentiment, read
from chat.turn.tone.urgency import is_urgent

__all__ = ["Mood", "Reading", "Sentiment", "is_urgent", "read"]
