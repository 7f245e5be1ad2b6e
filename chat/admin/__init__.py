"""The staff edge of the chat: conversations, their turns, and questions that found too little."""

from chat.admin import conversations, questions, trial

__all__ = ["conversations", "questions", "trial"]
