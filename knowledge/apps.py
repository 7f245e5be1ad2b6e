"""Django application: knowledge."""

from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    """Documents, search and records."""

    name = "knowledge"
    verbose_name = "Knowledge"
