"""Conversations and the turn: one question to one answer, and its way to whoever watches."""
