"""Django application: accounts."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, sign-in and, in time, plans and limits."""

    name = "accounts"
