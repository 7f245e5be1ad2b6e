"""Django application: knowledge."""

from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    """Documents, search and records."""

    name = "knowledge"
    verbose_name = "Knowledge"

    def ready(self) -> None:
        """Register the system checks, and let the search index follow every deletion and migration."""
        from knowledge import checks  # noqa: F401  (registering is what the import is for)
        from knowledge.documents import deletion
        from knowledge.search import after_migration

        deletion.connect()
        after_migration.connect(self)
