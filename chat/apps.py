"""Django application: chat."""

from django.apps import AppConfig


class ChatConfig(AppConfig):
    """Conversations, turns, events and their edges."""

    name = "chat"

    def ready(self) -> None:
        """Register the system checks, what becomes of people's data, and whose access ends."""
        from accounts.signals import access_ended, access_moved
        from chat import batches, checks, erasure, privacy  # noqa: F401  (registering is what importing checks is for)
        from chat.sockets import tell_ended, tell_moved

        access_ended.connect(tell_ended, dispatch_uid="sockets-ended")
        access_moved.connect(tell_moved, dispatch_uid="sockets-moved")
        erasure.connect()
        privacy.connect()
        batches.connect()
