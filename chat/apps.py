"""Django application: chat."""

from django.apps import AppConfig


class ChatConfig(AppConfig):
    """Conversations, turns, events and their edges."""

    name = "chat"

    def ready(self) -> None:
        """Register the system checks."""
        from chat import checks  # noqa: F401  (registering is what the import is for)
