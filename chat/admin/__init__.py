"""The staff edge of the chat: conversations, their turns, and questions that found too little."""

from chat.admin import conversations, crisis, questions, trial

__all__ = ["conversations", "crisis", "questions", "trial"]
