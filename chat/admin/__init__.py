"""The staff edge of the chat: conversations, their turns, and questions that found too little."""

from chat.admin import batches, conversations, crisis, labelled, questions, ratings, trial

__all__ = ["batches", "conversations", "crisis", "labelled", "questions", "ratings", "trial"]
