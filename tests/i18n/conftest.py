"""The chat's sockets and conversations, for its words."""

from tests.chat.conftest import conversation, desk, worker

__all__ = ["conversation", "desk", "worker"]
