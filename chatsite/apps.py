"""Django applications of the project itself."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class ChatsiteConfig(AppConfig):
    """The wiring: commands, template tags and checks that concern all apps."""

    name = "chatsite"
    default = True
    verbose_name = "Chatsite"


class ChatsiteAdminConfig(admin_apps.AdminConfig):
    """Django admin under the product's name."""

    default = False
    default_site = "chatsite.admin_site.DeskAdminSite"
