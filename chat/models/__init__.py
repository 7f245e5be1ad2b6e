"""What the desk keeps: conversations, messages, turns and the citations of their answers."""

from chat.models.conversations import Conversation, Message
from chat.models.crisis import CareText, ConversationFlag, HelpLine
from chat.models.personal import PersonalValues
from chat.models.questions import Trial, WeakQuestion
from chat.models.turns import Citation, Turn

__all__ = (
    "CareText",
    "Citation",
    "Conversation",
    "ConversationFlag",
    "HelpLine",
    "Message",
    "PersonalValues",
    "Trial",
    "Turn",
    "WeakQuestion",
)
