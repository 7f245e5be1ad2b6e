"""Django applications of the project itself."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class ChatsiteConfig(AppConfig):
    """The wiring: commands, template tags and checks that concern all apps."""

    name = "chatsite"
    default = True
    verbose_name = "Chatsite"

    def ready(self) -> None:
        """Have ids of requests, and spans, carried to workers, and this process's pace counted."""
        from chat.signals import turn_settled
        from chatsite import tracing
        from chatsite.pace import note_settled

        tracing.connect()
        turn_settled.connect(note_settled, dispatch_uid="pace")


class ChatsiteAdminConfig(admin_apps.AdminConfig):
    """Django admin under the product's name."""

    default = False
    default_site = "chatsite.admin_site.DeskAdminSite"
