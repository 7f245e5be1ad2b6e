"""What the desk keeps: conversations, messages, turns and the citations of their answers."""

from chat.models.conversations import Conversation, Message
from chat.models.questions import Trial, WeakQuestion
from chat.models.turns import Citation, Turn

__all__ = ("Citation", "Conversation", "Message", "Trial", "Turn", "WeakQuestion")
