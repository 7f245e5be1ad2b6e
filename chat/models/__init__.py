"""What the desk keeps: conversations, messages, turns and the citations of their answers."""

from chat.models.batches import Batch, BatchItem
from chat.models.conversations import Conversation, Message
from chat.models.crisis import CareText, ConversationFlag, HelpLine
from chat.models.labelled import LabelledQuestion
from chat.models.personal import PersonalValues
from chat.models.questions import Trial, WeakQuestion
from chat.models.ratings import Rating
from chat.models.tools import ToolCall
from chat.models.turns import Citation, Turn

__all__ = (
    "Batch",
    "BatchItem",
    "CareText",
    "Citation",
    "Conversation",
    "ConversationFlag",
    "HelpLine",
    "LabelledQuestion",
    "Message",
    "PersonalValues",
    "Rating",
    "ToolCall",
    "Trial",
    "Turn",
    "WeakQuestion",
)
