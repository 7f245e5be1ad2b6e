"""Django application: webhooks."""

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    """Tells other systems of what happens at the desk."""

    name = "webhooks"

    def ready(self) -> None:
        """Listen to what is told of, and say how long it is kept."""
        from webhooks import outbox, privacy

        outbox.connect()
        privacy.connect()
