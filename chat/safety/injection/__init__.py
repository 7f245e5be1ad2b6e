"""Instructions hidden in documents: what addresses a model is cut from a passage before a model reads it."""

from chat.safety.injection.passages import Disarmed, disarmed

__all__ = ["Disarmed", "disarmed"]
