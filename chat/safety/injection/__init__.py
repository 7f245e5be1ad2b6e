"""Instructions hidden in documents: what addresses a model is cut from a passage before a model reads it."""

from chat.safety.injection.passages import Disarmed, disarmed, disarmed_passage, without_marks_of_roles

__all__ = ["Disarmed", "disarmed", "disarmed_passage", "without_marks_of_roles"]
