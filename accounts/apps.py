"""Django application: accounts."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, sign-in and, in time, plans and limits."""

    name = "accounts"

    def ready(self) -> None:
        """Connect what listens to changes of people."""
        from accounts.audit import signals as audit_signals
        from accounts.limits import checks  # noqa: F401  (importing registers them)
        from accounts.privacy import own

        audit_signals.connect()
        own.connect()
        from accounts import sessions  # noqa: F401  models are ready only now
        from accounts.tokens import endings, schema  # noqa: F401

        endings.connect()
