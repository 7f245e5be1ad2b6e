"""Django application: knowledge."""

from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    """Documents, search and records."""

    name = "knowledge"
    verbose_name = "Knowledge"

    def ready(self) -> None:
        """Register the system checks, and let the search index follow every deletion and migration."""
        from knowledge import checks, privacy  # noqa: F401  (registering is what importing checks is for)
        from knowledge.documents import deletion
        from knowledge.search import after_migration

        deletion.connect()
        privacy.connect()
        after_migration.connect(self)
